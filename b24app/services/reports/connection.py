"""The state of the connection with a portal, from our own records and the portal's latest answer."""

import time
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from b24app.bitrix24.calls import Answers
from b24app.models import Person, Portal, RestCall, TokenPair
from b24app.services.access import rest_log

NAMED_AT_MOST = 50
# Opening Logbook again is nothing that the application's own user can do.
_IS_DEAD = TokenPair.refusal.is_not(None) & Person.is_application.is_(False)


def people_without_permission(session: Session, portal: Portal) -> list[Person]:
    """People with a dead token pair: their entries wait until they open Logbook again. The first fifty, by name."""
    dead = select(Person).join(TokenPair).where(_IS_DEAD, Person.portal_id == portal.id)
    return list(session.scalars(dead.order_by(Person.name, Person.id).limit(NAMED_AT_MOST)))


def count_without_permission(session: Session, portal: Portal) -> int:
    """How many there are in all."""
    dead = select(func.count()).select_from(Person).join(TokenPair)
    return session.scalar(dead.where(_IS_DEAD, Person.portal_id == portal.id)) or 0


def last_success_at(session: Session, portal: Portal) -> datetime | None:
    """When a call to the portal last succeeded, as far back as the log of calls goes."""
    rest_log.complete(session)
    good = select(RestCall.called_at).where(RestCall.portal_id == portal.id, RestCall.code == "ok")
    return session.scalar(good.order_by(RestCall.id.desc()).limit(1))


def clock_difference(answers: Answers) -> float | None:
    """By how many seconds our clock is ahead of the portal's in its latest answer; None if unknown."""
    answered_at = answers.answered_at("profile")
    return None if answered_at is None else time.time() - answered_at
