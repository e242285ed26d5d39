"""Compares a portal's row with the text that was sent: is it our entry, and what did the portal lose? Pure.

Databases with three-byte characters cut a text at the first 𝄞 or 😀, or store question marks; others store
``:f09f9880:``, ``&amp;``, CRLF, or a space for U+2028. docs/field.md names the public reports.
"""

import enum
import html
import re
import unicodedata
from dataclasses import dataclass

from b24app.services.delivery.preview import as_shown
from b24app.services.text_rules import INVISIBLE

WIDE = re.compile("[\U00010000-\U0010ffff]")
# What replaces such a character: its bytes, a question mark per byte, or nothing.
STAND_INS = re.compile("[\U00010000-\U0010ffff?\ufffd]+|(?::f0[0-9a-f]{6}:)+|(?:\\\\u[0-9a-fA-F]{4})+")
# A full column cuts a text anywhere; no column is shorter than this.
SHORTEST_COLUMN = 60


class Match(enum.IntEnum):
    """How certainly a portal's row is our entry; the lowest value is the most certain."""

    EXACT = 0
    SAME = 1
    LOSSY = 2


@dataclass(frozen=True)
class Words:
    """The content of an entry."""

    title: str
    text: str
    icon_code: str


@dataclass(frozen=True)
class Loss:
    """The differing parts of a title or text as sent and as stored; for an icon, the codes."""

    field: str
    sent: str
    kept: str


def match(sent: Words, kept: Words) -> Match | None:
    """How ``kept`` can have come from ``sent``; None if it is another entry."""
    if sent == kept:
        return Match.EXACT
    if kept.icon_code not in {sent.icon_code, ""}:
        return None
    pairs = [(_plain(sent.title), _plain(kept.title)), (_plain(sent.text), _plain(kept.text))]
    if all(one == other for one, other in pairs) and kept.icon_code:
        return Match.SAME
    return Match.LOSSY if all(_may_have_become(*pair) for pair in pairs) else None


def losses(sent: Words, kept: Words) -> list[Loss]:
    """What people would miss, by field; text that is only encoded differently is not lost."""
    fields = [("title", sent.title, kept.title), ("text", sent.text, kept.text)]
    found = [_loss(*field) for field in fields if as_shown(field[1]) != as_shown(field[2])]
    if sent.icon_code != kept.icon_code:
        found.append(Loss("icon", sent.icon_code, kept.icon_code))
    return [loss for loss in found if loss]


def _loss(field: str, sent: str, kept: str) -> Loss | None:
    """Both texts without their common beginning and end."""
    sent, kept = _plain(sent), _plain(kept)
    if sent == kept:
        return None
    start = next((n for n, (one, other) in enumerate(zip(sent, kept, strict=False)) if one != other), None)
    start = min(len(sent), len(kept)) if start is None else start
    rest, other_rest = sent[start:], kept[start:]
    backwards = zip(reversed(rest), reversed(other_rest), strict=False)
    end = next((n for n, (one, other) in enumerate(backwards) if one != other), min(len(rest), len(other_rest)))
    return Loss(field, rest[: len(rest) - end].strip(), other_rest[: len(other_rest) - end].strip())


def _plain(text: str) -> str:
    """The text without differences that portals store but do not show."""
    shown = " ".join(html.unescape(html.unescape(text)).split())
    return unicodedata.normalize("NFC", INVISIBLE.sub("", shown)).strip()


def _may_have_become(sent: str, kept: str) -> bool:
    return sent == kept or _is_cut(sent, kept) or _is_masked(sent, kept)


def _is_cut(sent: str, kept: str) -> bool:
    """Whether the text was cut at the first wide character, or where a column was full."""
    rest = sent[len(kept) :].lstrip()
    return sent.startswith(kept) and (len(kept) >= SHORTEST_COLUMN or WIDE.match(rest) is not None)


def _is_masked(sent: str, kept: str) -> bool:
    """Whether each character that the portal cannot store was replaced."""
    if WIDE.search(sent) and _skeleton(sent) == _skeleton(kept):
        return True
    pairs = zip(sent, kept, strict=False)
    return len(sent) == len(kept) and all(
        one == other or (other in "?\ufffd" and not one.isascii()) for one, other in pairs
    )


def _skeleton(text: str) -> str:
    return " ".join(STAND_INS.sub("", text).split())
