"""Icons that administrators add: the portal keeps the pictures, we keep the names that people read."""

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
    """The section's choices were changed on top of this version, which is the other one now."""

    before: int
    after: int


def code_of(name: str, picture: bytes) -> str:
    """The same picture by the same name has the same code, so that a form sent twice adds one icon.

    Of names without Latin letters, only the part that identifies the picture is left.
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub("[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")
    mark = hashlib.sha256(picture + name.encode()).hexdigest()[:6]
    return PREFIX + "-".join(filter(None, [slug, mark]))


def is_ours(portal: Portal, code: str) -> bool:
    """Whether it is an icon of this portal that was added here; the portal would remove any."""
    return code.startswith(PREFIX) and code in {icon.code for icon in icons.listed(portal)}


def add(session: Session, b24: Bitrix24, person: Person, *, code: str, name: str, picture: bytes) -> Renewed:
    """Give the picture to the portal, in the administrator's name, unless it lists it already; then note its name.

    Raises CallFailed or PairDead. Commits.
    """
    portal = person.portal
    if not is_ours(portal, code):
        added = read_added_icon(tokens.call_as(session, b24, person, add_icon(code, picture)))
        portal.icons = [*(portal.icons or []), [added.code, added.file_uri]]
        session.commit()
    return _change(session, person, lambda choices: replace(choices, names={**choices.names, code: name}))


def remove(session: Session, b24: Bitrix24, person: Person, code: str) -> Renewed:
    """Take the icon from the portal and everything that was chosen about it from us; raises CallFailed or PairDead."""
    try:
        tokens.call_as(session, b24, person, delete_icon(code))
    except Refused as refused:
        # Somebody was faster, or our first try went through unheard.
        if refused.code != Reason.NOT_FOUND:
            raise
    person.portal.icons = [[icon.code, icon.file_uri] for icon in icons.listed(person.portal) if icon.code != code]
    session.commit()
    return _change(session, person, lambda choices: _without(choices, code))


def count_entries(session: Session, portal: Portal, code: str) -> int:
    """How many entries written with Logbook have this icon on timelines, or are on their way there."""
    bearing = (LogEntry.portal_id == portal.id) & (LogEntry.icon_code == code) & LogEntry.deleted_at.is_(None)
    of_state = LogEntry.state != EntryState.FAILED
    return session.scalar(select(func.count()).select_from(LogEntry).where(bearing, of_state)) or 0


def _change(session: Session, person: Person, change: Callable[[Choices], Choices]) -> Renewed:
    """On top of whatever is saved by now, so that nobody's choice is replaced."""
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
