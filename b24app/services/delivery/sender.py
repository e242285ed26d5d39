"""The worker's side of the outbox: sends a portal's waiting entries in batches, at the pace that it allows.

One worker at a time sends for a portal, under a lease in the portal's row. Entries of several authors need
several tokens, and therefore several batches.
"""

import logging
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.calls import Answers, Call
from b24app.bitrix24.methods import Entry
from b24app.bitrix24.pacing import Pace, rate_of
from b24app.codes import Notice, Reason
from b24app.db import has_passed
from b24app.errors import AnswerLost, CallFailed, PairDead, Refused, Unreachable
from b24app.models import EntryState, LogEntry, Person, Portal
from b24app.prepared import Prepared
from b24app.services.access import tokens, uninstall
from b24app.services.delivery import batches, claims, leases, outbox, retry, retry_delays, timeline

log = logging.getLogger(__name__)

PARK_SECONDS = 3600
# The pause for a portal that does not answer; doubles with each failure in a row, up to PARK_SECONDS.
PAUSE_SECONDS = 5
# About a day: the pauses take 10 failures to become an hour.
GONE_AFTER_SILENCES = 34
# A batch as a whole needs no right in the CRM: if it is denied, the reason is the portal's plan.
PARKING = {Notice.OVERLOAD_LIMIT, Notice.ACCESS_DENIED, Notice.PAYMENT_REQUIRED}
_PORTALS = Prepared(
    select(LogEntry.portal_id)
    .join(Portal, Portal.id == LogEntry.portal_id)
    .where(
        outbox.is_waiting(),
        LogEntry.due_at <= db.database_time(),
        Portal.suspended_at.is_(None),
        has_passed(Portal.parked_until, PARK_SECONDS),
        has_passed(Portal.leased_until, leases.LEASE_SECONDS),
    )
    .group_by(LogEntry.portal_id)
    .order_by(func.min(LogEntry.due_at), LogEntry.portal_id)
)


def due(session: Session) -> list[int]:
    """The portals with due entries, the longest waiting first."""
    return _PORTALS.scalars(session, {})


def deliver_waiting(session: Session, b24: Bitrix24, portal_id: int, pace: Pace | None = None) -> bool:
    """Deliver a portal's due entries, unless another worker does; returns whether there were any. Commits."""
    worker = secrets.token_hex(8)
    if not leases.take(session, portal_id, worker, is_new=True):
        return False
    has_worked = False
    portal = session.get_one(Portal, portal_id, populate_existing=True)
    pace = pace or Pace(rate_of(is_enterprise=portal.is_enterprise))
    try:
        while not _is_resting(session, portal) and (entries := batches.next_entries(session, portal)):
            has_worked = True
            _work(Shift(session, b24, portal, worker, pace), entries)
            if not leases.take(session, portal_id, worker, is_new=False):
                break
        return has_worked
    finally:
        session.rollback()
        leases.release(session, portal_id, worker)


@dataclass
class Shift:
    """One worker at one portal, under its lease; ``ask`` lets one request through at the portal's pace."""

    session: Session
    b24: Bitrix24
    portal: Portal
    worker: str
    pace: Pace
    claimed: list[LogEntry] = field(default_factory=list)
    is_sending: bool = False
    has_asked: bool = False

    def claim(self, entries: list[batches.Waiting]) -> None:
        """Claim and read the entries that nobody else has claimed meanwhile; commits."""
        self.is_sending = entries[0].state == EntryState.PENDING
        ours = claims.take(self.session, [entry.id for entry in entries], entries[0].state)
        claimed = select(LogEntry).where(LogEntry.id.in_(ours)).order_by(LogEntry.id)
        self.claimed = list(self.session.scalars(claimed.execution_options(populate_existing=True)))
        self.session.commit()

    def ask(self, calls: dict[str, Call]) -> Answers:
        """Call in the name of the claimed entries' author; raises like ``tokens.ask_all_as``."""
        self.pace.wait()
        if self.has_asked:
            self.hold()
        self.has_asked = True
        return tokens.ask_all_as(self.session, self.b24, self.claimed[0].person, calls, self.hold)

    def hold(self) -> None:
        """Extend the lease and the claims for another call; raises Unreachable if another process has taken them."""
        is_held = leases.take(self.session, self.portal.id, self.worker, is_new=False)
        if not (
            is_held and claims.prolong(self.session, self.claimed, claims.LONGEST_SECONDS, is_sent_now=self.is_sending)
        ):
            raise Unreachable(code=outbox.CLAIM_LOST)


def _work(shift: Shift, entries: list[batches.Waiting]) -> None:
    session, state = shift.session, entries[0].state
    shift.claim(entries)
    if not shift.claimed:
        return
    try:
        (_send if state == EntryState.PENDING else _look_for)(session, shift.ask, shift.claimed)
    except (CallFailed, PairDead) as failure:
        _settle_all(session, shift.portal, shift.claimed[0].person, shift.claimed, state, failure)
    else:
        _note_answer(session, shift.portal)


def _send(session: Session, ask: timeline.Ask, entries: list[LogEntry]) -> None:
    answers = ask({f"entry_{entry.id}": outbox.add_call(entry) for entry in entries})
    for entry in entries:
        key = f"entry_{entry.id}"
        try:
            added = methods.read_added_entry(answers[key])
        except (Refused, AnswerLost) as failure:
            outbox.settle(session, entry, failure, resets_at=answers.resets_at(key))
        else:
            outbox.mark_sent(session, entry, added)


def _look_for(session: Session, ask: timeline.Ask, entries: list[LogEntry]) -> None:
    found = timeline.find(session, ask, entries)
    for entry in entries:
        verdict = found[entry.id]
        if isinstance(verdict, Entry):
            outbox.mark_sent(session, entry, verdict, is_found=True)
        elif verdict is None:
            outbox.note_missing(session, entry)
        else:
            _look_later(session, entry, verdict)


def _settle_all(
    session: Session,
    portal: Portal,
    person: Person,
    entries: list[LogEntry],
    state: EntryState,
    failure: CallFailed | PairDead,
) -> None:
    """The whole request failed: apply that to each entry, and pause the portal if needed."""
    code = failure.reason if isinstance(failure, PairDead) else failure.code.removeprefix("RENEWAL_")
    is_denied = isinstance(failure, CallFailed) and code in PARKING
    for entry in entries:
        if state == EntryState.UNSURE:
            _look_later(session, entry, failure)
        elif is_denied:
            outbox.put_back(session, entry, EntryState.PENDING, code, PARK_SECONDS)
        else:
            outbox.settle(session, entry, failure)
    if is_denied:
        _park(session, portal, PARK_SECONDS, notice=Notice(code))
    elif isinstance(failure, CallFailed) and not _is_of_person(failure):
        _pause(session, portal, code)
    uninstall.suspect(session, portal, failure)


def _look_later(session: Session, entry: LogEntry, failure: CallFailed | PairDead) -> None:
    # A dead pair hides how the answer was lost, so the longest search follows once the pair is valid again.
    reason = Reason.PAIR_DEAD if isinstance(failure, PairDead) else outbox.lost(entry)
    is_for_long = isinstance(failure, PairDead) or failure.code == timeline.TOO_LONG
    wait_seconds = retry_delays.LONGEST_SECONDS if is_for_long else outbox.LOOKUP_FAILED_SECONDS
    if isinstance(failure, CallFailed) and failure.code == timeline.TWIN_UNDER_WAY:
        wait_seconds = outbox.LOOKUP_APART_SECONDS
    log.warning("lookup failed", extra={"entry": entry.id, "code": str(failure)})
    outbox.put_back(session, entry, EntryState.UNSURE, reason, wait_seconds, lookups=entry.lookups)


def _is_of_person(failure: CallFailed) -> bool:
    """Whether the caller was refused, so that other authors' entries can still be sent."""
    return isinstance(failure, Refused) and failure.is_authorization


def _pause(session: Session, portal: Portal, code: str) -> None:
    """Pause a portal, longer with each failure; if it has been gone for a day, its entries are given up."""
    _park(session, portal, _pause_seconds(portal), notice=Notice.NOT_HERE if code == Reason.NOT_HERE else None)
    portal.silences += 1
    session.commit()
    if code == Reason.NOT_HERE and portal.silences >= GONE_AFTER_SILENCES:
        count = retry.give_up(session, LogEntry.portal_id == portal.id)
        log.error("no portal is at its address", extra={"portal": portal.host, "entries": count})


def _pause_seconds(portal: Portal) -> float:
    pause: int = min(PAUSE_SECONDS * 2 ** min(portal.silences, 16), PARK_SECONDS)
    return pause


def _note_answer(session: Session, portal: Portal) -> None:
    if portal.silences:
        portal.silences = 0
        session.commit()


def _park(session: Session, portal: Portal, seconds: float, *, notice: Notice | None) -> None:
    """Pause the portal for a while; a notice is shown to its administrators."""
    portal.parked_until = db.now(session) + timedelta(seconds=seconds)
    portal.notice = notice or portal.notice
    session.commit()
    log.warning("portal parked", extra={"portal": portal.host, "seconds": seconds, "code": notice or "pause"})


def _is_resting(session: Session, portal: Portal) -> bool:
    now = db.now(session)
    until = portal.parked_until
    is_parked = until is not None and now < until <= now + 2 * timedelta(seconds=PARK_SECONDS)
    return is_parked or portal.suspended_at is not None
