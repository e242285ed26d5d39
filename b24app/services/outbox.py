"""The way of a written entry to the timeline: pending → sending → sent, or unsure, or failed.

logmessage.add has no idempotency key. So an entry is sent again only where the portal certainly did not execute it;
where nobody knows, it is looked for on the timeline first. A row is claimed by a conditional update, so that any
number of processes may try.
"""

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Entry
from b24app.db import change
from b24app.errors import AnswerLost, CallFailed, LogbookError, PairDead, Refused
from b24app.models import EntryState, LogEntry, Person, Portal
from b24app.services import timeline, tokens

log = logging.getLogger(__name__)

# Longer than any call with its renewal can take: who has not settled a row by then has been killed.
STALE_SECONDS = 300
# A portal ends a request after 60 seconds: until then, a call whose answer was not awaited may still be executed.
PORTAL_REQUEST_SECONDS = 70
LOOKUP_APART_SECONDS = 5
LOOKUPS_BEFORE_REPEAT = 2
LOOKUP_FAILED_SECONDS = 30
FIRST_BACKOFF_SECONDS = 5
LONGEST_BACKOFF_SECONDS = 3600


def deliver(session: Session, b24: Bitrix24, entry: LogEntry) -> LogEntry:
    """Send a pending entry, unless another process has claimed it; the row tells what became of it."""
    if not _claim(session, entry, EntryState.PENDING):
        return entry
    entity = Entity(entry.entity_type_id, entry.entity_id)
    call = methods.add_entry(entity, title=entry.title, text=entry.text, icon_code=entry.icon_code)
    try:
        added = methods.read_added_entry(tokens.call_as(session, b24, entry.person, call))
    except (CallFailed, PairDead) as failure:
        _settle(session, entry, failure)
    else:
        _mark_sent(session, entry, added)
    return entry


def clear_up(session: Session, b24: Bitrix24, entry: LogEntry) -> LogEntry:
    """Look for an unsure entry on the timeline: found, it is sent; missing twice, it is pending again."""
    if not _claim(session, entry, EntryState.UNSURE):
        return entry
    try:
        found = timeline.find(session, b24, entry)
    except LogbookError as failure:
        log.warning("lookup failed", extra={"entry": entry.id, "code": str(failure)})
        _put_back(session, entry, EntryState.UNSURE, entry.reason or "LOST", LOOKUP_FAILED_SECONDS)
        return entry
    if found:
        _mark_sent(session, entry, found)
    else:
        _note_missing(session, entry)
    return entry


def deliver_due(session: Session, b24: Bitrix24) -> int:
    """Everything that is due now, oldest first; answers how many entries were looked at."""
    _take_up_stale(session)
    now = datetime.now(UTC)
    looked_at = 0
    for entry_id in _due(session, now):
        entry = session.get(LogEntry, entry_id, populate_existing=True)
        session.commit()
        if entry and entry.state in {EntryState.PENDING, EntryState.UNSURE}:
            (deliver if entry.state == EntryState.PENDING else clear_up)(session, b24, entry)
            looked_at += 1
    return looked_at


def wake(session: Session, person: Person) -> None:
    """A person's fresh pair is there: whatever waited for it is due now."""
    waits = LogEntry.state.in_([EntryState.PENDING, EntryState.UNSURE])
    waiting = update(LogEntry).where(LogEntry.person_id == person.id, waits, LogEntry.reason == "PAIR_DEAD")
    change(session, waiting.values(due_at=datetime.now(UTC)))


def _due(session: Session, now: datetime) -> list[int]:
    states = [EntryState.PENDING, EntryState.UNSURE]
    statement = select(LogEntry.id).join(Portal, Portal.id == LogEntry.portal_id)
    statement = statement.where(LogEntry.state.in_(states), LogEntry.due_at <= now, Portal.suspended_at.is_(None))
    ids = list(session.scalars(statement.order_by(LogEntry.id)))
    session.commit()
    return ids


def _claim(session: Session, entry: LogEntry, state: EntryState) -> bool:
    attempts = LogEntry.attempts + int(state == EntryState.PENDING)
    statement = update(LogEntry).where(LogEntry.id == entry.id, LogEntry.state == state)
    claim = statement.values(state=EntryState.SENDING, attempted_at=datetime.now(UTC), attempts=attempts)
    is_ours = change(session, claim) == 1
    session.commit()
    session.refresh(entry)
    session.commit()
    return is_ours


def _settle(session: Session, entry: LogEntry, failure: CallFailed | PairDead) -> None:
    if isinstance(failure, AnswerLost):
        _put_back(session, entry, EntryState.UNSURE, failure.code, 0)
    elif isinstance(failure, PairDead):
        _put_back(session, entry, EntryState.PENDING, "PAIR_DEAD", LONGEST_BACKOFF_SECONDS)
    elif isinstance(failure, Refused) and failure.is_authorization:
        _put_back(session, entry, EntryState.PENDING, failure.code, LONGEST_BACKOFF_SECONDS)
    elif isinstance(failure, Refused) and not failure.is_passing:
        _put_back(session, entry, EntryState.FAILED, failure.code, 0)
    else:
        _put_back(session, entry, EntryState.PENDING, failure.code, _backoff_seconds(entry.attempts))


def _backoff_seconds(attempts: int) -> float:
    """Nothing after the first attempt, which was a person's; then 5, 10, 20 … seconds, up to an hour."""
    return 0 if attempts <= 1 else min(FIRST_BACKOFF_SECONDS * 2 ** (attempts - 2), LONGEST_BACKOFF_SECONDS)


def _put_back(session: Session, entry: LogEntry, state: EntryState, reason: str, wait_seconds: float) -> None:
    entry.state = state
    entry.reason = reason
    entry.due_at = datetime.now(UTC) + timedelta(seconds=wait_seconds)
    session.commit()
    log.warning("entry %s", state, extra={"entry": entry.id, "code": reason, "attempts": entry.attempts})


def _mark_sent(session: Session, entry: LogEntry, added: Entry) -> None:
    entry_id, portal_id = entry.id, entry.portal_id
    try:
        _write_sent(session, entry, added)
    except IntegrityError:
        # An equal entry whose fate was unsure has been taken for this one: it goes back to be looked for again.
        session.rollback()
        mistaken = update(LogEntry).where(LogEntry.portal_id == portal_id, LogEntry.bitrix_id == added.id)
        unsure = {"state": EntryState.UNSURE, "bitrix_id": None, "sent_at": None, "due_at": datetime.now(UTC)}
        change(session, mistaken.values(**unsure))
        _write_sent(session, entry, added)
    log.info("entry sent", extra={"entry": entry_id, "attempts": entry.attempts})


def _write_sent(session: Session, entry: LogEntry, added: Entry) -> None:
    entry.state = EntryState.SENT
    entry.bitrix_id = added.id
    entry.sent_at = added.created_at
    entry.reason = None
    session.commit()


def _note_missing(session: Session, entry: LogEntry) -> None:
    is_certain = entry.lookups + 1 >= LOOKUPS_BEFORE_REPEAT
    entry.lookups = 0 if is_certain else entry.lookups + 1
    wait_seconds = (
        0 if is_certain else PORTAL_REQUEST_SECONDS if entry.reason == "READ_TIMEOUT" else LOOKUP_APART_SECONDS
    )
    state = EntryState.PENDING if is_certain else EntryState.UNSURE
    _put_back(session, entry, state, entry.reason or "LOST", wait_seconds)


def _take_up_stale(session: Session) -> None:
    """Rows left in sending by a killed process; nobody knows whether its call arrived."""
    now = datetime.now(UTC)
    long_ago = now - timedelta(seconds=STALE_SECONDS)
    left = update(LogEntry).where(LogEntry.state == EntryState.SENDING, LogEntry.attempted_at < long_ago)
    change(session, left.values(state=EntryState.UNSURE, reason="KILLED", due_at=now))
    session.commit()
