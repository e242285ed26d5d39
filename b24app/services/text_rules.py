"""The rules for texts that people type: entries, templates, titles and names. Pure.

Docs: none; observed in running portals.
"""

import enum
import html
import re

# Invisible characters: default-ignorable ones, fillers, the blank Braille pattern.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
CONTROL_EXCEPT_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class TextProblem(enum.StrEnum):
    """Why a text is refused."""

    EMPTY = "empty"
    LONG = "long"
    CONTROL = "control"


def tidied(text: str) -> str:
    """The text trimmed and with normalized line breaks; empty if nothing of it would be visible."""
    return "" if is_blank(text) else text.replace("\r\n", "\n").replace("\r", "\n").strip()


def one_line(text: str) -> str:
    """The text on one line, with spaces for unprintable characters; for names."""
    return "" if is_blank(text) else " ".join("".join(one if one.isprintable() else " " for one in text).split())


def is_blank(text: str) -> bool:
    """Whether a timeline would show nothing; it decodes ``&nbsp;``."""
    return not INVISIBLE.sub("", html.unescape(text)).strip()


def is_control(character: str) -> bool:
    return CONTROL.match(character) is not None


def problem(text: str, longest: int, *, has_lines: bool = True) -> TextProblem | None:
    """The problem of a tidied text that must not be empty; ``has_lines`` allows line breaks."""
    if not text:
        return TextProblem.EMPTY
    if len(text) > longest:
        return TextProblem.LONG
    refused = CONTROL_EXCEPT_LINES if has_lines else CONTROL
    return TextProblem.CONTROL if refused.search(text) else None
