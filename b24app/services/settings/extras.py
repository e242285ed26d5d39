"""What the form offers besides icon, title and text, as chosen by a portal's administrators."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from b24app.i18n import zone_of
from b24app.models import Person
from b24app.services import text_rules
from b24app.services.delivery import happening_time
from b24app.services.delivery.happening_time import HAPPENED, PATTERN
from b24app.services.settings import settings
from b24app.services.settings.settings import Saved, Section
from b24app.services.text_rules import TextProblem

LONGEST_PATTERN = 100


@dataclass(frozen=True)
class Extras:
    """``has_moment``: the form asks when it happened; ``pattern``, with ``{happened}`` replaced, precedes the text.

    ``has_related``: the form offers related cards.
    """

    has_moment: bool = True
    pattern: str = PATTERN
    has_related: bool = True

    def as_map(self) -> dict[str, Any]:
        """The form in which the section is saved."""
        return asdict(self)


def read(session: Session, portal_id: int) -> tuple[Extras, int]:
    """The choices, and the version of the section."""
    saved = settings.read(session, portal_id, Section.EXTRAS)
    return of(saved), saved.version


def of(saved: Saved) -> Extras:
    chosen = saved.choices or {}
    return Extras(
        has_moment=bool(chosen.get("has_moment", True)),
        pattern=str(chosen.get("pattern", PATTERN)),
        has_related=bool(chosen.get("has_related", True)),
    )


def prefix(person: Person, extras: Extras, happened_at: datetime | None) -> str:
    """The prefix of this person's text about something that happened then, for ``entries.write``."""
    return happening_time.prefix(extras.pattern, happened_at, zone_of(person.time_zone))


def problem(pattern: str) -> TextProblem | str | None:
    """What keeps a trimmed pattern from being saved; ``missing`` if it lacks the placeholder."""
    if refused := text_rules.problem(pattern, LONGEST_PATTERN, has_lines=False):
        return refused
    return None if HAPPENED in pattern else "missing"
