"""The icons of a portal: asked for at each opening, remembered for judging what a form sends."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.methods import Icon
from b24app.errors import LogbookError
from b24app.models import LogEntry, Person, Portal

RECENT = 7

# A command in a batch that is sent anyway costs no request, and a picker is never older than its page.
QUESTION = {"icons": methods.icons()}


def learn(portal: Portal, answers: Answers) -> None:
    """Remember what the portal lists; an answer that cannot be read leaves what is known."""
    try:
        icons = methods.read_icons(answers["icons"])
    except LogbookError:
        return
    portal.icons = [[icon.code, icon.file_uri] for icon in icons]
    portal.icons_read_at = datetime.now(UTC)


def offered(portal: Portal) -> list[Icon]:
    """In the portal's own order; empty while it has listed none."""
    return [Icon(code, file_uri) for code, file_uri in portal.icons or []]


def recent(session: Session, person: Person) -> list[str]:
    """The codes with which this person has written, the latest first: his entries remember it."""
    latest = func.max(LogEntry.id)
    statement = select(LogEntry.icon_code).where(LogEntry.person_id == person.id).group_by(LogEntry.icon_code)
    return list(session.scalars(statement.order_by(latest.desc()).limit(RECENT)))
