"""Activities of cards: calls, meetings and e-mails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ApiError
from ..model.people import Person
from ..model.records import Activity
from .crm import Crm
from .field_values import kept
from .fields import Field

NUMBERS = (
    *("ID", "OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID", "ASSOCIATED_ENTITY_ID", "STATUS", "RESPONSIBLE_ID", "PRIORITY"),
    *("NOTIFY_TYPE", "NOTIFY_VALUE", "DESCRIPTION_TYPE", "DIRECTION", "AUTHOR_ID", "EDITOR_ID", "RESULT_MARK"),
    *("RESULT_STATUS", "RESULT_STREAM", "AUTOCOMPLETE_RULE"),
)
TIMES = ("CREATED", "LAST_UPDATED", "START_TIME", "END_TIME", "DEADLINE")
TEXTS = (
    *("PROVIDER_ID", "PROVIDER_TYPE_ID", "PROVIDER_GROUP_ID", "SUBJECT", "DESCRIPTION", "LOCATION", "ORIGINATOR_ID"),
    *("ORIGIN_ID", "PROVIDER_DATA", "RESULT_CURRENCY_ID", "RESULT_SOURCE_ID"),
)
TYPES = {
    **dict.fromkeys(NUMBERS, "integer"),
    **dict.fromkeys(TIMES, "datetime"),
    **dict.fromkeys(TEXTS, "string"),
    **dict.fromkeys(("COMPLETED", "IS_INCOMING_CHANNEL"), "char"),
    **dict.fromkeys(("RESULT_VALUE", "RESULT_SUM"), "double"),
}
READ_ONLY = ("ID", "CREATED", "LAST_UPDATED", "AUTHOR_ID", "EDITOR_ID", "ASSOCIATED_ENTITY_ID", "IS_INCOMING_CHANNEL")
FIELDS = {name: Field("ACTIVITY", name, kind, "R" if name in READ_ONLY else "") for name, kind in TYPES.items()}
UNFILLED: dict[str, Any] = {
    **dict.fromkeys(("ASSOCIATED_ENTITY_ID", "RESULT_MARK", "RESULT_STATUS", "RESULT_STREAM", "AUTOCOMPLETE_RULE"), 0),
    **dict.fromkeys(("COMPLETED", "IS_INCOMING_CHANNEL"), "N"),
    **dict.fromkeys(("DESCRIPTION", "LOCATION"), ""),
    **dict.fromkeys(("STATUS", "NOTIFY_TYPE", "DESCRIPTION_TYPE"), 1),
    "PRIORITY": 2,
    "DIRECTION": 0,
    "NOTIFY_VALUE": 0,
}
OBJECTS = ("SETTINGS", "PROVIDER_PARAMS")
TASK = 3


class Activities:
    """Adds and reads activities; raises `ApiError` with a message but no code, as these methods do."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._state, self._cards = crm.state, crm.cards

    def add(self, given: Mapping[str, Any], person: Person) -> Activity:
        values = kept(FIELDS, given, self._crm.zone)
        require(values, given)
        card = (values.get("OWNER_TYPE_ID") or 0, values.get("OWNER_ID") or 0)
        if self._cards.item(*card) is None:
            raise unbound()
        if not self._cards.may_edit(person, *card):
            raise ApiError("", "Access denied.")
        now = self._crm.moment().isoformat()
        number = self._state.next_id("activity")
        values = {"START_TIME": now, "END_TIME": now, "DEADLINE": values.get("START_TIME", now), **values}
        values |= {"CREATED": now, "LAST_UPDATED": now, "AUTHOR_ID": person.id, "EDITOR_ID": person.id}
        values |= {name: given.get(name) or {} for name in OBJECTS} | {"COMMUNICATIONS": given["COMMUNICATIONS"]}
        activity = self._state.activities[number] = Activity(number, values)
        self._crm.announce("ONCRMACTIVITYADD", {"FIELDS": {"ID": str(number)}}, actor=person)
        return activity

    def get(self, number: int, person: Person) -> Activity:
        activity = self._state.activities.get(number)
        if activity is None:
            raise ApiError("", "Activity is not found.")
        if not self._is_readable(activity, person):
            raise ApiError("", "Access denied.")
        return activity

    def readable(self, person: Person) -> list[Activity]:
        return [activity for activity in self._state.activities.values() if self._is_readable(activity, person)]

    def _is_readable(self, activity: Activity, person: Person) -> bool:
        return self._cards.may_read(person, activity.values["OWNER_TYPE_ID"], activity.values["OWNER_ID"])


def require(values: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Checks required values, in the order in which portals do."""
    for name in ("SUBJECT", "RESPONSIBLE_ID", "TYPE_ID"):
        if not values.get(name):
            raise ApiError("", f"The field {name} is not defined or {'empty' if name == 'SUBJECT' else 'invalid'}.")
    if values["TYPE_ID"] == TASK:
        raise ApiError("", "The custom activity without provider is not supported in current context.")
    if not isinstance(given.get("COMMUNICATIONS"), (list, dict)) or not given["COMMUNICATIONS"]:
        raise ApiError("", "The field COMMUNICATIONS is not defined or invalid.")


def unbound() -> ApiError:
    return ApiError(
        "", "Could not build binding. Please ensure that owner info and communications are defined correctly."
    )


def record(activity: Activity) -> dict[str, Any]:
    """An activity with all values as text, as the older methods return them."""
    known = {"ID": activity.id, **activity.values}
    told: dict[str, Any] = {name: as_text(known.get(name, UNFILLED.get(name))) for name in TYPES}
    return told | {name: activity.values.get(name, {}) for name in OBJECTS}


def as_text(value: Any) -> str | None:
    return None if value is None else str(value)
