"""How a portal's database stores texts: unchanged, or in one of the ways seen in real portals."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

WIDE = re.compile("[\U00010000-\U0010ffff]")


def stored(text: str, dialect: str) -> str:
    """The text as it is stored; `dialect` is one of the choices of `texts`."""
    return KEEPERS[dialect](text)


def _cut(text: str) -> str:
    """The text as stored by MySQL with three-byte characters, not strict."""
    return WIDE.split(text, maxsplit=1)[0]


def _bytes(text: str) -> str:
    return WIDE.sub(lambda found: f":{found[0].encode().hex()}:", text)


KEEPERS: dict[str, Callable[[str], str]] = {
    "whole": str,
    "cut": _cut,
    "marks": lambda text: WIDE.sub("????", text),
    "bytes": _bytes,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "entities": lambda text: html.escape(text, quote=False),
    "spaces": lambda text: re.sub("[\u2028\u2029]", " ", text),
}
