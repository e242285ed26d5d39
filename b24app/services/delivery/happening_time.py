"""When something happened, if that is not when it is written down: read from a form, and put in front of the text."""

import enum
from datetime import UTC, datetime, timedelta, tzinfo

from b24app import i18n

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# A clock may be ahead of ours, and a portal's midnight is another one than ours.
TOLERANCE = timedelta(days=1)
LONGEST = 40
HAPPENED = "{happened}"
PATTERN = f"{HAPPENED} ·"


class MomentProblem(enum.StrEnum):
    """Why a moment is not taken."""

    UNREADABLE = "unreadable"
    EARLY = "early"
    FUTURE = "future"


def read(text: str, zone: tzinfo, now: datetime | None = None) -> datetime | MomentProblem | None:
    """The moment of a form's field, ``2026-11-24T10:00`` in the person's zone unless it names one; None if empty."""
    if not text:
        return None
    now = now or datetime.now(UTC)
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        return MomentProblem.UNREADABLE
    # The years first: a moment at the end of all years cannot be converted.
    if not EARLIEST.year <= written.year <= now.year + 1:
        return MomentProblem.EARLY if written.year < EARLIEST.year else MomentProblem.FUTURE
    moment = (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC)
    if moment < EARLIEST:
        return MomentProblem.EARLY
    return MomentProblem.FUTURE if moment > now + TOLERANCE else moment


def prefix(pattern: str, moment: datetime | None, zone: tzinfo) -> str:
    """The prefix of the text, with the space after it; empty without a moment."""
    if moment is None:
        return ""
    # The marks of direction would break up the text around them, as in i18n.day.
    written = i18n.moment(moment.astimezone(zone)).replace("\u200f", "")
    return f"{pattern.replace(HAPPENED, written).strip()} "
