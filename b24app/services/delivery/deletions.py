"""Deletes the entries that are marked for it: in batches, in the authors' names, at the portal's pace."""

import logging
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.calls import BATCH_LENGTH
from b24app.bitrix24.pacing import Pace, rate_of
from b24app.codes import Reason
from b24app.db import change
from b24app.errors import AnswerLost, CallFailed, PairDead, Refused
from b24app.models import EntryState, LogEntry, Portal
from b24app.prepared import Prepared
from b24app.services.access import tokens
from b24app.services.delivery import retry, retry_delays
from b24app.services.delivery.entries import deleted

log = logging.getLogger(__name__)

# The pause after a passing refusal or a missing answer.
AGAIN_SECONDS = 300
# The pause before checking again whether the outbox has settled an unsure entry.
UNSETTLED_SECONDS = 30
GONE = {Reason.NOT_FOUND, Reason.OWNER_NOT_FOUND}
SETTLED = (EntryState.SENT, EntryState.FAILED)
_PORTALS = Prepared(
    select(LogEntry.portal_id)
    .join(Portal, Portal.id == LogEntry.portal_id)
    .where(LogEntry.deletion_due_at <= db.database_time(), Portal.suspended_at.is_(None))
    .group_by(LogEntry.portal_id)
    .order_by(func.min(LogEntry.deletion_due_at))
)


def due(session: Session) -> list[int]:
    """The portals with entries to delete."""
    return _PORTALS.scalars(session, {})


def delete_marked(session: Session, b24: Bitrix24, portal_id: int, pace: Pace | None = None) -> None:
    """Delete all that is due in a portal; commits."""
    portal = session.get_one(Portal, portal_id, populate_existing=True)
    pace = pace or Pace(rate_of(is_enterprise=portal.is_enterprise))
    while chosen := _next(session, portal_id):
        on_timeline = _sort_out(session, chosen)
        if on_timeline:
            pace.wait()
            if not _delete(session, b24, on_timeline):
                return


def _sort_out(session: Session, chosen: list[LogEntry]) -> list[LogEntry]:
    """Settle or postpone entries that are not on the timeline; returns those that are. Commits."""
    _give_up(session, chosen)
    settled = [entry for entry in chosen if entry.state in SETTLED]
    _put_off(session, [entry for entry in chosen if entry not in settled], UNSETTLED_SECONDS)
    on_timeline = [entry for entry in settled if entry.bitrix_id is not None]
    _note_gone(session, [entry for entry in settled if entry not in on_timeline])
    return on_timeline


def _next(session: Session, portal_id: int) -> list[LogEntry]:
    """Up to 50 due entries of one author."""
    now = db.now(session)
    statement = select(LogEntry).where(LogEntry.portal_id == portal_id, LogEntry.deletion_due_at <= now)
    waiting = statement.order_by(LogEntry.deletion_due_at, LogEntry.id).limit(BATCH_LENGTH)
    found = list(session.scalars(waiting.execution_options(populate_existing=True)))
    session.commit()
    return [entry for entry in found if entry.person_id == found[0].person_id]


def _give_up(session: Session, entries: list[LogEntry]) -> None:
    """Give up pending entries, which the portal certainly does not have; commits."""
    retry.give_up(session, LogEntry.id.in_([entry.id for entry in entries]), LogEntry.state == EntryState.PENDING)
    for entry in entries:
        session.refresh(entry)
    session.commit()


def _delete(session: Session, b24: Bitrix24, entries: list[LogEntry]) -> bool:
    """Delete entries with one batch; returns whether the portal answered."""
    calls = {f"entry_{entry.id}": methods.delete_entry(entry.bitrix_id or 0) for entry in entries}
    try:
        answers = tokens.ask_all_as(session, b24, entries[0].person, calls)
    except (CallFailed, PairDead) as failure:
        log.warning("entries were not deleted", extra={"portal": entries[0].person.portal.host, "code": str(failure)})
        is_dead = isinstance(failure, PairDead)
        _put_off(session, entries, retry_delays.LONGEST_SECONDS if is_dead else AGAIN_SECONDS)
        return is_dead
    gone = []
    for entry in entries:
        try:
            # Any result means that it was deleted.
            _answer = answers[f"entry_{entry.id}"]
            gone.append(entry)
        except (Refused, AnswerLost) as failure:
            _settle_refusal(session, entry, failure)
    _note_gone(session, gone)
    return True


def _settle_refusal(session: Session, entry: LogEntry, failure: Refused | AnswerLost) -> None:
    if failure.code in GONE:
        _note_gone(session, [entry])
    elif isinstance(failure, Refused) and not failure.is_passing:
        # It stays on the timeline, with the reason.
        those = update(LogEntry).where(LogEntry.id == entry.id)
        change(session, those.values(deletion_due_at=None, reason=failure.code))
        session.commit()
    else:
        _put_off(session, [entry], AGAIN_SECONDS)


def _note_gone(session: Session, entries: list[LogEntry]) -> None:
    """Clear the rows' text, except for entries that were retried meanwhile. Commits."""
    ids = [entry.id for entry in entries if entry.reason != Reason.GIVEN_UP_UNSURE or entry.bitrix_id]
    settled = update(LogEntry).where(LogEntry.id.in_(ids), LogEntry.state.in_(SETTLED))
    change(session, settled.values(**deleted()))
    # Given up while unsure: these are looked for once more and then deleted.
    unsure = [entry.id for entry in entries if entry.id not in ids]
    retry.revive(session, LogEntry.id.in_(unsure))
    _put_off(session, [entry for entry in entries if entry.id in unsure], UNSETTLED_SECONDS)


def _put_off(session: Session, entries: list[LogEntry], seconds: float) -> None:
    until = db.now(session) + timedelta(seconds=seconds)
    ids = [entry.id for entry in entries]
    change(session, update(LogEntry).where(LogEntry.id.in_(ids)).values(deletion_due_at=until))
    session.commit()
