"""How a timeline shows an entry, so that people see what will be lost. Pure; preview.js does the same.

Docs: none; observed in portals.
"""

import html
import re
import unicodedata

# About as much of a title as a card of usual width shows; wide characters count twice. The script measures it.
TITLE_COLUMNS = 70

MARKUP = re.compile(r"</?[a-z][^<>]*>|\[/?[a-z*][^\[\]]*\]", re.IGNORECASE)
ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)


def as_shown(text: str) -> str:
    """Decode entities once, then collapse runs of white space to one space; markup stays as typed."""
    return " ".join(html.unescape(text).split())


def losses(title: str, text: str) -> list[str]:
    """What the timeline will not show as typed: any of cut, breaks, entities, markup, links."""
    both = f"{title}\n{text}"
    found = {
        "cut": _columns(as_shown(title)) > TITLE_COLUMNS,
        "breaks": "\n" in text.strip(),
        "entities": html.unescape(both) != both,
        "markup": MARKUP.search(both) is not None,
        "links": ADDRESS.search(both) is not None,
    }
    return [name for name, is_lost in found.items() if is_lost]


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
