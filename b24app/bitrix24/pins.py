"""Pins a record to the top of a card's timeline. Pure.

Only an application can unpin what an application has pinned: the portal shows no such control for log entries.

Docs: https://apidocs.bitrix24.com/api-reference/crm/timeline/actions/
"""

from b24app.bitrix24.calls import Call
from b24app.bitrix24.entities import Entity
from b24app.codes import Reason

# The refusal has no code of its own; its text says how many records a portal pins.
TOO_MANY = "0"
NOT_THERE = Reason.NOT_FOUND


def pin(entry_id: int, card: Entity) -> Call:
    return Call("crm.timeline.item.pin", _which(entry_id, card))


def unpin(entry_id: int, card: Entity) -> Call:
    return Call("crm.timeline.item.unpin", _which(entry_id, card))


def _which(entry_id: int, card: Entity) -> dict[str, int]:
    return {"id": entry_id, "ownerTypeId": card.type_id, "ownerId": card.id}
