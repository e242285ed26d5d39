"""The cards and smart processes of a portal, and the rights to them."""

from __future__ import annotations

from .. import errors
from ..clock import Clock
from ..model.people import Person
from ..model.portal_state import PortalState
from ..model.records import Item, SmartType
from . import multifields, seed
from .kinds import FIXED, FIXED_BY_ID, Kind, dynamic_kind

READ_ONLY_FOR_READER = (2, 3)


class Cards:
    """Looks up and changes cards; raises `ApiError` if the portal would refuse."""

    def __init__(self, state: PortalState, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def seed(self) -> None:
        """Fills a new portal with its fictitious business."""
        now = self._clock.now()
        self._state.types.append(SmartType(self._state.next_id("type"), seed.SMART_TYPE_ID, seed.SMART_TYPE_TITLE, now))
        for item in seed.items(now, [person.id for person in self._state.people]):
            item.values["fm"] = multifields.of_flat(item.values, lambda: self._state.next_id("multifield"))
            self._state.items.setdefault(item.entity_type_id, {})[item.id] = item
            self._state.last_ids[f"item-{item.entity_type_id}"] = item.id
        reader = self._state.people[-1]
        for kind in self.kinds():
            for entity_id in READ_ONLY_FOR_READER:
                self.deny_edit(reader.id, kind.entity_type_id, entity_id)

    def kinds(self) -> list[Kind]:
        return [*FIXED, *(dynamic_kind(kind.entity_type_id, kind.title) for kind in self._state.types)]

    def kind(self, entity_type_id: int) -> Kind | None:
        if entity_type_id in FIXED_BY_ID:
            return FIXED_BY_ID[entity_type_id]
        for smart in self._state.types:
            if smart.entity_type_id == entity_type_id:
                return dynamic_kind(entity_type_id, smart.title)
        return None

    def item(self, entity_type_id: int, entity_id: int) -> Item | None:
        return self._state.items.get(entity_type_id, {}).get(entity_id)

    def readable_item(self, person: Person, entity_type_id: int, entity_id: int) -> Item:
        item = self.item(entity_type_id, entity_id)
        if item is None:
            raise errors.ApiError("NOT_FOUND", "Element not found")
        if not self.may_read(person, entity_type_id, entity_id):
            raise errors.denied("Access denied")
        return item

    def readable_items(self, person: Person, entity_type_id: int) -> list[Item]:
        items = self._state.items.get(entity_type_id, {}).values()
        return [item for item in items if self.may_read(person, entity_type_id, item.id)]

    def may_read(self, person: Person, entity_type_id: int, entity_id: int) -> bool:
        return person.is_admin or (entity_type_id, entity_id) not in self._state.denied_reads.get(person.id, [])

    def may_edit(self, person: Person, entity_type_id: int, entity_id: int) -> bool:
        if not self.may_read(person, entity_type_id, entity_id):
            return False
        return (entity_type_id, entity_id) not in self._state.denied_edits.get(person.id, [])

    def deny_edit(self, person_id: int, entity_type_id: int, entity_id: int) -> None:
        note(self._state.denied_edits, person_id, (entity_type_id, entity_id))

    def allow_edit(self, person_id: int, entity_type_id: int, entity_id: int) -> None:
        discard(self._state.denied_edits, person_id, (entity_type_id, entity_id))

    def deny_read(self, person_id: int, entity_type_id: int, entity_id: int) -> None:
        note(self._state.denied_reads, person_id, (entity_type_id, entity_id))

    def allow_read(self, person_id: int, entity_type_id: int, entity_id: int) -> None:
        discard(self._state.denied_reads, person_id, (entity_type_id, entity_id))

    def remove_item(self, entity_type_id: int, entity_id: int) -> None:
        self._state.items.get(entity_type_id, {}).pop(entity_id, None)

    def add_type(self, title: str) -> SmartType:
        """Adds a smart process; the types' numbers are even, from 1030 on."""
        taken = [smart.entity_type_id for smart in self._state.types]
        number = max([seed.SMART_TYPE_ID, *taken, self._state.last_ids.get("entity_type", 0)]) + 2
        self._state.last_ids["entity_type"] = number
        smart = SmartType(self._state.next_id("type"), number, title, self._clock.now())
        self._state.types.append(smart)
        return smart

    def remove_type(self, entity_type_id: int) -> SmartType | None:
        """Removes a smart process with its cards and placements."""
        smart = next((smart for smart in self._state.types if smart.entity_type_id == entity_type_id), None)
        if smart is None:
            return None
        self._state.types.remove(smart)
        self._state.items.pop(entity_type_id, None)
        prefix = f"CRM_DYNAMIC_{entity_type_id}_"
        self._state.placements[:] = [row for row in self._state.placements if not row.code.startswith(prefix)]
        return smart


Rights = dict[int, list[tuple[int, int]]]


def note(rights: Rights, person_id: int, card: tuple[int, int]) -> None:
    cards = rights.setdefault(person_id, [])
    if card not in cards:
        cards.append(card)


def discard(rights: Rights, person_id: int, card: tuple[int, int]) -> None:
    cards = rights.get(person_id, [])
    if card in cards:
        cards.remove(card)
