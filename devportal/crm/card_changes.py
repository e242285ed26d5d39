"""Adds, changes and removes cards, and fires the events about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..errors import denied
from ..model.people import Person
from ..model.records import Item
from . import multifields
from .crm import Crm
from .directories import first_of
from .field_values import kept, not_valid
from .fields import STAGE, Field, item_fields
from .stages import all_stages, first_stage

ADDED, UPDATED, DELETED = "ADD", "UPDATE", "DELETE"
OWN_EVENTS = {1: "LEAD", 2: "DEAL", 3: "CONTACT", 4: "COMPANY", 7: "QUOTE"}
CONTACT, ORDER = 3, 14
DAYS_TO_CLOSE = 7
Given = Mapping[str, Any]
NOTHING: Given = {}


class CardChanges:
    """All changes of cards; raises `ApiError` if the portal would refuse."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._state, self._cards = crm.state, crm.cards

    def add(self, entity_type_id: int, given: Given, person: Person, own: Given = NOTHING, title: str = "") -> Item:
        """Adds a card with the given and default values; `own` are fields of the older methods alone."""
        fields = item_fields(entity_type_id)
        values = self._defaults(fields, entity_type_id) | self._kept(entity_type_id, given) | dict(own)
        number = self._state.next_id(f"item-{entity_type_id}")
        item = Item(number, entity_type_id, title, person.id, self._crm.clock.now(), {"createdBy": person.id})
        self._set(item, values, person)
        self._state.items.setdefault(entity_type_id, {})[number] = item
        self._tell(item, ADDED, person)
        return item

    def add_titled(self, entity_type_id: int, title: str, person: Person) -> Item:
        """Adds a card of any kind, including orders; raises ValueError for an unknown kind."""
        if self._cards.kind(entity_type_id) is None:
            raise ValueError(f"no entity type {entity_type_id}")
        return self.add(entity_type_id, {"title": title}, person, title=title)

    def update_by_id(self, entity_type_id: int, entity_id: int, given: Given, person: Person) -> None:
        self.update(self._cards.readable_item(person, entity_type_id, entity_id), given, person)

    def delete_by_id(self, entity_type_id: int, entity_id: int, person: Person) -> None:
        """Deletes a card, if it exists."""
        item = self._cards.item(entity_type_id, entity_id)
        if item is not None:
            self.delete(item, person)

    def update(self, item: Item, given: Given, person: Person, own: Given = NOTHING) -> None:
        if not self._cards.may_edit(person, item.entity_type_id, item.id):
            raise denied("Access denied")
        self._set(item, self._kept(item.entity_type_id, given) | dict(own), person)
        self._tell(item, UPDATED, person)

    def delete(self, item: Item, person: Person) -> None:
        if not self._cards.may_edit(person, item.entity_type_id, item.id):
            raise denied("Access denied")
        self._cards.remove_item(item.entity_type_id, item.id)
        self._tell(item, DELETED, person)

    def _kept(self, entity_type_id: int, given: Given) -> dict[str, Any]:
        """The given values that this kind of card can store, checked."""
        fields = item_fields(entity_type_id)
        values = kept(fields, given, self._crm.zone)
        stage = values.get("stageId")
        if stage and stage not in all_stages(entity_type_id):
            raise not_valid(fields["stageId"])
        if values.get("assignedById") and self._state.person(values["assignedById"]) is None:
            raise not_valid(fields["assignedById"])
        return values

    def _defaults(self, fields: Mapping[str, Field], entity_type_id: int) -> dict[str, Any]:
        """Default values: the first entry of each directory, the first stage, the currency, closing in a week."""
        found: dict[str, Any] = {
            name: first_stage(entity_type_id) if field.directory == STAGE else first_of(field.directory)
            for name, field in fields.items()
            if field.directory and name not in ("previousStageId", "honorific", "eventId")
        }
        if "currencyId" in fields:
            found["currencyId"] = "EUR"
        if "closedate" in fields:
            today = self._crm.moment().replace(hour=0, minute=0, second=0)
            found["begindate"] = today.isoformat()
            found["closedate"] = (today + timedelta(days=DAYS_TO_CLOSE)).isoformat()
        return found

    def _set(self, item: Item, values: dict[str, Any], person: Person) -> None:
        now = self._crm.moment().isoformat()
        if "stageId" in values and values["stageId"] != item.values.get("stageId"):
            values |= moved(item, person, now)
        if "fm" in values:
            given = multifields.from_parameters(values["fm"])
            values["fm"] = multifields.changed(item.values.get("fm", []), given, self._next_multifield)
            values |= {name: multifields.first(values["fm"], kind) for name, kind in multifields.FIRST_OF_KIND.items()}
        values |= linked(values)
        item.assigned_by_id = values.pop("assignedById", None) or item.assigned_by_id
        item.title = values.pop("title", None) or item.title
        item.values |= values | {"updatedBy": person.id, "updatedTime": now}
        # Emptied fields are removed.
        item.values = {name: value for name, value in item.values.items() if value not in (None, "")}
        item.title = title_of(item) or f"{self._kind_name(item)} #{item.id}"

    def _next_multifield(self) -> int:
        return self._state.next_id("multifield")

    def _kind_name(self, item: Item) -> str:
        kind = self._cards.kind(item.entity_type_id)
        return kind.name if kind else ""

    def _tell(self, item: Item, change: str, person: Person) -> None:
        for event, fields in events_of(item, change):
            self._crm.announce(event, {"FIELDS": fields}, actor=person)


def moved(item: Item, person: Person, now: str) -> dict[str, Any]:
    """The values that a change of stage sets on a card."""
    is_remembered = "previousStageId" in item_fields(item.entity_type_id)
    previous = {"previousStageId": item.values.get("stageId")} if is_remembered else {}
    return {"movedBy": person.id, "movedTime": now, **previous}


def linked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Makes single contacts or companies consistent with lists of them."""
    found: dict[str, Any] = {}
    for one, several in (("contactId", "contactIds"), ("companyId", "companyIds")):
        if several in values:
            found[one] = values[several][0] if values[several] else None
        elif one in values:
            found[several] = [values[one]] if values[one] else []
    return found


def title_of(item: Item) -> str:
    """A card's name: contacts have names, all others a title."""
    if item.entity_type_id != CONTACT:
        return item.title
    names = [str(item.values[name]) for name in ("name", "lastName") if item.values.get(name)]
    return " ".join(names) or item.title


def events_of(item: Item, change: str) -> list[tuple[str, dict[str, str]]]:
    """The events of a change: kinds with events of their own have only those; orders have none here."""
    number, entity_type_id = str(item.id), item.entity_type_id
    if entity_type_id == ORDER:
        return []
    if entity_type_id in OWN_EVENTS:
        return [(f"ONCRM{OWN_EVENTS[entity_type_id]}{change}", {"ID": number})]
    event, fields = f"ONCRMDYNAMICITEM{change}", {"ID": number, "ENTITY_TYPE_ID": str(entity_type_id)}
    return [(event, fields), (f"{event}_{entity_type_id}", fields)]
