"""Names an icon for people and says how to draw it: by our glyph or by the portal's own picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from b24app.context import database
from b24app.i18n import gettext
from b24app.models import Portal
from b24app.services.settings import icons
from b24app.services.settings.icons import PREFIX
from b24app.web.glyphs import KNOWN

UNKNOWN_GLYPH = "unknown"


@dataclass(frozen=True)
class IconChoice:
    """One icon that a portal lists: what the form sends, what people read and see, and what finds it."""

    code: str
    name: str
    glyph: str
    picture: str | None
    group: str = "own"
    words: str = ""


@dataclass(frozen=True)
class Palette:
    """The icons of a portal: ``listed`` are all, by code; ``offered`` those to choose from, ``default`` one of them."""

    listed: dict[str, IconChoice]
    offered: list[IconChoice]
    default: str


def palette(portal: Portal) -> Palette:
    """As the administrators of the portal have arranged it."""
    choices, _version = icons.read(database(), portal.id)
    listed = {
        icon.code: icon_choice(icon.code, icon.file_uri, portal.origin, choices.names.get(icon.code, ""))
        for icon in icons.listed(portal)
    }
    offered = [listed[icon.code] for icon in icons.shown(icons.listed(portal), choices)]
    is_default_offered = choices.default in {choice.code for choice in offered}
    return Palette(listed, offered, choices.default if is_default_offered else "")


def icon_choice(code: str, file_uri: str, portal_origin: str, name: str = "") -> IconChoice:
    """Describe the icon `code` whose picture, if it has one of its own, the portal keeps at `file_uri`.

    `name` is what an administrator called it when he added it here.
    """
    picture = _picture(file_uri, portal_origin)
    known = KNOWN.get(code)
    if known is None:
        return IconChoice(code, name or _readable(code), UNKNOWN_GLYPH, picture)
    return IconChoice(code, gettext(known.name), code, picture, known.group, gettext(known.synonyms))


def _readable(code: str) -> str:
    """An icon that was added here, but whose name is lost, does without what the code begins and ends with."""
    if ours := re.fullmatch(PREFIX + "(.+)-[0-9a-f]{6}", code):
        code = ours[1]
    words = re.sub(r"[\s._-]+", " ", code).strip()
    return words[:1].upper() + words[1:] or code


def _picture(file_uri: str, portal_origin: str) -> str | None:
    # A browser reads a backslash as a slash and skips control characters, so neither may decide whose address it is.
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
    """Return scheme, host and port of a web address without a user name; anything else has no origin."""
    default_ports = {"http": 80, "https": 443}
    if uri.scheme not in default_ports or not uri.hostname or "@" in uri.netloc:
        return None
    return uri.scheme, uri.hostname, uri.port or default_ports[uri.scheme]
