"""Names an icon and decides how to draw it: with our glyph or the portal's own picture."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import SplitResult, urlsplit

from flask import current_app, request
from jinja2 import Template
from markupsafe import Markup

from b24app.bitrix24.icons import Icon
from b24app.i18n import gettext, language
from b24app.models import Portal
from b24app.services.settings import icons
from b24app.services.settings.icons import PREFIX, Choices
from b24app.web.icon_names import GROUPS, KNOWN
from b24app.web.page_cache import unindented

UNKNOWN_GLYPH = "unknown"
# How many palettes are cached, each for everybody with the same icons; larger palettes are not cached.
PALETTES_KEPT = 128
LARGEST_KEPT = 300


@dataclass(frozen=True)
class IconChoice:
    """An icon that a portal lists: the form's value, its label, picture and search terms."""

    code: str
    name: str
    glyph: str
    picture: str | None
    group: str = "own"
    words: str = ""

    @cached_property
    def tile(self) -> Markup:
        """The icon's cell in a picker, rendered once per palette."""
        return self._draw(is_chosen=False)

    @cached_property
    def chosen_tile(self) -> Markup:
        return self._draw(is_chosen=True)

    @cached_property
    def mark(self) -> Markup:
        """The icon's picture alone."""
        return Markup(_template("_mark.html").render(icon=self))  # noqa: S704 - a template escapes

    def _draw(self, *, is_chosen: bool) -> Markup:
        html = _template("_tile.html").render(icon=self, is_chosen=is_chosen)
        return Markup(unindented(html))  # noqa: S704 - a template escapes


def _template(name: str) -> Template:
    return current_app.jinja_env.get_template(name)


@dataclass(frozen=True)
class Palette:
    """A portal's icons: ``listed`` are all, by code; ``offered`` those to choose from; ``default`` is one of them."""

    listed: dict[str, IconChoice]
    offered: list[IconChoice]
    default: str

    @cached_property
    def groups(self) -> dict[str, str]:
        return groups_of(self.offered)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the offered icons."""
        return frozenset(choice.code for choice in self.offered)


def groups_of(choices: Iterable[IconChoice]) -> dict[str, str]:
    """The names of these icons' groups, by key."""
    present = {choice.group for choice in choices}
    return {key: gettext(name) for key, name in GROUPS.items() if key in present}


def tiles(choices: Iterable[IconChoice], chosen: str) -> Markup:
    """The picker's grid."""
    each = [choice.chosen_tile if choice.code == chosen else choice.tile for choice in choices]
    # Joined as plain text, since Markup would check each of them again.
    return Markup("".join(each))  # noqa: S704 - templates escape


def palette(portal: Portal, choices: Choices) -> Palette:
    """The palette in the administrators' arrangement."""
    lists = tuple(map(tuple, portal.icons or []))
    # Without pictures of its own, a palette is not specific to this portal.
    origin = portal.origin if any(file_uri for _code, file_uri in lists) else ""
    make = _palette if len(lists) <= LARGEST_KEPT else _palette.__wrapped__
    return make(lists, choices, origin, language(), request.script_root)


@lru_cache(PALETTES_KEPT)
def _palette(
    lists: tuple[tuple[str, str], ...], choices: Choices, origin: str, _language: str, _script_root: str
) -> Palette:
    """Build a palette, which depends only on the parameters, so it can be shared."""
    listed = [Icon(code, file_uri) for code, file_uri in lists]
    named = {
        icon.code: icon_choice(icon.code, icon.file_uri, origin, choices.names.get(icon.code, "")) for icon in listed
    }
    offered = [named[icon.code] for icon in icons.shown(listed, choices)]
    is_default_offered = choices.default in {choice.code for choice in offered}
    return Palette(named, offered, choices.default if is_default_offered else "")


# Cache statistics, for tests and the operator.
kept_palettes = _palette.cache_info


def icon_choice(code: str, file_uri: str, portal_origin: str, name: str = "") -> IconChoice:
    """Describe an icon; ``file_uri`` is the URL of its own picture, if any.

    ``name`` is the one that an administrator gave it here.
    """
    picture = _picture(file_uri, portal_origin)
    known = KNOWN.get(code)
    if known is None:
        return IconChoice(code, name or _readable(code), UNKNOWN_GLYPH, picture)
    return IconChoice(code, gettext(known.name), code, picture, known.group, gettext(known.synonyms))


def _readable(code: str) -> str:
    """The label of an icon without a stored name: its code without prefix and suffix."""
    if ours := re.fullmatch(PREFIX + "(.+)-[0-9a-f]{6}", code):
        code = ours[1]
    words = re.sub(r"[\s._-]+", " ", code).strip()
    return words[:1].upper() + words[1:] or code


def _picture(file_uri: str, portal_origin: str) -> str | None:
    # Browsers take backslashes for slashes and skip control characters, so URLs with these have no origin.
    if not file_uri or not file_uri.isprintable() or re.search(r"[\s\\]", file_uri):
        return None
    try:
        uri, portal = urlsplit(file_uri), urlsplit(portal_origin)
        if uri.scheme or uri.netloc:
            return file_uri if _origin(uri) and _origin(uri) == _origin(portal) else None
    except ValueError:
        return None
    return portal_origin + file_uri if re.match(r"/(?!/)", file_uri) else None


def _origin(uri: SplitResult) -> tuple[str, str, int] | None:
    """Scheme, host and port of a URL without a user name; None for anything else."""
    default_ports = {"http": 80, "https": 443}
    if uri.scheme not in default_ports or not uri.hostname or "@" in uri.netloc:
        return None
    return uri.scheme, uri.hostname, uri.port or default_ports[uri.scheme]
