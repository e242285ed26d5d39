"""How a saved entry reaches the timeline: pending → sending → sent, or unsure, or failed.

logmessage.add has no idempotency key. So an entry is sent again only if the portal certainly did not execute the call;
otherwise it is looked for on the timeline first. Rows are claimed (services/delivery/claims), so any number of
processes may work on them.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from b24app import db
from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.calls import BREAKDOWNS, Call, Json
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Entry
from b24app.codes import Reason
from b24app.db import change, skip_sync
from b24app.errors import AnswerLost, CallFailed, PairDead, Refused, Unreachable
from b24app.models import EntryState, LogEntry, Person
from b24app.prepared import Prepared, either
from b24app.services.access import tokens
from b24app.services.delivery import bound_cards, claims, corrections, retry_delays, timeline
from b24app.services.delivery.stored_text import Words, losses

log = logging.getLogger(__name__)

# Another process has claimed the entry, so this one must no longer send it.
CLAIM_LOST = "CLAIM_LOST"
WAITING = (EntryState.PENDING, EntryState.UNSURE)

# A portal ends requests after 60 seconds: until then, a call without an answer may still be executed.
PORTAL_REQUEST_SECONDS = 70
# The portal itself sent a complete but unreadable answer: it is no longer executing the call.
ANSWERED = BREAKDOWNS | {"NO_RESULT"}
LOOKUP_APART_SECONDS = 5
LOOKUPS_BEFORE_REPEAT = 2
LOOKUP_FAILED_SECONDS = 30
_IS_UNSETTLED = either(LogEntry.state, WAITING)
_FARTHEST = db.database_time(2 * retry_delays.LONGEST_SECONDS)
_IS_DUE_TOO_LATE, _IS_TRIED_TOO_LATE = LogEntry.due_at > _FARTHEST, LogEntry.attempted_at > _FARTHEST
_HAS_JUMPED = Prepared(select(LogEntry.id).where(_IS_UNSETTLED, _IS_DUE_TOO_LATE | _IS_TRIED_TOO_LATE).limit(1))

_SENT_FACTS = ("state", "bitrix_id", "sent_at", "reason", "kept", "lookups")
_MARKING_SENT = Prepared(
    update(LogEntry).where(LogEntry.id == bindparam("entry_id")).values({name: bindparam(name) for name in _SENT_FACTS})
)


def deliver(session: Session, b24: Bitrix24, entry: LogEntry) -> LogEntry:
    """Send a pending entry at once, for a person who waits, unless another process does; its row says how it stands."""
    is_ours = entry.id in claims.take(session, [entry.id], EntryState.PENDING, claim_seconds(b24))
    session.refresh(entry)
    session.commit()
    return send(session, b24, entry) if is_ours else entry


def claim_seconds(b24: Bitrix24) -> float:
    """How long an entry stays claimed while it is sent through this gateway."""
    return b24.longest_call_seconds + claims.MARGIN_SECONDS


def send(session: Session, b24: Bitrix24, entry: LogEntry, pair: tokens.StoredPair | None = None) -> LogEntry:
    """Send an entry that is already claimed; its row has the outcome. ``pair`` is as for ``tokens.call_as``."""
    seconds = claim_seconds(b24)

    def hold() -> None:
        if not claims.prolong(session, [entry], seconds, is_sent_now=True):
            raise Unreachable(code=CLAIM_LOST)

    try:
        added = methods.read_added_entry(_add(session, b24, entry, hold, pair))
    except (CallFailed, PairDead) as failure:
        settle(session, entry, failure)
    else:
        mark_sent(session, entry, added)
    return entry


def _add(
    session: Session, b24: Bitrix24, entry: LogEntry, hold: Callable[[], None], pair: tokens.StoredPair | None
) -> Json:
    if not entry.cards:
        return tokens.call_as(session, b24, entry.person, add_call(entry), hold, pair)
    try:
        answers, key = bound_cards.add_and_bind(session, b24, entry, add_call(entry), hold)
    except Refused as refused:
        if refused.code != Reason.ACCESS_DENIED:
            raise
        # A batch as a whole needs no right in the CRM, so the reason is the portal's plan: leave it to the worker.
        raise Unreachable(code=refused.code) from None
    return answers[key]


def is_waiting() -> ColumnElement[bool]:
    """The condition for entries to be sent or looked for; deleted ones never are."""
    return _IS_UNSETTLED & LogEntry.deleted_at.is_(None)


def add_call(entry: LogEntry) -> Call:
    """The call that adds an entry to its timeline."""
    entity = Entity(entry.entity_type_id, entry.entity_id)
    return methods.add_entry(entity, title=entry.title, text=entry.text, icon_code=entry.icon_code)


def settle(session: Session, entry: LogEntry, failure: CallFailed | PairDead, *, resets_at: int | None = None) -> None:
    """Decide what follows a failed attempt: retry, give up, or look for the entry; commits.

    ``resets_at`` is when the portal resets the method's operating time, in unix seconds.
    """
    if isinstance(failure, AnswerLost):
        put_back(session, entry, EntryState.UNSURE, failure.code, 0)
    elif isinstance(failure, PairDead):
        put_back(session, entry, EntryState.PENDING, Reason.PAIR_DEAD, retry_delays.LONGEST_SECONDS)
    elif isinstance(failure, Refused) and (failure.is_authorization or failure.is_of_plan):
        put_back(session, entry, EntryState.PENDING, failure.code, retry_delays.LONGEST_SECONDS)
    elif isinstance(failure, Refused) and not failure.is_passing:
        put_back(session, entry, EntryState.FAILED, failure.code, 0)
    else:
        pause = retry_delays.wait_seconds(entry, failure, resets_at)
        put_back(session, entry, EntryState.PENDING, failure.code, pause)


def put_back(
    session: Session, entry: LogEntry, state: EntryState, reason: str, wait_seconds: float, *, lookups: int = 0
) -> None:
    """Release a claimed entry until ``wait_seconds`` from now; commits.

    If another process has taken it meanwhile (this machine may have been suspended), its result stays.
    """
    due_at = db.now(session) + timedelta(seconds=wait_seconds)
    letting_go = update(LogEntry).where(LogEntry.id == entry.id, claims.of(entry))
    is_ours = change(session, letting_go.values(state=state, reason=reason, due_at=due_at, lookups=lookups)) == 1
    session.commit()
    session.refresh(entry)
    session.commit()
    words = "entry %s" if is_ours else "entry %s, but another process has taken it meanwhile"
    log.warning(words, state, extra={"entry": entry.id, "code": reason, "attempts": entry.attempts})


def mark_sent(session: Session, entry: LogEntry, added: Entry, *, is_found: bool = False) -> None:
    """Record that the portal has confirmed the entry, or that it was found on the timeline; commits."""
    entry_id, portal_id = entry.id, entry.portal_id
    try:
        _write_sent(session, entry, added, is_found=is_found)
    except IntegrityError:
        session.rollback()
        if not _take_number_back(session, portal_id, added):
            # The row was deleted as another entry: this one is gone from the timeline, the other may still be there.
            put_back(session, entry, EntryState.UNSURE, Reason.LOST, 0)
            return
        _write_sent(session, entry, added, is_found=is_found)
    corrections.mark_corrected(session, entry)
    log.info("entry sent", extra={"entry": entry_id, "attempts": entry.attempts, "is_whole": entry.kept is None})


def _take_number_back(session: Session, portal_id: int, added: Entry) -> bool:
    """Take a number from the entry that wrongly holds it; False if that entry has been deleted.

    The row may have been taken for an equal, unsure entry, which becomes unsure again. If that entry was sent at
    another time, the portal was restored from a backup and reuses its numbers.
    """
    holder = update(LogEntry).where(LogEntry.portal_id == portal_id, LogEntry.bitrix_id == added.id)
    if added.created_at:
        earliest, latest = added.created_at - timeline.NUMBERS_APART, added.created_at + timeline.NUMBERS_APART
        another = holder.where((LogEntry.sent_at < earliest) | (LogEntry.sent_at > latest))
        if change(session, another.values(bitrix_id=None)):
            return True
    unsure = {"state": EntryState.UNSURE, "bitrix_id": None, "sent_at": None, "due_at": db.now(session), "lookups": 0}
    return change(session, holder.where(LogEntry.deleted_at.is_(None)).values(**unsure)) == 1


def note_missing(session: Session, entry: LogEntry) -> None:
    """An unsure entry is not on the timeline: send it again once the portal can no longer execute the call. Commits."""
    lookups = entry.lookups + 1
    left_seconds = seconds_left(entry, db.now(session))
    if entry.reason in ANSWERED and lookups < LOOKUPS_BEFORE_REPEAT:
        left_seconds = min(left_seconds, LOOKUP_APART_SECONDS)
    elif entry.reason in ANSWERED or left_seconds <= 0:
        return put_back(session, entry, EntryState.PENDING, lost(entry), 0)
    return put_back(session, entry, EntryState.UNSURE, lost(entry), left_seconds, lookups=lookups)


def seconds_left(entry: LogEntry, now: datetime) -> float:
    """For how many seconds the portal may still be executing an entry's latest attempt."""
    since = (now - (entry.attempted_at or entry.written_at)).total_seconds()
    # An attempt in the future was recorded before the clock was set back.
    return max(0.0, PORTAL_REQUEST_SECONDS - max(0.0, since))


def lost(entry: LogEntry) -> str:
    """The reason of an unsure entry; never a dead pair, after which ``wake`` would hurry it."""
    return Reason.LOST if entry.reason in {None, Reason.PAIR_DEAD} else str(entry.reason)


def wake(session: Session, person: Person) -> bool:
    """Make due what waited for a person's fresh pair; returns whether anything did."""
    waiting = update(LogEntry).where(
        LogEntry.person_id == person.id, _IS_UNSETTLED, LogEntry.reason == Reason.PAIR_DEAD
    )
    return change(session, waiting.values(due_at=db.database_time())) > 0


def undo_jump(session: Session) -> None:
    """Make entries due that were postponed before the clock was set back; commits."""
    # Mostly there are none, and an UPDATE would lock the database for the others.
    if _HAS_JUMPED.first(session, {}) is not None:
        now = db.now(session)
        change(session, update(LogEntry).where(_IS_UNSETTLED, _IS_DUE_TOO_LATE).values(due_at=now, lookups=0))
        change(session, update(LogEntry).where(_IS_UNSETTLED, _IS_TRIED_TOO_LATE).values(attempted_at=now))
    session.commit()


def next_due_at(session: Session, portal_id: int) -> datetime | None:
    """When this portal's next entry is due; None if none waits."""
    waiting = select(LogEntry.due_at).where(LogEntry.portal_id == portal_id, is_waiting())
    due_at = session.scalars(waiting.order_by(LogEntry.due_at).limit(1)).first()
    session.commit()
    return due_at


def _write_sent(session: Session, entry: LogEntry, added: Entry, *, is_found: bool) -> None:
    sent, kept = (Words(one.title, one.text, one.icon_code) for one in (entry, added))
    facts = {
        "state": EntryState.SENT,
        "bitrix_id": added.id,
        "sent_at": added.created_at or db.now(session),
        "reason": None,
        "kept": asdict(kept) if losses(sent, kept) else None,
        "lookups": entry.lookups + is_found,
    }
    # If a power failure undoes this, the entry is looked for on the timeline, like any whose answer was lost.
    skip_sync(session)
    _MARKING_SENT.execute(session, {"entry_id": entry.id, **facts})
    session.commit()
    for name, fact in facts.items():
        set_committed_value(entry, name, fact)
