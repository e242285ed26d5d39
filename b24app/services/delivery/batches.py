"""Which waiting entries go into a portal's next batch: at most 50, of one author."""

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24.calls import BATCH_LENGTH, is_executed_in_batch
from b24app.models import EntryState, LogEntry, Portal, Source
from b24app.services.delivery import outbox

MOST_READ = 500


def next_entries(session: Session, portal: Portal) -> list[LogEntry]:
    """Up to 50 due entries of one author in one state, in the order written on each card.

    Entries that people wrote on one card go first, then those on several cards, then those of machines, however many
    of the others wait.
    """
    now = db.now(session)
    statement = select(LogEntry).where(LogEntry.portal_id == portal.id, outbox.is_waiting(), LogEntry.due_at <= now)
    statement = statement.order_by(LogEntry.id).limit(MOST_READ)
    ranks = (LogEntry.source == Source.PERSON, LogEntry.source == Source.SET, true())
    due = next(filter(None, (list(session.scalars(statement.where(rank))) for rank in ranks)), [])
    session.commit()
    if not due:
        return []
    if _goes_alone(due[0]):
        return due[:1]
    chosen, overtaken = [], set()
    for entry in due:
        card = (entry.entity_type_id, entry.entity_id)
        is_alike = (entry.person_id, entry.state) == (due[0].person_id, due[0].state)
        if is_alike and card not in overtaken and not _goes_alone(entry):
            chosen.append(entry)
        else:
            overtaken.add(card)
    return chosen[:BATCH_LENGTH]


def _goes_alone(entry: LogEntry) -> bool:
    return entry.state == EntryState.PENDING and is_executed_in_batch(outbox.add_call(entry))
