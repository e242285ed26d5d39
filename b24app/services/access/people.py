"""The people of a portal whom Logbook knows: those who have opened it there."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.models import Person, Portal

SUGGESTED = 200
# Nobody looks through more namesakes than that; he had better write more of the name.
MOST_NAMESAKES = 10


def suggested(session: Session, portal: Portal) -> list[Person]:
    """Some people to choose from, by name."""
    of_portal = select(Person).where(Person.portal_id == portal.id)
    return list(session.scalars(of_portal.order_by(Person.name, Person.bitrix_id).limit(SUGGESTED)))


def called(session: Session, portal: Portal, words: str) -> list[Person]:
    """Whoever bears these words in his name, in whatever capitals; one more than MOST_NAMESAKES at most."""
    wanted = words.casefold()
    of_portal = select(Person.id, Person.name).where(Person.portal_id == portal.id).order_by(Person.id)
    ids = [row.id for row in session.execute(of_portal) if wanted in row.name.casefold()][: MOST_NAMESAKES + 1]
    return list(session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id)))


def numbered(session: Session, portal: Portal, bitrix_id: int) -> list[Person]:
    """The one with this number in the portal, if we know him."""
    of_number = select(Person).where(Person.portal_id == portal.id, Person.bitrix_id == bitrix_id)
    return list(session.scalars(of_number))
