"""Log messages on further cards."""

from __future__ import annotations

import re

from ... import errors
from ...crm import timeline_bindings
from ...crm.kinds import FIXED
from ...errors import ApiError
from ...model.records import LogMessage
from ..call import Call
from ..parameters import mapping, to_integer
from ..registry import method

# The five that older documentation lists.
OLD_TYPES = {"lead", "deal", "contact", "company", "order"}
DYNAMIC = re.compile(r"dynamic_([1-9][0-9]*)")
REFUSALS = ("", "ERROR_ARGUMENT", "ACCESS_DENIED")


@method("crm.timeline.bindings.bind", scopes=("crm",), who="may edit both cards", refusals=REFUSALS)
def bind(call: Call) -> bool:
    """Binds a message to a card, neither of which has to exist; without a right to the card, returns false."""
    number, card = asked(call)
    if not call.portal.cards.may_edit(call.person, *card):
        if call.portal.state.dialect.bindings == "old":
            raise errors.denied("Access denied.")
        return False
    if message := call.portal.state.log_messages.get(number):
        timeline_bindings.bind(call.portal.timelines, message, card)
    return True


@method("crm.timeline.bindings.unbind", scopes=("crm",), who="may edit the card", refusals=(*REFUSALS, "NOT_FOUND"))
def unbind(call: Call) -> bool:
    number, card = asked(call)
    if not call.portal.cards.may_edit(call.person, *card):
        return False
    message = call.portal.state.log_messages.get(number)
    if message is None or not timeline_bindings.unbind(call.portal.timelines, message, card):
        raise ApiError("NOT_FOUND", "Not found.")
    return True


@method("crm.timeline.bindings.list", scopes=("crm",), who="may read the card", refusals=("",))
def listed(call: Call) -> list[dict[str, str]]:
    number = to_integer(mapping(call.parameters.get("filter")).get("OWNER_ID") or 0)
    if not number:
        raise ApiError("", "OWNER_ID is not defined or invalid.")
    message = call.portal.state.log_messages.get(number)
    return [row(message, card) for card in timeline_bindings.cards_of(message)] if message else []


def row(message: LogMessage, card: tuple[int, int]) -> dict[str, str]:
    return {"OWNER_ID": str(message.id), "ENTITY_ID": str(card[1]), "ENTITY_TYPE": name_of(card[0])}


def asked(call: Call) -> tuple[int, tuple[int, int]]:
    """The message and the card in the parameters."""
    fields = mapping(call.parameters.get("fields"))
    if not fields:
        raise ApiError("ERROR_ARGUMENT", "Wrong params.")
    number, entity_id = (to_integer(fields.get(name) or 0) or 0 for name in ("OWNER_ID", "ENTITY_ID"))
    type_id = type_of(str(fields.get("ENTITY_TYPE") or "").lower(), call.portal.state.dialect.bindings)
    for name, is_there in {"OWNER_ID": number > 0, "ENTITY_ID": entity_id > 0, "ENTITY_TYPE": type_id}.items():
        if not is_there:
            raise ApiError("", f"{name} is not defined or invalid.")
    return number, (type_id, entity_id)


def type_of(name: str, reading: str) -> int:
    """The number of a type; 0 for an unknown one."""
    if reading == "old" and name not in OLD_TYPES:
        return 0
    if found := DYNAMIC.fullmatch(name):
        return int(found[1])
    return next((kind.entity_type_id for kind in FIXED if kind.code.lower() == name), 0)


def name_of(type_id: int) -> str:
    return next((kind.code.lower() for kind in FIXED if kind.entity_type_id == type_id), f"dynamic_{type_id}")
