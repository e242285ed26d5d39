"""The state of the connection to a portal, from our own rows and the portal's latest answer."""

import time
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from b24app.bitrix24.calls import Answers
from b24app.models import Person, Portal, RestCall, TokenPair
from b24app.services.access import rest_log

NAMED_AT_MOST = 50
# The application's own user is left out, since it cannot open Logbook.
_IS_DEAD = TokenPair.refusal.is_not(None) & Person.is_application.is_(False)


def people_without_permission(session: Session, portal: Portal) -> list[Person]:
    """The first fifty people, by name, with a dead token pair: their entries wait until they open Logbook again."""
    dead = select(Person).join(TokenPair).where(_IS_DEAD, Person.portal_id == portal.id)
    return list(session.scalars(dead.order_by(Person.name, Person.id).limit(NAMED_AT_MOST)))


def count_without_permission(session: Session, portal: Portal) -> int:
    """How many people have a dead token pair."""
    dead = select(func.count()).select_from(Person).join(TokenPair)
    return session.scalar(dead.where(_IS_DEAD, Person.portal_id == portal.id)) or 0


def last_success_at(session: Session, portal: Portal) -> datetime | None:
    """When a call to the portal last succeeded, within the log of calls."""
    rest_log.complete(session)
    good = select(RestCall.called_at).where(RestCall.portal_id == portal.id, RestCall.code == "ok")
    return session.scalar(good.order_by(RestCall.id.desc()).limit(1))


def clock_difference(answers: Answers) -> float | None:
    """How many seconds our clock is ahead of the portal's, by its latest answer; None if unknown."""
    answered_at = answers.answered_at("profile")
    return None if answered_at is None else time.time() - answered_at
