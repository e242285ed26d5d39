"""HTML as a reader sees it: elements found by CSS selectors, on libxml2, which reads a page in a few milliseconds."""

from __future__ import annotations

from functools import cache

import lxml.html
from cssselect import HTMLTranslator
from lxml.etree import XPath

TEXTS = XPath(".//text()[not(parent::script or parent::style)]", smart_strings=False)
# libxml2 drops control characters; they are passed through it as private-use characters.
HIDDEN = {code: chr(0xE000 + code) for code in range(32) if chr(code) not in "\t\n\r\x0c"}
SHOWN = {ord(hidden): chr(code) for code, hidden in HIDDEN.items()}


class Element:
    """An element of a page; ``element["name"]`` is an attribute, and KeyError where there is none."""

    def __init__(self, node: lxml.html.HtmlElement) -> None:
        self._node = node

    def __getitem__(self, name: str) -> str:
        return str(self._node.attrib[name]).translate(SHOWN)

    @property
    def name(self) -> str:
        return str(self._node.tag)

    @property
    def text(self) -> str:
        return self.get_text()

    def get(self, name: str, otherwise: str | None = None) -> str | None:
        return self[name] if self.has_attr(name) else otherwise

    def has_attr(self, name: str) -> bool:
        return name in self._node.attrib

    def get_text(self, separator: str = "", *, strip: bool = False) -> str:
        """All text within, piece by piece; with ``strip`` each is trimmed and empty ones are left out."""
        pieces = [text.translate(SHOWN) for text in TEXTS(self._node)]
        if strip:
            pieces = [piece.strip() for piece in pieces if piece.strip()]
        return separator.join(pieces)

    def select(self, selector: str) -> list[Element]:
        return [Element(node) for node in _xpath(selector)(self._node)]

    def select_one(self, selector: str) -> Element | None:
        return next(iter(self.select(selector)), None)

    def find_next(self, name: str) -> Element:
        """The nearest element of that name that begins after this one, which may be within it."""
        return Element(self._node.xpath(f"(descendant::{name} | following::{name})[1]")[0])

    def find_previous(self, name: str) -> Element:
        """The nearest element of that name that begins before this one."""
        return Element(self._node.xpath(f"(preceding::{name} | ancestor::{name})[last()]")[0])


def parse(text: str) -> Element:
    return Element(lxml.html.document_fromstring(text.translate(HIDDEN) or "<html></html>"))


@cache
def _xpath(selector: str) -> XPath:
    return XPath(HTMLTranslator().css_to_xpath(selector))
