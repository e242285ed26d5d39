"""Placeholders in templates: ``{card}`` stands for the card's name, ``{{`` and ``}}`` for braces. Pure.

They are filled in once: what looks like a placeholder in somebody's name is that name.
"""

import re
from dataclasses import asdict, dataclass

from b24app.services import text_rules

PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
ESCAPED = {"{{": "{", "}}": "}"}
# What a value may take up; a title has less room, and none may become longer than a portal's entry.
LONGEST = {
    "title": {"card": 100, "number": 20, "author": 60, "today": 40},
    "text": {"card": 255, "number": 20, "author": 255, "today": 40},
}
NAMES = tuple(LONGEST["text"])
# Signs that turn around whatever follows them: a name must not do that to the words after it.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Values:
    """What the placeholders stand for, as its reader reads it."""

    card: str
    number: str
    author: str
    today: str


def fill(text: str, values: Values, field: str) -> str:
    """The text with the values in it; ``field``, title or text, says how long each may be. Unknown ones stay."""
    given = {name: _tamed(value, LONGEST[field][name]) for name, value in asdict(values).items()}
    return PART.sub(lambda part: ESCAPED.get(part[0]) or given.get(_name(part[1]), part[0]), text).strip()


def problem(text: str) -> str:
    """The first placeholder that does not exist, or ``brace`` for a single one; empty where all is well."""
    for part in PART.finditer(text):
        if part[1] is not None and _name(part[1]) not in NAMES:
            return part[0]
        if part[0] in {"{", "}"}:
            return "brace"
    return ""


def names_in(*texts: str) -> set[str]:
    """The placeholders in these texts."""
    return {_name(part[1]) for text in texts for part in PART.finditer(text) if part[1] is not None}


def longest(text: str, field: str) -> int:
    """How long the text can become when it is filled in."""
    room = LONGEST[field]
    parts = list(PART.finditer(text))
    filled = sum(room.get(_name(part[1]), 1) for part in parts)
    return len(text) - sum(len(part[0]) for part in parts) + filled


def _name(written: str | None) -> str:
    return (written or "").strip().lower()


def _tamed(value: str, room: int) -> str:
    """On one line, without control characters, no longer than there is room."""
    plain = " ".join("".join(map(_harmless, value)).split())
    return plain if len(plain) <= room else plain[: room - 1] + "…"


def _harmless(sign: str) -> str:
    if sign in TURNING:
        return ""
    return " " if text_rules.is_control(sign) else sign
