"""Log messages at the top of a timeline."""

from __future__ import annotations

from ...crm.pins import Pins
from ..call import Call
from ..parameters import integer
from ..registry import method

REFUSALS = ("ACCESS_DENIED", "NOT_FOUND", "OWNER_NOT_FOUND", 100)
FIDELITY = "log messages only"


@method("crm.timeline.item.pin", scopes=("crm",), who="may edit the card", refusals=(*REFUSALS, 0), fidelity=FIDELITY)
def pin(call: Call) -> None:
    pins_of(call).pin(integer(call.parameters, "id"), card_of(call), call.person)


@method("crm.timeline.item.unpin", scopes=("crm",), who="may edit the card", refusals=REFUSALS, fidelity=FIDELITY)
def unpin(call: Call) -> None:
    pins_of(call).unpin(integer(call.parameters, "id"), card_of(call), call.person)


def pins_of(call: Call) -> Pins:
    return Pins(call.portal.state, call.portal.cards, call.portal.timelines)


def card_of(call: Call) -> tuple[int, int]:
    return integer(call.parameters, "ownerTypeId"), integer(call.parameters, "ownerId")
