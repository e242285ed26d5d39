"""Parses the fields of filters, or explains what is wrong."""

import re
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from b24app.bitrix24.card_urls import card_at
from b24app.bitrix24.entities import Entity
from b24app.context import database
from b24app.i18n import gettext as _
from b24app.i18n import zone_of
from b24app.models import Person, Portal
from b24app.services.access import people
from b24app.services.access.people import MOST_NAMESAKES
from b24app.web.frame import portal_origin

NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
# A suggested person; the number distinguishes namesakes.
NUMBERED = re.compile(r".*\(([1-9][0-9]{0,17})\)", re.ASCII | re.DOTALL)
LONGEST_WORDS = 255
YEARS = range(2000, 2101)


class Unclear(Exception):
    """A field that cannot be parsed; carries the sentence for the person who typed it."""


def suggestion(person: Person) -> str:
    return f"{people.person_name(person)} ({person.bitrix_id})"


def key_of(text: str) -> int | None:
    """The key at which a page begins; None for the first page."""
    return int(text) if NUMBER.fullmatch(text) else None


def people_of(portal: Portal, text: str) -> tuple[Person, ...]:
    """The people matching a name, a part of it, or a suggestion; empty if nothing is typed."""
    if not text:
        return ()
    number = NUMBERED.fullmatch(text) or re.fullmatch(r"([1-9][0-9]{0,17})", text, re.ASCII)
    known = people.numbered(database(), portal, int(number[1])) if number else people.called(database(), portal, text)
    if not known:
        raise Unclear(_("Nobody of this name has opened Logbook here. A part of the name is enough."))
    if len(known) > MOST_NAMESAKES:
        raise Unclear(_("Too many names contain this. Type more of the name."))
    return tuple(known)


def card_of(portal: Portal, kind: str, text: str) -> Entity | None:
    """The card with a number and its kind, or at an address in this portal; None if nothing is typed."""
    if not text:
        return None
    if "/" in text:
        return _card_at(portal, text)
    if not NUMBER.fullmatch(text):
        raise Unclear(_("This is neither a number nor the address of a card. Copy the address from your browser."))
    if not NUMBER.fullmatch(kind):
        raise Unclear(_("Choose what kind of card has this number."))
    return Entity(int(kind), int(text))


def day(text: str, person: Person, *, is_end: bool = False) -> datetime | None:
    """The start of a day in this person's time zone, or its end; None if nothing is typed."""
    if not text:
        return None
    try:
        begin = date.fromisoformat(text)
    except ValueError:
        begin = date.min
    if begin.year not in YEARS:
        raise Unclear(_("This is no day that Logbook knows. Write it like 2026-01-31."))
    return datetime.combine(begin + timedelta(days=int(is_end)), time(), zone_of(person.time_zone))


def words_of(text: str) -> str:
    if len(text) > LONGEST_WORDS:
        raise Unclear(_("These are more than %(limit)s characters. Fewer words are enough.") % {"limit": LONGEST_WORDS})
    return text


def _card_at(portal: Portal, address: str) -> Entity:
    try:
        host = urlsplit(address).netloc
    except ValueError:
        host = ""
    if host and host.lower() not in {portal.host, portal_origin(portal).partition("://")[2]}:
        raise Unclear(_("This address is not of this Bitrix24."))
    card = card_at(address)
    if card is None:
        raise Unclear(_("This address does not show a card. Open the card and copy its address from your browser."))
    return card
