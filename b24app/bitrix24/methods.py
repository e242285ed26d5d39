"""The methods that Logbook calls: how to call each and what its answer means. Nothing here uses the network.

Docs: https://apidocs.bitrix24.com/api-reference/
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from b24app.bitrix24.calls import LATEST_MOMENT, Call, Json, as_flag, as_list_of, as_map, as_number, as_rows
from b24app.bitrix24.entities import ORDER, Entity
from b24app.errors import AnswerLost, Refused

# The longest name that we store.
LONGEST_NAME = 255
# Seconds from UTC.
OFFSET = re.compile(r"[+-]?[0-9]{1,5}", re.ASCII)
DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Profile:
    """The owner of a token; ``is_administrator`` is about the portal, not its CRM."""

    id: int
    name: str
    is_administrator: bool
    time_zone: str


class Entry(NamedTuple):
    """A log entry as the portal returns it; some portals return neither its author nor its time."""

    id: int
    author_id: int | None
    created_at: datetime | None
    title: str
    text: str
    icon_code: str


@dataclass(frozen=True)
class Application:
    """What a portal says of this application; ``days_left`` is None if nothing expires."""

    status: str
    version: str
    days_left: int | None
    is_expired: bool


def application() -> Call:
    """Docs: …/api-reference/common/system/app-info.html"""
    return Call("app.info")


def read_application_code(result: Json) -> str:
    """The CODE of the application whose token was used, or its number if it has none."""
    fields = as_map(result)
    code = str(fields.get("CODE") or f"#{fields.get('ID') or ''}")
    if code == "#":
        raise AnswerLost(code="NO_APPLICATION", status=200)
    return code[:LONGEST_NAME]


def read_application(result: Json) -> Application:
    """``status`` is one letter: L, F, D, T, P or S."""
    fields = as_map(result)
    days = str(fields.get("DAYS") or "")
    return Application(
        status=str(fields.get("STATUS") or "")[:1].upper(),
        version=str(fields.get("VERSION") or ""),
        days_left=int(days) if re.fullmatch(r"-?[0-9]{1,6}", days, re.ASCII) else None,
        is_expired=as_flag(fields.get("PAYMENT_EXPIRED")),
    )


def is_unfinished(result: Json) -> bool:
    """Whether the installation is unfinished; if a portal does not say, it is finished."""
    told = as_map(result).get("INSTALLED")
    return told not in (None, "") and not as_flag(told)


def is_enterprise(result: Json) -> bool:
    """Whether the portal's plan allows a higher rate."""
    return str(as_map(result).get("LICENSE_FAMILY") or "").lower().startswith("ent")


def profile() -> Call:
    """Docs: …/api-reference/common/users/profile.html"""
    return Call("profile")


def read_profile(result: Json) -> Profile:
    """A dismissed person has an empty profile, which is refused."""
    fields = as_map(result)
    if not fields:
        raise Refused(code="AUTHORIZATION_ERROR", status=200)
    name = " ".join(str(fields.get(key) or "").strip() for key in ("NAME", "LAST_NAME")).strip()
    return Profile(
        id=as_number(fields.get("ID")),
        name=name[:LONGEST_NAME],
        is_administrator=as_flag(fields.get("ADMIN")),
        time_zone=_read_time_zone(fields),
    )


def _read_time_zone(fields: Mapping[str, Json]) -> str:
    """The time zone's name; ``+02:00`` if it is set automatically or unknown; empty if there is none."""
    name, seconds = (str(fields.get(key, "")).strip() for key in ("TIME_ZONE", "TIME_ZONE_OFFSET"))
    if _is_time_zone(name):
        return name
    if not OFFSET.fullmatch(seconds) or abs(int(seconds)) >= DAY_SECONDS:
        return name[:64]
    hours, minutes = divmod(abs(int(seconds)) // 60, 60)
    return f"{'-' if int(seconds) < 0 else '+'}{hours:02}:{minutes:02}"


def _is_time_zone(name: str) -> bool:
    try:
        return bool(name) and ZoneInfo(name) is not None
    except (ValueError, OSError, KeyError):
        return False


def entity(wanted: Entity) -> Call | None:
    """Docs: …/api-reference/crm/universal/crm-item-get.html; None for orders, which the method does not know."""
    if wanted.type_id == ORDER:
        return None
    return Call("crm.item.get", {"entityTypeId": wanted.type_id, "id": wanted.id})


def read_entity_name(result: Json) -> str:
    """The title of a card, or the name of a contact; may be empty."""
    item = as_map(as_map(result).get("item"))
    person = " ".join(str(item.get(key) or "").strip() for key in ("name", "secondName", "lastName")).split()
    return str(item.get("title") or "").strip() or " ".join(person)


def entries(of: Entity, *, offset: int = 0) -> Call:
    """The latest ten. Portals read ``start`` or ``offset``, so both are sent.

    Docs: …/api-reference/crm/timeline/logmessage/crm-timeline-logmessage-list.html
    """
    page = {"order": {"id": "desc"}, "start": offset, "offset": offset}
    return Call("crm.timeline.logmessage.list", {"entityTypeId": of.type_id, "entityId": of.id, **page})


def read_entries(result: Json) -> list[Entry]:
    """The entries, newest first, including rows with nothing but a number."""
    entries = []
    for row in _entry_rows(result):
        with suppress(AnswerLost):
            entries.append(_read_entry(row))
    return entries


def count_entries(result: Json) -> int:
    """The number of rows, including unreadable ones: a short page is the last one."""
    return len(_entry_rows(result))


def _entry_rows(result: Json) -> list[Json]:
    """Portals answer a bare array or ``{"logMessages": [...]}``."""
    return as_list_of(result, "logMessages")


def add_entry(to: Entity, *, title: str, text: str, icon_code: str) -> Call:
    """Docs: …/api-reference/crm/timeline/logmessage/crm-timeline-logmessage-add.html"""
    fields = {"entityTypeId": to.type_id, "entityId": to.id, "title": title, "text": text, "iconCode": icon_code}
    return Call("crm.timeline.logmessage.add", {"fields": fields})


def read_added_entry(result: Json) -> Entry:
    """The entry as the portal has it; raises AnswerLost if the answer contains none."""
    return _read_entry(as_map(result).get("logMessage"))


def delete_entry(entry_id: int) -> Call:
    """For the application that added it. Docs: …/crm/timeline/logmessage/crm-timeline-logmessage-delete.html"""
    return Call("crm.timeline.logmessage.delete", {"id": entry_id})


def scope() -> Call:
    """What this application was granted. Docs: …/api-reference/common/system/scope.html"""
    return Call("scope")


def read_scopes(result: Json) -> frozenset[str]:
    return frozenset(str(name).lower() for name in as_rows(result))


def entity_types() -> Call:
    """Docs: …/api-reference/crm/auxiliary/enum/crm-enum-owner-type.html; needs no administrator of the CRM."""
    return Call("crm.enum.ownertype")


def read_entity_types(result: Json) -> dict[int, str]:
    """The names of the portal's entity types, by number."""
    return {as_number(as_map(row).get("ID")): str(as_map(row).get("NAME") or "") for row in as_rows(result)}


def _read_entry(row: Json) -> Entry:
    fields = as_map(row)
    author_id = fields.get("authorId")
    return Entry(
        id=as_number(fields.get("id")),
        author_id=None if author_id is None else as_number(author_id),
        created_at=_read_moment(fields.get("created")),
        title=str(fields.get("title") or ""),
        text=str(fields.get("text") or ""),
        icon_code=str(fields.get("iconCode") or ""),
    )


def _read_moment(written: Json) -> datetime | None:
    """A time; None if it cannot be parsed or is out of range."""
    try:
        moment = datetime.fromisoformat(str(written)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if 0 < moment.timestamp() < LATEST_MOMENT else None
