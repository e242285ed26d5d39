"""Caches pages: they are rendered once with blanks, which each request fills with its own values.

The cache's key is everything else that a page depends on, so there is nothing to invalidate: after a change the key is
another one, and readers who share a page would have been given equal ones.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Any

from flask import current_app, request
from markupsafe import Markup, escape

from b24app import i18n
from b24app.current_request import request_id
from b24app.web.request_language import words_of_language

# The number of cached pages, of some ten kilobytes, and rows of the history, of one.
PAGES_KEPT = 512
# Secret, so that nobody's text can imitate a blank.
MARK = f"blank-{secrets.token_hex(16)}-"
INDENTATION = re.compile(r"\n\s+")
BLANK = re.compile(MARK + r"(\d+);")


@dataclass(frozen=True)
class Own:
    """A value of this request alone, which the template only prints."""

    value: object


def own(value: object) -> object:
    """Mark a value as this request's own, unless it is empty, since templates test for that."""
    return Own(value) if value else value


@dataclass(eq=False)
class _Asked:
    """A template and its context; equal to others that differ only in own values."""

    key: Any
    words: Mapping[str, object] = field(repr=False)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.key == other.key


def render(template: str, words: Mapping[str, object]) -> str:
    """Render a template; all values but ``own`` ones must be hashable, or the page is not cached."""
    words = {**words, "request_id": own(request_id.get())}
    values: list[object] = []
    asked = _Asked((template, i18n.language(), request.script_root, _shape(words, values)), words)
    try:
        pieces = _pieces(asked)
    except TypeError:
        if _is_hashable(asked):
            raise
        pieces = _pieces.__wrapped__(asked)
    texts = [escape(value) for value in values]
    return "".join([texts[piece] if isinstance(piece, int) else piece for piece in pieces])


def unindented(html: str) -> str:
    """A rendered template without its indentation; texts of people must be blanks, or have one line."""
    return INDENTATION.sub("\n", html)


def _shape(value: object, values: list[object]) -> object:
    """The hashable shape of a value, from which own values are moved to ``values``."""
    kind = value.__class__
    if kind is Own:
        values.append(value.value)  # type: ignore[attr-defined]
        return Own
    if kind is dict:
        return tuple([(key, _shape(inner, values)) for key, inner in value.items()])  # type: ignore[attr-defined]
    if kind is list or kind is tuple:
        return tuple([_shape(inner, values) for inner in value])  # type: ignore[attr-defined]
    # 1 equals True, and markup equals plain text, but they do not look the same.
    return kind, value


def _blanked(value: object, numbers: Iterator[int]) -> object:
    """The same value with blanks for own values, numbered in the order of ``_shape``."""
    if isinstance(value, Own):
        return Markup(f"{MARK}{next(numbers)};")  # noqa: S704 - made of our own text
    if value.__class__ is dict:
        return {key: _blanked(inner, numbers) for key, inner in value.items()}
    if value.__class__ in {list, tuple}:
        return [_blanked(inner, numbers) for inner in value]
    return value


@lru_cache(PAGES_KEPT)
def _pieces(asked: _Asked) -> list[str | int]:
    """A rendered page in pieces: texts, and the numbers of the values between them."""
    words, asked.words = asked.words, {}  # the cache must not keep anybody's own values
    numbers = count()
    blanked = {name: _blanked(word, numbers) for name, word in words.items()}
    template = current_app.jinja_env.get_template(asked.key[0])
    parts = BLANK.split(unindented(template.render(**words_of_language(), **blanked)))
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def _is_hashable(asked: _Asked) -> bool:
    try:
        hash(asked)
    except TypeError:
        return False
    return True


# Cache statistics, for tests and the operator.
kept_pages = _pieces.cache_info
