"""Keeps our robot registered if automation is granted: updates of the application remove it."""

import logging
from functools import cache

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, robots
from b24app.bitrix24.robots import CODES, KINDS, Words
from b24app.errors import CallFailed, PairDead
from b24app.i18n import in_every_language, marked
from b24app.models import Person
from b24app.services.access import tokens
from b24app.services.settings import icons
from b24app.services.setup.bindings import Survey

log = logging.getLogger(__name__)

NAME = marked("Add a log entry")
DESCRIPTION = marked("Writes an entry with an icon, a title and a text on the card’s timeline.")


def register(session: Session, b24: Bitrix24, administrator: Person, survey: Survey, app_url: str) -> None:
    """Register or update the robot; failures are only logged, since all else works without it. Commits."""
    known = {"robot": survey.robots, "activity": survey.activities}
    portal = administrator.portal
    codes = [icon.code for icon in icons.offered(session, portal)]
    calls = {
        kind: robots.register(kind, app_url, _words(), codes, is_known=CODES[kind] in (known[kind] or ()))
        for kind in KINDS
        if known[kind] is not None
    }
    session.commit()
    if not calls:
        return
    try:
        answers = tokens.ask_all_as(session, b24, administrator, calls)
        refusals = {kind: answers.refusal_of(kind) for kind in calls}
    except (CallFailed, PairDead) as failure:
        refusals = dict.fromkeys(calls, str(failure))
    for kind, refusal in refusals.items():
        if refusal:
            log.warning("the %s was not registered", kind, extra={"portal": portal.host, "code": refusal})
    session.commit()


@cache
def _words() -> Words:
    return Words(
        name=in_every_language(NAME),
        description=in_every_language(DESCRIPTION),
        icon=in_every_language(marked("Icon")),
        title=in_every_language(marked("Title")),
        text=in_every_language(marked("Text")),
    )
