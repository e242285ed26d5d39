"""Comments on the cards' timelines."""

from __future__ import annotations

from ..clock import Clock
from ..errors import ApiError, denied
from ..model.people import Person
from ..model.portal_state import PortalState
from ..model.records import Comment
from .cards import Cards
from .changes import Announce


class Comments:
    """Adds under the portal's rules for persons."""

    def __init__(self, state: PortalState, cards: Cards, clock: Clock, announce: Announce) -> None:
        self._state = state
        self._cards = cards
        self._clock = clock
        self._announce = announce

    def add(self, entity_type_id: int, entity_id: int, text: str, author: Person) -> Comment:
        if self._cards.item(entity_type_id, entity_id) is None:
            raise ApiError("OWNER_NOT_FOUND", "Owner was not found")
        if not self._cards.may_edit(author, entity_type_id, entity_id):
            raise denied()
        if not text.strip():
            raise ApiError("INVALID_ARG_VALUE", "Empty comment")
        number = self._state.next_id("comment")
        created = self._clock.datetime(self._state.time_zone).replace(microsecond=0)
        comment = Comment(number, entity_type_id, entity_id, author.id, text, created)
        self._state.comments[number] = comment
        self._announce("ONCRMTIMELINECOMMENTADD", {"FIELDS": {"ID": str(number)}}, actor=author)
        return comment
