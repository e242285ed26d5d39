"""The people of a portal who have opened Logbook there."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.i18n import folded
from b24app.i18n import gettext as _
from b24app.models import Person, Portal

SUGGESTED = 200
# No more namesakes than this are listed; typing more of the name narrows them down.
MOST_NAMESAKES = 10


class Author(NamedTuple):
    """Of a person only what it takes to keep what they type."""

    id: int
    portal_id: int
    bitrix_id: int
    # The portal's.
    member_id: str
    host: str


def suggested(session: Session, portal: Portal) -> list[Person]:
    """Some people to suggest, by name."""
    of_portal = select(Person).where(Person.portal_id == portal.id)
    return list(session.scalars(of_portal.order_by(Person.name, Person.bitrix_id).limit(SUGGESTED)))


def shown_name(name: str, bitrix_id: int) -> str:
    """A person's name for our pages; people without a name in the portal are shown by their number."""
    has_name = any(one.isprintable() and not one.isspace() for one in name)
    return name if has_name else _("User %(id)s") % {"id": bitrix_id}


def person_name(person: Person) -> str:
    return shown_name(person.name, person.bitrix_id)


def matching(session: Session, portal: Portal, words: str) -> list[tuple[int, int, str]]:
    """People whose names contain these words, by name: our number, the portal's number and the name.

    Ignores case, in Python, since databases disagree about case.
    """
    wanted = folded(words)
    of_portal = select(Person.id, Person.bitrix_id, Person.name).where(Person.portal_id == portal.id)
    people = [
        (folded(shown_name(row.name, row.bitrix_id)), (row.id, row.bitrix_id, row.name))
        for row in session.execute(of_portal)
    ]
    return [person for name, person in sorted(people) if wanted in name]


def called(session: Session, portal: Portal, words: str) -> list[Person]:
    """The people whose names contain these words; at most MOST_NAMESAKES + 1."""
    ids = [person_id for person_id, *_rest in matching(session, portal, words)][: MOST_NAMESAKES + 1]
    return list(session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id)))


def numbered(session: Session, portal: Portal, bitrix_id: int) -> list[Person]:
    """The person with this number in the portal, if we know them."""
    of_number = select(Person).where(Person.portal_id == portal.id, Person.bitrix_id == bitrix_id)
    return list(session.scalars(of_number))
