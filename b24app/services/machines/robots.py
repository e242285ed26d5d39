"""Runs of our robot: they are proved and become entries; waiting workflows get an answer, even after a failure."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24, robots
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.oauth import Pair
from b24app.bitrix24.robots import NOBODY_WAITS, RobotCall
from b24app.db import change, insert_into
from b24app.errors import CallFailed, LogbookError, NotProved, PairDead, Refused
from b24app.i18n import gettext as _
from b24app.machine_models import RobotRun
from b24app.models import EntryState, LogEntry, Person, Portal, Source
from b24app.prepared import Prepared, either
from b24app.services import text_rules
from b24app.services.access import portals, rest_log, sealing, tokens
from b24app.services.access.portals import WHO
from b24app.services.delivery import entries
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft
from b24app.services.machines.requests import TEXT_PROBLEMS
from b24app.services.settings import icons

AGAIN_SECONDS = 60
MOST_ATTEMPTS = 60
ANSWERED_AT_ONCE = 50
_HAS_ENDED = or_(RobotRun.entry_id.is_(None), either(LogEntry.state, (EntryState.SENT, EntryState.FAILED)))
_PORTALS = Prepared(
    select(RobotRun.portal_id)
    .outerjoin(LogEntry, LogEntry.id == RobotRun.entry_id)
    .join(Portal, Portal.id == RobotRun.portal_id)
    .where(Portal.suspended_at.is_(None), _HAS_ENDED, RobotRun.due_at <= db.database_time())
    .group_by(RobotRun.portal_id)
)


def take(session: Session, b24: Bitrix24, run: RobotCall) -> int:
    """Save the entry of a run once; returns the portal. Raises NotInstalled, NotProved or CallFailed. Commits."""
    person = _prove(session, b24, run)
    draft = Draft(run.icon_code, run.title, run.text).tidied()
    problem = _problem(session, person, draft)
    form_key = hashlib.sha256(json.dumps(["robot", run.event_token]).encode()).hexdigest()
    entry = None
    if not problem:
        entry = entries.insert(session, person, run.card, draft, form_key, {"source": Source.ROBOT})
    if run.is_awaited and (entry or problem):
        _await(session, person, entry, form_key, run.event_token, problem)
    session.commit()
    return person.portal_id


def due(session: Session) -> list[int]:
    """The portals with workflows to answer."""
    return _PORTALS.scalars(session, {})


def answer_due(session: Session, b24: Bitrix24, portal_id: int) -> None:
    """Answer the workflows whose entries are done; commits."""
    rows = select(RobotRun).outerjoin(LogEntry, LogEntry.id == RobotRun.entry_id).where(_HAS_ENDED)
    rows = rows.where(RobotRun.portal_id == portal_id, RobotRun.due_at <= db.now(session)).order_by(RobotRun.id)
    found = list(session.scalars(rows.limit(ANSWERED_AT_ONCE)))
    session.commit()
    for run in found:
        _answer(session, b24, run)


def _prove(session: Session, b24: Bitrix24, run: RobotCall) -> Person:
    """Ask the known portal whose token a run has; that person is the author."""
    portal = portals.find(session, run.member_id)
    applicant = portals.applicant_of(portal, run, run.access_token or "")
    session.commit()
    if not applicant.is_insider:
        raise NotProved(reason="application token")
    if not run.access_token:
        raise NotProved(reason="no token")
    try:
        with b24.admission.admit(applicant):
            answers = _ask(b24, portal, run.access_token)
            profile = portals.read_proof(answers, app_code=portal.app_code)
    except LogbookError:
        rest_log.keep(session, portal, None)
        session.commit()
        raise
    return portals.enroll(session, portal, profile, Pair(run.access_token, run.refresh_token)).person


def _ask(b24: Bitrix24, portal: Portal, access_token: str) -> Answers:
    try:
        return b24.portals.ask_all(portal.client_endpoint, access_token, WHO)
    except Refused as refused:
        if not refused.is_authorization:
            raise
        raise NotProved(reason=refused.code.lower()) from None


def _problem(session: Session, person: Person, draft: Draft) -> str:
    """What keeps a run's entry from being saved, for the workflow's log; empty if nothing does."""
    if draft.icon_code not in {icon.code for icon in icons.offered(session, person.portal)}:
        return "icon is not on offer"
    for name, text, longest in (("title", draft.title, LONGEST_TITLE), ("text", draft.text, LONGEST_TEXT)):
        if problem := text_rules.problem(text, longest):
            return f"{name} {TEXT_PROBLEMS[problem].format(limit=longest)}"
    return ""


def _await(
    session: Session, person: Person, entry: LogEntry | None, form_key: str, event_token: str, problem: str
) -> None:
    statement = insert_into(session, RobotRun).values(
        portal_id=person.portal_id,
        person_id=person.id,
        entry_id=entry.id if entry else None,
        form_key=form_key,
        event_token=sealing.sealed(event_token, sealing.of_person(person)),
        problem=problem,
        attempts=0,
        due_at=datetime.now(UTC),
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=[RobotRun.person_id, RobotRun.form_key]))


def _answer(session: Session, b24: Bitrix24, run: RobotRun) -> None:
    event_token = sealing.opened(run.event_token, sealing.of_person(run.person))
    again_at = None
    try:
        if event_token:
            tokens.call_as(session, b24, run.person, robots.answer(event_token, *_outcome(run)))
    except Refused as refused:
        again_at = None if refused.code in NOBODY_WAITS else _again_at(session, run)
    except (CallFailed, PairDead):
        again_at = _again_at(session, run)
    of_run = update(RobotRun).where(RobotRun.id == run.id)
    change(session, of_run.values(due_at=again_at, attempts=RobotRun.attempts + 1))
    session.commit()


def _outcome(run: RobotRun) -> tuple[int | None, str]:
    """The entry's number on the timeline, and a line for the workflow's log."""
    if run.entry is not None and run.entry.state == EntryState.SENT:
        return run.entry.bitrix_id, _("The entry was written.")
    reason = run.problem or (run.entry and run.entry.reason) or ""
    return None, _("The entry was not written: %(reason)s") % {"reason": reason}


def _again_at(session: Session, run: RobotRun) -> datetime | None:
    return None if run.attempts >= MOST_ATTEMPTS else db.now(session) + timedelta(seconds=AGAIN_SECONDS)
