"""Erases what is stored about one person; what they wrote on timelines belongs to the portal and stays there."""

import logging
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from b24app.machine_models import METADATA
from b24app.models import Change, EntryState, LogEntry, Person, RestCall, SavedSettings
from b24app.services.access import rest_log
from b24app.services.settings.settings import Section

log = logging.getLogger(__name__)

ERASED_AT_ONCE = 1000
# The tables of a person's tokens, drafts and keys. Entries are deleted in steps; changes of settings stay.
_OF_PERSON = [
    column
    for table in METADATA.sorted_tables
    if table.name not in {LogEntry.__tablename__, Change.__tablename__}
    for column in table.columns
    if any(key.target_fullname == "people.id" for key in column.foreign_keys)
]


def erase(session: Session, administrator: Person, person: Person) -> bool:
    """Erase a person at an administrator's request; returns whether nothing is left. Commits.

    Entries that are being sent stay, so the administrator has to repeat it in a minute.
    """
    if _is_sending(session, person):
        session.commit()
        return False
    rest_log.complete(session)
    _write_down(session, administrator, person)
    _forget_who_it_is(session, person)
    session.commit()
    while _erase_step(session, LogEntry, person) or _erase_step(session, RestCall, person):
        pass
    if _is_sending(session, person):
        session.commit()
        return False
    if session.scalar(select(Change.id).where(Change.person_id == person.id).limit(1)) is None:
        session.delete(person)
    session.commit()
    return True


def _write_down(session: Session, administrator: Person, person: Person) -> None:
    now = datetime.now(UTC)
    audited = {"portal_id": administrator.portal_id, "person_id": administrator.id, "changed_at": now}
    session.add(Change(**audited, section=Section.PRIVACY, before=None, after={"erased": person.bitrix_id}))
    log.warning("person erased", extra={"portal": administrator.portal.host, "person": person.bitrix_id})


def _forget_who_it_is(session: Session, person: Person) -> None:
    """Delete tokens, drafts and name at once; the number stays where settings or their changes refer to it."""
    for column in _OF_PERSON:
        session.execute(delete(column.table).where(column == person.id))
    person.name, person.time_zone, person.is_administrator = "", "", False
    of_writers = SavedSettings.portal_id == person.portal_id, SavedSettings.section == Section.WRITERS
    for row in session.scalars(select(SavedSettings).where(*of_writers)):
        if (nameless := _without_name(row.choices, person.bitrix_id)) != row.choices:
            row.choices, row.version = nameless, row.version + 1
    changes = select(Change).where(Change.portal_id == person.portal_id, Change.section == Section.WRITERS)
    for change in session.scalars(changes):
        change.before = change.before and _without_name(change.before, person.bitrix_id)
        change.after = _without_name(change.after, person.bitrix_id)


def _without_name(choices: dict[str, Any], bitrix_id: int) -> dict[str, Any]:
    people = choices.get("people", [])
    return {**choices, "people": [one | {"name": ""} if one["id"] == bitrix_id else one for one in people]}


def _erase_step(session: Session, table: type[LogEntry | RestCall], person: Person) -> int:
    """Delete some of their rows; returns how many."""
    if table is RestCall:
        theirs = select(RestCall.id).where(RestCall.person_id == person.bitrix_id)
    else:
        theirs = select(LogEntry.id).where(LogEntry.person_id == person.id, LogEntry.state != EntryState.SENDING)
    ids = list(session.scalars(theirs.where(table.portal_id == person.portal_id).limit(ERASED_AT_ONCE)))
    session.execute(delete(table).where(table.id.in_(ids)).execution_options(synchronize_session=False))
    session.commit()
    return len(ids)


def _is_sending(session: Session, person: Person) -> bool:
    sending = select(LogEntry.id).where(LogEntry.person_id == person.id, LogEntry.state == EntryState.SENDING)
    return session.scalar(sending.limit(1)) is not None
