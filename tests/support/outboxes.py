"""Entries in every state that the outbox knows, each brought about the way it happens, and how to look at them."""

import secrets
from datetime import UTC, datetime

from sqlalchemy import insert, select

from b24app.models import EntryState, LogEntry, Person
from b24app.models import Portal as Ours
from devportal import Portal
from tests.support.logbook import Logbook, Page

ADD = "crm.timeline.logmessage.add"
LIST = "crm.timeline.logmessage.list"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def post(logbook: Logbook, portal: Portal, card: int = 1, **words: str) -> Page:
    form = logbook.send(portal.frame(portal.employee, options={"ID": str(card)})).form
    return logbook.post(form, **{**WORDS, **words})


def waiting(logbook: Logbook, portal: Portal, **words: str) -> None:
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    assert post(logbook, portal, 1, **words).outcome == "queued"


def unsure(logbook: Logbook, portal: Portal, *, stands: bool, **words: str) -> None:
    portal.faults.reset(ADD, processed=stands)
    assert post(logbook, portal, 1, **words).outcome == "queued"


def refused(logbook: Logbook, portal: Portal, **words: str) -> None:
    portal.faults.refuse("ACCESS_DENIED", ADD)
    assert post(logbook, portal, 1, **words).outcome == "refused"


def write_many(logbook: Logbook, portal: Portal, count: int, **facts: object) -> None:
    """Rows as if the administrator had written them, and they had got no further."""
    now = datetime.now(UTC)
    with logbook.database() as session:
        of_portal = select(Person).join(Ours, Ours.id == Person.portal_id).where(Ours.member_id == portal.member_id)
        author = session.scalars(of_portal.where(Person.bitrix_id == portal.administrator.id)).one()
        row = {"portal_id": author.portal_id, "person_id": author.id, "entity_type_id": 2, "entity_id": 1}
        words = {"icon_code": "comment", "title": "Title", "text": "Text", "state": EntryState.FAILED}
        fate = {"attempts": 1, "lookups": 0, "reason": "ACCESS_DENIED", "written_at": now, "due_at": now}
        keys = [secrets.token_hex(8) for _ in range(count)]
        rows = [{**row, **words, **fate, "form_key": key, **facts} for key in keys]
        session.execute(insert(LogEntry), rows)
        session.commit()


def titles(page: Page) -> list[str]:
    return [row.select_one("strong").text for row in page.soup.select("li.delivery")]  # type: ignore[union-attr]


def figures(page: Page) -> dict[str, str]:
    return {str(one["value"]): one.select_one("strong").text for one in page.soup.select("button.figure")}  # type: ignore[union-attr]


def states(logbook: Logbook) -> list[tuple[EntryState, str | None]]:
    return [(entry.state, entry.reason) for entry in logbook.entries()]


def on_timeline(portal: Portal, card: int = 1) -> list[str]:
    return [message.title for message in portal.timeline(2, card)]
