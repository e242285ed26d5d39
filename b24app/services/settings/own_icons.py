"""Icons that administrators add: the portal stores the pictures, we store their names."""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.bitrix24.icons import add_icon, delete_icon, read_added_icon
from b24app.codes import Reason
from b24app.errors import Outdated, Refused
from b24app.models import EntryState, LogEntry, Person, Portal
from b24app.services.access import tokens
from b24app.services.settings import icons, settings
from b24app.services.settings.icons import PREFIX, Choices
from b24app.services.settings.settings import Section

LONGEST_NAME = 60
LONGEST_PICTURE = 1_000_000
LONGEST_SLUG = 40
MOST_TRIES = 10


@dataclass(frozen=True)
class Renewed:
    """A change of the section's choices: from this version to the other."""

    before: int
    after: int


def code_of(name: str, picture: bytes) -> str:
    """The code of a new icon. The same picture and name have the same code, so that a form sent twice adds one icon.

    For names without Latin letters, it consists only of the part that identifies the picture.
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub("[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")
    mark = hashlib.sha256(picture + name.encode()).hexdigest()[:6]
    return PREFIX + "-".join(filter(None, [slug, mark]))


def is_ours(portal: Portal, code: str) -> bool:
    """Whether this portal's icon was added here; the portal itself would let us remove any."""
    return code.startswith(PREFIX) and code in {icon.code for icon in icons.listed(portal)}


def add(session: Session, b24: Bitrix24, person: Person, *, code: str, name: str, picture: bytes) -> Renewed:
    """Add the picture to the portal as this administrator, unless it is listed already, and store its name.

    Raises CallFailed or PairDead. Commits.
    """
    portal = person.portal
    if not is_ours(portal, code):
        added = read_added_icon(tokens.call_as(session, b24, person, add_icon(code, picture)))
        portal.icons = [*(portal.icons or []), [added.code, added.file_uri]]
        session.commit()
    return _change(session, person, lambda choices: replace(choices, names={**choices.names, code: name}))


def remove(session: Session, b24: Bitrix24, person: Person, code: str) -> Renewed:
    """Remove the icon from the portal, and all choices about it from our settings; raises CallFailed or PairDead."""
    try:
        tokens.call_as(session, b24, person, delete_icon(code))
    except Refused as refused:
        # It is gone already: somebody was faster, or an earlier answer was lost.
        if refused.code != Reason.NOT_FOUND:
            raise
    person.portal.icons = [[icon.code, icon.file_uri] for icon in icons.listed(person.portal) if icon.code != code]
    session.commit()
    return _change(session, person, lambda choices: _without(choices, code))


def count_entries(session: Session, portal: Portal, code: str) -> int:
    """How many entries with this icon are on timelines or waiting."""
    bearing = (LogEntry.portal_id == portal.id) & (LogEntry.icon_code == code) & LogEntry.deleted_at.is_(None)
    of_state = LogEntry.state != EntryState.FAILED
    return session.scalar(select(func.count()).select_from(LogEntry).where(bearing, of_state)) or 0


def _change(session: Session, person: Person, change: Callable[[Choices], Choices]) -> Renewed:
    """Change the latest saved choices, so that nobody's choice is replaced."""
    for _try in range(MOST_TRIES):
        choices, version = icons.read(session, person.portal_id)
        try:
            is_changed = settings.save(session, person, Section.ICONS, change(choices).as_map(), version=version)
        except Outdated:
            continue
        return Renewed(version, version + is_changed)
    raise Outdated


def _without(choices: Choices, code: str) -> Choices:
    return Choices(
        hidden=choices.hidden - {code},
        order=tuple(one for one in choices.order if one != code),
        default="" if choices.default == code else choices.default,
        names={one: name for one, name in choices.names.items() if one != code},
    )
