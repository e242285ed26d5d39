"""Who may write: everybody who can open the card, the portal's administrators, or people whom they have chosen."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.models import Person, Portal
from b24app.services.access import people, portals
from b24app.services.access.people import shown_name
from b24app.services.settings import settings
from b24app.services.settings.settings import Saved, Section

MOST_CHOSEN = 500
# This many are listed to choose from; beyond that, people are found by name.
LISTED = 100


class Who(enum.StrEnum):
    """The portal's own rights come on top of each."""

    EVERYBODY = "everybody"
    ADMINISTRATORS = "administrators"
    CHOSEN = "chosen"


@dataclass(frozen=True)
class Named:
    """Somebody by their number in the portal; the name may come through a browser and is for display only."""

    id: int
    name: str

    @property
    def shown(self) -> str:
        return shown_name(self.name, self.id)


@dataclass(frozen=True)
class Writers:
    """``people`` are kept while others than the chosen ones may write, so that nobody has to choose them again."""

    who: Who = Who.EVERYBODY
    people: tuple[Named, ...] = ()

    def as_map(self) -> dict[str, Any]:
        """As the section is saved."""
        return {"who": str(self.who), "people": [{"id": person.id, "name": person.name} for person in self.people]}

    def include(self, person: Person) -> bool:
        """Whether this person may write; whether they are an administrator was read when they last opened Logbook."""
        if self.who == Who.CHOSEN:
            return person.bitrix_id in {chosen.id for chosen in self.people}
        return self.who == Who.EVERYBODY or person.is_administrator


def read(session: Session, portal_id: int) -> tuple[Writers, int]:
    """Who may write, and the version of the section."""
    saved = settings.read(session, portal_id, Section.WRITERS)
    return of(saved), saved.version


def of(saved: Saved) -> Writers:
    chosen = saved.choices or {}
    named = tuple(Named(person["id"], person["name"]) for person in chosen.get("people", []))
    return Writers(Who(chosen.get("who", Who.EVERYBODY)), named)


def may_write_now(session: Session, b24: Bitrix24, person: Person, writers: Writers) -> bool:
    """Whether they may write at this moment: where the rights of an administrator decide, the portal is asked first."""
    if writers.who == Who.ADMINISTRATORS and person.is_administrator:
        portals.ask_standing(session, b24, person)
    return writers.include(person)


def problems(writers: Writers) -> dict[str, str]:
    """What keeps a choice from being saved: ``people`` are none or too many."""
    if len(writers.people) > MOST_CHOSEN:
        return {"people": "many"}
    return {"people": "none"} if writers.who == Who.CHOSEN and not writers.people else {}


def known(session: Session, portal: Portal, *, called: str = "") -> tuple[list[Named], bool]:
    """The people who have opened Logbook, by name, and whether there are more; ``called`` is a part of the name."""
    if called:
        found = [Named(bitrix_id, name) for _id, bitrix_id, name in people.matching(session, portal, called)]
    else:
        of_portal = select(Person.bitrix_id, Person.name).where(Person.portal_id == portal.id, ~Person.is_application)
        found = [Named(*row) for row in session.execute(of_portal.order_by(Person.name, Person.id).limit(LISTED + 1))]
    return found[:LISTED], len(found) > LISTED


def with_our_names(session: Session, portal: Portal, chosen: Iterable[Named]) -> tuple[Named, ...]:
    """Each of them once, by the name from the portal itself where there is one."""
    by_id = {person.id: person for person in chosen}
    ours = select(Person.bitrix_id, Person.name).where(Person.portal_id == portal.id, Person.bitrix_id.in_(by_id))
    by_id |= {number: Named(number, name) for number, name in session.execute(ours) if name}
    return tuple(by_id.values())
