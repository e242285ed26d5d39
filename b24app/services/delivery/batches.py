"""Which waiting entries go into a portal's next batch: at most 50, of one author."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select, true
from sqlalchemy.orm import Session

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import BATCH_LENGTH, is_executed_in_batch
from b24app.bitrix24.entities import Entity
from b24app.db import database_time
from b24app.models import EntryState, LogEntry, Portal, Source
from b24app.prepared import Prepared, among, padded
from b24app.services.delivery import outbox

MOST_READ = 500


class Waiting(NamedTuple):
    """A due entry, without its text."""

    id: int
    person_id: int
    state: EntryState
    entity_type_id: int
    entity_id: int

    @property
    def batch_key(self) -> tuple[int, EntryState]:
        """What all entries of a batch have in common: their author, and whether they are sent or looked for."""
        return self.person_id, self.state

    @property
    def card(self) -> Entity:
        return Entity(self.entity_type_id, self.entity_id)


_DUE = (
    select(LogEntry.id, LogEntry.person_id, LogEntry.state, LogEntry.entity_type_id, LogEntry.entity_id)
    .where(LogEntry.portal_id == bindparam("portal_id"), outbox.is_waiting(), LogEntry.due_at <= database_time())
    .order_by(LogEntry.id)
    .limit(MOST_READ)
)
# Those that people wrote on one card, those on several cards, all others.
_IN_TURN = [
    Prepared(_DUE.where(rank)) for rank in (LogEntry.source == Source.PERSON, LogEntry.source == Source.SET, true())
]
_WORDS = Prepared(
    select(LogEntry.id, LogEntry.title, LogEntry.text, LogEntry.icon_code).where(
        among(LogEntry.id, "entry", BATCH_LENGTH)
    )
)


def next_entries(session: Session, portal: Portal) -> list[Waiting]:
    """Up to 50 due entries of one author in one state, in the order written on each card.

    Entries that people wrote on one card go first, then those on several cards, then those of machines, however many
    of the others wait.
    """
    asked = {"portal_id": portal.id}
    due = next(filter(None, (statement.rows(session, asked) for statement in _IN_TURN)), [])
    waiting = [Waiting(*row) for row in due]
    chosen = _in_order(waiting, lambda entry: entry.batch_key == waiting[0].batch_key)[:BATCH_LENGTH]
    alone = _alone(session, chosen) if chosen and chosen[0].state == EntryState.PENDING else set()
    session.commit()
    if chosen and chosen[0].id in alone:
        return chosen[:1]
    return _in_order(chosen, lambda entry: entry.id not in alone)


def _in_order(entries: Sequence[Waiting], is_meant: Callable[[Waiting], bool]) -> list[Waiting]:
    """Those that are meant, without any that would overtake another one on its card."""
    chosen: list[Waiting] = []
    overtaken: set[Entity] = set()
    for entry in entries:
        if is_meant(entry) and entry.card not in overtaken:
            chosen.append(entry)
        else:
            overtaken.add(entry.card)
    return chosen


def _alone(session: Session, chosen: Sequence[Waiting]) -> set[int]:
    """Those with text that a batch would expand, which are sent by themselves."""
    cards = {entry.id: entry.card for entry in chosen}
    words = _WORDS.rows(session, padded("entry", list(cards), BATCH_LENGTH))
    calls = {
        entry_id: methods.add_entry(cards[entry_id], title=title, text=text, icon_code=icon_code)
        for entry_id, title, text, icon_code in words
    }
    return {entry_id for entry_id, call in calls.items() if is_executed_in_batch(call)}
