"""Methods about the person who calls."""

from __future__ import annotations

from typing import Any

from ...errors import missing
from ..call import Call
from ..parameters import mapping, upper
from ..registry import method

GROUPS = {"AU": "All authorized users", "G1": "Administrators", "G2": "All users (with non-authorized users)"}


@method("profile")
def profile(call: Call) -> dict[str, Any]:
    person = call.person
    if not person.is_active:
        return {}
    return {
        "ID": str(person.id),
        "ADMIN": person.is_admin,
        "NAME": person.name,
        "LAST_NAME": person.last_name,
        "PERSONAL_GENDER": "",
        "TIME_ZONE": person.time_zone,
        **({} if person.time_zone_offset is None else {"TIME_ZONE_OFFSET": person.time_zone_offset}),
    }


@method("user.admin")
def admin(call: Call) -> bool:
    return call.person.is_admin


@method("user.access", refusals=(100,))
def access(call: Call) -> bool:
    own = {"AU", "G2", f"U{call.person.id}", f"IU{call.person.id}"}
    return call.person.is_admin or bool(own & set(asked(call)))


@method("access.name", refusals=(100,), fidelity="persons and three groups")
def access_name(call: Call) -> dict[str, Any] | bool:
    named = {code: description(call, code) for code in asked(call)}
    return {code: found for code, found in named.items() if found} or False


def asked(call: Call) -> list[str]:
    codes = upper(call.parameters).get("ACCESS")
    if codes in (None, "", []):
        raise missing("ACCESS")
    return [str(code) for code in mapping(codes).values()] or [str(codes)]


def description(call: Call, code: str) -> dict[str, str] | None:
    if code in GROUPS:
        return {"provider": "", "name": GROUPS[code], "provider_id": "group"}
    if code[:1] == "U" and code[1:].isdigit():
        person = call.portal.state.person(int(code[1:]))
        if person:
            return {"provider": "", "name": person.full_name, "provider_id": "user"}
    return None
