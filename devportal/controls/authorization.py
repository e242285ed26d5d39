"""Faults of the authorization server."""

from __future__ import annotations

from ..authority import RENEWAL_REFUSALS
from .control import Field, Given, control

GROUP = "Authorization server"
CODES = Field("code", "Code", "choice", "off", ("off", *RENEWAL_REFUSALS))
USES = Field("uses", "Uses", "choice", "1", ("1", "2"))


@control("refuse-renewal", GROUP, "Refuse to renew tokens", CODES)
def refuse_renewal(given: Given) -> None:
    code = given.choice("code", CODES.choices)
    given.portal.authority.renewal_refusal = "" if code == "off" else code


@control("refresh-uses", GROUP, "How often a refresh token works", USES)
def refresh_uses(given: Given) -> None:
    given.portal.authority.refresh_uses_allowed = int(given.choice("uses", USES.choices))
