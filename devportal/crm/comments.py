"""Comments on the cards' timelines."""

from __future__ import annotations

from ..errors import ApiError, denied
from ..model.people import Person
from ..model.records import Comment
from .crm import Crm


class Comments:
    """Adds comments, by the portal's rules about people."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._state, self._cards = crm.state, crm.cards

    def add(self, entity_type_id: int, entity_id: int, text: str, author: Person) -> Comment:
        if self._cards.item(entity_type_id, entity_id) is None:
            raise ApiError("OWNER_NOT_FOUND", "Owner was not found")
        if not self._cards.may_edit(author, entity_type_id, entity_id):
            raise denied()
        if not text.strip():
            raise ApiError("INVALID_ARG_VALUE", "Empty comment")
        number = self._state.next_id("comment")
        created = self._crm.moment()
        comment = Comment(number, entity_type_id, entity_id, author.id, text, created)
        self._state.comments[number] = comment
        self._crm.announce("ONCRMTIMELINECOMMENTADD", {"FIELDS": {"ID": str(number)}}, actor=author)
        return comment
