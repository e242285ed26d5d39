"""What a text that people type must be: one rule for entries, templates, titles and names. Pure.

Docs: none; what a timeline shows of a text was seen in running portals.
"""

import enum
import html
import re
import unicodedata

# Characters that are invisible everywhere: those that programs may ignore, fillers, the blank of Braille.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)


class TextProblem(enum.StrEnum):
    """What keeps a text from being taken."""

    EMPTY = "empty"
    LONG = "long"
    CONTROL = "control"


def tidied(text: str) -> str:
    """Trimmed, with the line breaks of a person instead of those of a form; empty where nothing of it would be seen."""
    return "" if is_blank(text) else text.replace("\r\n", "\n").replace("\r", "\n").strip()


def one_line(text: str) -> str:
    """On one line, with a space for whatever cannot be printed; for names."""
    return "" if is_blank(text) else " ".join("".join(one if one.isprintable() else " " for one in text).split())


def is_blank(text: str) -> bool:
    """Whether a timeline, which decodes ``&nbsp;``, would show nothing."""
    return not INVISIBLE.sub("", html.unescape(text)).strip()


def is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"


def problem(text: str, longest: int, *, has_lines: bool = True) -> TextProblem | None:
    """What is wrong with a tidied text that must not be empty; ``has_lines`` where line breaks may be in it."""
    if not text:
        return TextProblem.EMPTY
    if len(text) > longest:
        return TextProblem.LONG
    is_refused = any(is_control(one) and not (has_lines and one == "\n") for one in text)
    return TextProblem.CONTROL if is_refused else None
