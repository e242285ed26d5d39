"""Placeholders in templates: ``{card}`` stands for the card's name, ``{today+3}`` for a date, ``{field.opportunity}``
for a field of the card, ``{{`` and ``}}`` for braces. Pure.

Values are not filled in again: what looks like a placeholder in somebody's name stays as it is.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from b24app import i18n
from b24app.services import text_rules

PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
ESCAPED = {"{{": "{", "}}": "}"}
FIELD = "field"
# The longest value; a title has less room.
LONGEST = {
    "title": {"card": 100, "number": 20, "author": 60, "today": 40, "responsible": 60, "company": 60, FIELD: 60},
    "text": {"card": 255, "number": 20, "author": 255, "today": 40, "responsible": 255, "company": 255, FIELD: 500},
}
NAMES = ("card", "number", "author", "today", "responsible", "company")
# Placeholders whose values only the portal knows.
OF_PORTAL = frozenset({"responsible", "company", FIELD})
# The largest distance in days for which there is a date.
WRITTEN = re.compile(
    r"(?P<plain>card|number|author|responsible|company)"
    r"|(?:(?P<today>today)|field\.(?P<field>[a-z][a-z0-9_]{0,59}))(?:\s*(?P<days>[+-]\s*[0-9]{1,4}))?",
    re.ASCII,
)
LONGEST_WRITTEN = 100
MOST_LOOKED_AT = 20
# Direction marks: a name must not reverse the text after it.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, order=True)
class Placeholder:
    """``base`` is one of NAMES or ``"field"``, whose name in lower case is ``field``; ``days`` are added to dates."""

    base: str
    field: str = ""
    days: int = 0

    @property
    def name(self) -> str:
        """The text between the braces."""
        return f"{self.base}{'.' * bool(self.field)}{self.field}{f'{self.days:+}' if self.days else ''}"


def fill(text: str, values: Mapping[str, str], part: str) -> str:
    """The text with placeholders replaced by ``values``; those without a value stay.

    ``part`` is title or text, which limits the length of each value.
    """
    return PART.sub(lambda found: ESCAPED.get(found[0]) or _value(found, values, part), text).strip()


def escaped(text: str) -> str:
    """The template that results in this text."""
    return text.replace("{", "{{").replace("}", "}}")


def problem(text: str) -> str:
    """The first unknown placeholder, or ``brace`` for a single brace; empty if there is no problem."""
    for found in PART.finditer(text):
        if found[1] is not None and _read(found[1]) is None:
            return found[0]
        if found[0] in {"{", "}"}:
            return "brace"
    return ""


def found_in(*texts: str) -> set[Placeholder]:
    """The placeholders in these texts."""
    read = (_read(found[1]) for text in texts for found in PART.finditer(text) if found[1] is not None)
    return {one for one in read if one}


def names_in(*texts: str) -> set[str]:
    return {one.name for one in found_in(*texts)}


def longest(text: str, part: str) -> int:
    """The longest that the text can become when it is filled in."""
    found = list(PART.finditer(text))
    return len(text) + sum(_room(one, part) - len(one[0]) for one in found)


def days(wanted: Iterable[Placeholder], now: datetime) -> dict[str, str]:
    """The values of date placeholders, in the reader's language and the zone of ``now``."""
    return {one.name: i18n.day(now + timedelta(days=one.days)) for one in wanted if one.base == "today"}


def _value(found: re.Match[str], values: Mapping[str, str], part: str) -> str:
    one = _read(found[1])
    return _tamed(values[one.name], LONGEST[part][one.base]) if one and one.name in values else found[0]


def _room(found: re.Match[str], part: str) -> int:
    """The room for a placeholder's value; without a value, it stays as written."""
    one = _read(found[1])
    return max(LONGEST[part][one.base], len(found[0])) if one else 1


def _read(written: str | None) -> Placeholder | None:
    if written is None or len(written) > LONGEST_WRITTEN:
        return None
    match = WRITTEN.fullmatch(written.strip().lower())
    if match is None:
        return None
    number = int("".join((match["days"] or "0").split()))
    return Placeholder(match["plain"] or match["today"] or FIELD, match["field"] or "", number)


def _tamed(value: str, room: int) -> str:
    """A value on one line, without control characters, cut to the room."""
    # A field may contain a megabyte, most of which would be cut off.
    plain = " ".join("".join(map(_harmless, value[: room * MOST_LOOKED_AT])).split())
    return plain if len(plain) <= room else plain[: room - 1] + "…"


def _harmless(sign: str) -> str:
    if sign in TURNING:
        return ""
    return " " if text_rules.is_control(sign) else sign
