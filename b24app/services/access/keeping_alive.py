"""Pairs that nobody has used for nearly 180 days are renewed, so that they do not expire."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.db import database_time, has_passed
from b24app.errors import CallFailed
from b24app.models import Person, TokenPair
from b24app.prepared import Prepared
from b24app.services.access import tokens

# A refresh token is valid for 180 days; Bitrix24 discourages scheduled renewal, so it happens in the last days.
KEPT_ALIVE_AFTER = timedelta(days=170)
KEPT_ALIVE_AT_ONCE = 20
KEPT_ALIVE_AGAIN_AFTER = timedelta(days=1)
_IS_NEARING_ITS_END = (
    (TokenPair.obtained_at < database_time(-KEPT_ALIVE_AFTER.total_seconds()))
    & TokenPair.refusal.is_(None)
    & TokenPair.refresh_token.is_not(None)
    & has_passed(TokenPair.lease_until, KEPT_ALIVE_AGAIN_AFTER.total_seconds())
)
_PORTALS = Prepared(
    select(Person.portal_id)
    .join(TokenPair, TokenPair.person_id == Person.id)
    .where(_IS_NEARING_ITS_END)
    .group_by(Person.portal_id)
)


def due(session: Session) -> list[int]:
    """The portals with valid pairs unused for nearly 180 days."""
    return _PORTALS.scalars(session, {})


def nearing_their_end(session: Session, portal_id: int) -> list[tuple[Person, int]]:
    """The people with such pairs in a portal, with the pairs' versions, the oldest first; commits."""
    statement = select(Person, TokenPair.version).join(TokenPair, TokenPair.person_id == Person.id)
    statement = statement.where(Person.portal_id == portal_id, _IS_NEARING_ITS_END).order_by(TokenPair.obtained_at)
    found = [(person, version) for person, version in session.execute(statement.limit(KEPT_ALIVE_AT_ONCE))]
    session.commit()
    return found


def keep_alive(session: Session, b24: Bitrix24, person: Person, version: int) -> None:
    """Renew a pair that was unused for long; after a failure it is left for a day. Raises like ``renew``."""
    try:
        tokens.renew(session, b24, person, stale_version=version)
    except CallFailed:
        # Far longer than any renewal takes, but nobody waits for this lease.
        tokens.change_pair(session, person, version, lease_until=database_time(KEPT_ALIVE_AGAIN_AFTER.total_seconds()))
        session.commit()
        raise
