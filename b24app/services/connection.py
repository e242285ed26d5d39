"""How Logbook stands with a portal, as far as our own records tell."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.models import Person, Portal, TokenPair


def people_without_permission(session: Session, portal: Portal) -> list[Person]:
    """Whose token pair is dead: what they wrote waits until they open Logbook again."""
    dead = select(Person).join(TokenPair).where(Person.portal_id == portal.id, TokenPair.refusal.is_not(None))
    return list(session.scalars(dead.order_by(Person.name, Person.id)))
