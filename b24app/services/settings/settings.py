"""The settings of a portal, section by section; saving detects changes that others made meanwhile.

A section's choices are one JSON map, defined by the section's own module here (icons, places …).
"""

import enum
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from b24app.db import change, insert_into
from b24app.errors import Outdated
from b24app.models import Change, Person, Portal, SavedSettings


class Section(enum.StrEnum):
    """The parts of the settings that are saved separately."""

    PLACES = "places"
    ICONS = "icons"
    TEMPLATES = "templates"
    WRITERS = "writers"
    EXTRAS = "extras"
    # Never saved as a section: only the list of changes uses it.
    KEYS = "keys"
    PRIVACY = "privacy"


@dataclass(frozen=True)
class Saved:
    """A saved section; ``version`` is 0 and ``choices`` is None before the first save."""

    version: int = 0
    choices: dict[str, Any] | None = None


# A portal's settings by section; unsaved sections are Saved().
Chosen = Mapping[Section, Saved]


def read(session: Session, portal_id: int, section: Section) -> Saved:
    """A section as it is saved now, bypassing what this session has read before."""
    wanted = select(SavedSettings.version, SavedSettings.choices).where(
        SavedSettings.portal_id == portal_id, SavedSettings.section == section
    )
    row = session.execute(wanted).one_or_none()
    return Saved(row.version, row.choices) if row else Saved()


def of(portal: Portal) -> Chosen:
    """All sections as loaded with the portal; unsaved ones are missing and mean ``Saved()``."""
    rows = portal.sections
    return defaultdict(Saved, {Section(row.section): Saved(row.version, row.choices) for row in rows})


def save(session: Session, person: Person, section: Section, choices: dict[str, Any], *, version: int) -> bool:
    """Save a section over ``version``; returns whether that changed anything. Commits.

    Raises Outdated, without saving, if somebody else has saved the section since that version.
    """
    before = read(session, person.portal_id, section)
    if before.version != version:
        session.commit()
        raise Outdated
    if before.choices == choices:
        session.commit()
        return False
    if not _write(session, person.portal_id, section, choices, version):
        session.rollback()
        raise Outdated
    audited = Change(
        portal_id=person.portal_id,
        person_id=person.id,
        changed_at=datetime.now(UTC),
        section=section,
        before=before.choices,
        after=choices,
    )
    session.add(audited)
    session.commit()
    return True


def latest_change(session: Session, portal_id: int, section: Section) -> Change | None:
    """Who saved a section last, and when."""
    of_section = select(Change).where(Change.portal_id == portal_id, Change.section == section)
    return session.scalars(of_section.order_by(Change.id.desc()).limit(1)).first()


def _write(session: Session, portal_id: int, section: Section, choices: dict[str, Any], version: int) -> bool:
    """Compare the version and save in one statement: if two people save at once, the database decides."""
    place = {"portal_id": portal_id, "section": section}
    if version == 0:
        statement = insert_into(session, SavedSettings).values(**place, version=1, choices=choices)
        first = statement.on_conflict_do_nothing(index_elements=list(place)).returning(SavedSettings.version)
        return session.scalar(first) is not None
    row = update(SavedSettings).filter_by(**place, version=version)
    return change(session, row.values(version=version + 1, choices=choices)) == 1
