"""When something happened, if it was not just now: parsed from a form, and put in front of the text."""

import enum
from datetime import UTC, datetime, timedelta, tzinfo

from b24app import i18n

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# Clocks may be ahead of ours, and time zones differ.
TOLERANCE = timedelta(days=1)
LONGEST = 40
HAPPENED = "{happened}"
PATTERN = f"{HAPPENED} ·"


class MomentProblem(enum.StrEnum):
    """Why a time is refused."""

    UNREADABLE = "unreadable"
    EARLY = "early"
    FUTURE = "future"


def read(text: str, zone: tzinfo, now: datetime | None = None) -> datetime | MomentProblem | None:
    """Parse a form's field, ``2026-11-24T10:00`` in the person's zone unless it names one; None if empty."""
    if not text:
        return None
    now = now or datetime.now(UTC)
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        return MomentProblem.UNREADABLE
    # Years are checked first: the last possible times cannot be converted to another zone.
    if not EARLIEST.year <= written.year <= now.year + 1:
        return MomentProblem.EARLY if written.year < EARLIEST.year else MomentProblem.FUTURE
    moment = (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC)
    if moment < EARLIEST:
        return MomentProblem.EARLY
    return MomentProblem.FUTURE if moment > now + TOLERANCE else moment


def prefix(pattern: str, moment: datetime | None, zone: tzinfo) -> str:
    """The prefix of the text, with a trailing space; empty without a time."""
    if moment is None:
        return ""
    # Direction marks would break up the text around them, as in i18n.day.
    written = i18n.moment(moment.astimezone(zone)).replace("\u200f", "")
    return f"{pattern.replace(HAPPENED, written).strip()} "
