"""Log messages on a card's timeline."""

from __future__ import annotations

from typing import Any

from ...crm.timelines import NewLogMessage
from ...errors import missing, unsuitable
from ...model.records import LogMessage
from ..call import Call
from ..envelope import Page, php_rows
from ..parameters import integer, mapping, to_integer
from ..registry import method

PAGE = 10
ORDER_KEYS = ("id", "created")


@method(
    "crm.timeline.logmessage.add",
    scopes=("crm",),
    who="may edit the card",
    refusals=("ACCESS_DENIED", "OWNER_NOT_FOUND", 100),
)
def add(call: Call) -> dict[str, Any]:
    fields = mapping(call.parameters.get("fields"))
    if not fields:
        raise missing("fields")
    new = NewLogMessage(
        whole(fields, "entityTypeId"),
        whole(fields, "entityId"),
        text(fields, "title"),
        text(fields, "text"),
        text(fields, "iconCode"),
    )
    message = call.portal.timelines.add(new, call.person, call.client_id)
    return {"logMessage": description(message)}


@method("crm.timeline.logmessage.get", scopes=("crm",), who="may read the card", refusals=("NOT_FOUND", 100))
def get(call: Call) -> dict[str, Any]:
    return {"logMessage": description(call.portal.timelines.get(integer(call.parameters, "id"), call.person))}


@method(
    "crm.timeline.logmessage.list",
    scopes=("crm",),
    who="may read the card",
    refusals=("ACCESS_DENIED", 100),
    page=PAGE,
)
def messages(call: Call) -> Page:
    dialect = call.portal.state.dialect
    entity_type_id, entity_id = integer(call.parameters, "entityTypeId"), integer(call.parameters, "entityId")
    rows = call.portal.timelines.readable(entity_type_id, entity_id, call.person)
    if dialect.bound_rows == "untold":
        rows = own_rows(rows, (entity_type_id, entity_id))
    rows = ordered(rows, call.parameters.get("order"))
    start = max(to_integer(call.parameters.get(dialect.log_paging) or 0) or 0, 0)
    page = [description(message) for message in rows[start : start + PAGE]]
    spoil(page if start == 0 else [], dialect.log_rows)
    following = start + PAGE if start + PAGE < len(rows) or dialect.log_next == "endless" else None
    written = php_rows(page, dialect)
    return Page({"logMessages": written} if dialect.log_list == "keyed" else written, len(rows), following)


def own_rows(rows: list[LogMessage], card: tuple[int, int]) -> list[LogMessage]:
    """The rows that were added on this card, without those that are only bound to it."""
    return [row for row in rows if (row.entity_type_id, row.entity_id) == card]


@method(
    "crm.timeline.logmessage.delete",
    scopes=("crm",),
    who="may edit the card, same application",
    refusals=("ACCESS_DENIED", "NOT_FOUND", "REMOVING_DISABLED", 100),
)
def delete(call: Call) -> bool:
    call.portal.timelines.delete(integer(call.parameters, "id"), call.person, call.client_id)
    return True


def whole(fields: dict[str, Any], name: str) -> int:
    if fields.get(name) is None:
        raise missing(name)
    number = to_integer(fields[name])
    if number is None:
        raise unsuitable(name, fields[name])
    return number


def text(fields: dict[str, Any], name: str) -> str:
    """A text, which only has to be present and not null."""
    value = fields.get(name)
    if value is None or isinstance(value, (dict, list)):
        raise missing(name)
    return str(value)


def ordered(rows: list[LogMessage], order: Any) -> list[LogMessage]:
    """Sorts rows; only lower-case keys and directions count, anything else is silently ignored."""
    for key, direction in mapping(order).items():
        if key in ORDER_KEYS and direction in ("asc", "desc"):
            return sorted(rows, key=lambda row: (getattr(row, key), row.id), reverse=direction == "desc")
    return list(reversed(rows))


def spoil(page: list[dict[str, Any]], reading: str) -> None:
    """Removes a field from a row, as some portals do for imports or people who have left."""
    for row in page[:1]:
        row |= {"authorless": {"authorId": None}, "undated": {"created": None}}.get(reading, {})


def description(message: LogMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "created": message.created.isoformat(),
        "authorId": message.author_id,
        "title": message.title,
        "text": message.text,
        "iconCode": message.icon_code,
    }
