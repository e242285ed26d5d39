"""Who may write: everybody who can open the card, the portal's administrators, or chosen people."""

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
# The most people listed to choose from; others are found by name.
LISTED = 100


class Who(enum.StrEnum):
    """Who may write, apart from the portal's own rights."""

    EVERYBODY = "everybody"
    ADMINISTRATORS = "administrators"
    CHOSEN = "chosen"


@dataclass(frozen=True)
class Named:
    """A person by their number in the portal; the name may come from a browser and is only for display."""

    id: int
    name: str

    @property
    def shown(self) -> str:
        return shown_name(self.name, self.id)


@dataclass(frozen=True)
class Writers:
    """``people`` stay saved while everybody or all administrators may write, so that they can be used again."""

    who: Who = Who.EVERYBODY
    people: tuple[Named, ...] = ()

    def as_map(self) -> dict[str, Any]:
        """The form in which the section is saved."""
        return {"who": str(self.who), "people": [{"id": person.id, "name": person.name} for person in self.people]}

    def include(self, person: Person) -> bool:
        """Whether this person may write; their being an administrator was read when they last opened Logbook."""
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
    """Whether a person may write now; if that depends on being an administrator, the portal is asked."""
    if writers.who == Who.ADMINISTRATORS and person.is_administrator:
        portals.ask_standing(session, b24, person)
    return writers.include(person)


def problems(writers: Writers) -> dict[str, str]:
    """The problems that keep a choice from being saved: no or too many ``people``."""
    if len(writers.people) > MOST_CHOSEN:
        return {"people": "many"}
    return {"people": "none"} if writers.who == Who.CHOSEN and not writers.people else {}


def known(session: Session, portal: Portal, *, called: str = "") -> tuple[list[Named], bool]:
    """People who have opened Logbook, by name, and whether there are more; ``called`` is a part of the name."""
    if called:
        found = [Named(bitrix_id, name) for _id, bitrix_id, name in people.matching(session, portal, called)]
    else:
        of_portal = select(Person.bitrix_id, Person.name).where(Person.portal_id == portal.id, ~Person.is_application)
        found = [Named(*row) for row in session.execute(of_portal.order_by(Person.name, Person.id).limit(LISTED + 1))]
    return found[:LISTED], len(found) > LISTED


def with_our_names(session: Session, portal: Portal, chosen: Iterable[Named]) -> tuple[Named, ...]:
    """Each person once, by the name from the portal if there is one."""
    by_id = {person.id: person for person in chosen}
    ours = select(Person.bitrix_id, Person.name).where(Person.portal_id == portal.id, Person.bitrix_id.in_(by_id))
    by_id |= {number: Named(number, name) for number, name in session.execute(ours) if name}
    return tuple(by_id.values())
