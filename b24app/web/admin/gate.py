"""Proves the administrator at the portal on every request, for reading and writing alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from flask import Response, request, url_for

from b24app.bitrix24.calls import Answers, Call
from b24app.context import b24, database
from b24app.errors import NotAdministrator, NotProved
from b24app.i18n import gettext as _
from b24app.i18n import ngettext
from b24app.models import Person
from b24app.services.access import portals, tokens
from b24app.services.access.rest_log import KEPT_DAYS
from b24app.web import frame
from b24app.web.outcomes import Outcome
from b24app.web.sessions import SessionToken, frame_origin, seal, unseal

PURPOSE = "admin"

Questions = Mapping[str, Call]
# The sections of the settings, each with its own page.
SectionName = Literal[
    "home",
    "places",
    "icons",
    "templates",
    "extras",
    "writers",
    "keys",
    "deliveries",
    "connection",
    "calls",
    "changes",
    "privacy",
    "leave",
]


@dataclass(frozen=True)
class Admin:
    """A proved person, usually an administrator, and the portal's other answers."""

    person: Person
    answers: Answers


def enter(questions: Questions | Callable[[Person], Questions] | None = None) -> Admin:
    """Prove the administrator of this request's form; the portal answers ``questions`` in the same request.

    The questions may depend on the person that the form names; until that is proved, we only read.
    Raises SessionExpired, NotInstalled, NotProved, NotAdministrator, PairDead, or CallFailed.
    """
    admin = enter_as_anybody(PURPOSE, questions)
    if not admin.person.is_administrator:
        raise NotAdministrator
    return admin


def enter_as_anybody(purpose: str, questions: Questions | Callable[[Person], Questions] | None = None) -> Admin:
    """The same for pages that are open to everybody; ``purpose`` is that of their forms."""
    token = unseal(request.form.get("session", ""), purpose)
    person = portals.find_person(database(), token.member_id, token.person_id)
    asked = questions(person) if callable(questions) else questions
    answers = tokens.ask_all_as(database(), b24(), person, {**portals.WHO, **(asked or {})})
    profile = portals.read_proof(answers, app_code=person.portal.app_code)
    if profile.id != person.bitrix_id:
        raise NotProved(reason="another person")
    person.is_administrator = profile.is_administrator
    database().commit()
    return Admin(person, answers)


def page(person: Person, section: SectionName, outcome: Outcome | None = None, **words: object) -> Response:
    """Render a page of the settings; ``section`` names its template and its navigation item."""
    status = outcome.status if outcome else 200
    return frame.page_for(person.portal, f"admin/{section}.html", status, **_words(person, section, outcome), **words)


def page_in_pieces(person: Person, section: SectionName, **words: object) -> Response:
    """The same as a stream, for work that takes long."""
    return frame.page_in_pieces(person.portal, f"admin/{section}.html", **_words(person, section, None), **words)


def _words(person: Person, section: SectionName, outcome: Outcome | None) -> dict[str, object]:
    return {
        "section": section,
        "sections": _sections(),
        "subject": section_subjects()[section],
        "session": _session(person),
        "outcome": outcome,
    }


def _session(person: Person) -> str:
    portal = person.portal
    return seal(SessionToken(PURPOSE, portal.member_id, person.bitrix_id, origin=frame_origin()))


def section_names() -> dict[SectionName, str]:
    """The sections' names, in the order of the navigation."""
    return {
        "home": _("Overview"),
        "places": _("Where it shows"),
        "icons": _("Icons"),
        "templates": _("Templates"),
        "extras": _("What entries have"),
        "writers": _("Who may write"),
        "keys": _("Keys"),
        "deliveries": _("Deliveries"),
        "connection": _("Connection"),
        "calls": _("Log of calls"),
        "changes": _("Changes"),
        "privacy": _("Privacy"),
        "leave": _("Export and leaving"),
    }


def section_subjects() -> dict[SectionName, str]:
    """What each section is about, for its page and the help."""
    return {
        "home": _("Whether everything works, and what to look at"),
        "places": _("The cards on which people find Logbook"),
        "icons": _("Which icons people choose from, in which order, and icons of your own"),
        "templates": _("What people write again and again, one press away in the composer"),
        "extras": _("What the form offers beside icon, title and text"),
        "writers": _("Whom Logbook lets write entries; everybody who can open a card may read"),
        "keys": _("With a key, another program writes entries here"),
        "deliveries": _("What is on its way to the timelines, what was refused, and all that was ever written"),
        "connection": _("What is set up in this Bitrix24"),
        "calls": ngettext(
            "What Logbook asked this Bitrix24 in the last %(num)s day, without secrets",
            "What Logbook asked this Bitrix24 in the last %(num)s days, without secrets",
            KEPT_DAYS,
        )
        % {"num": KEPT_DAYS},
        "changes": _("Who changed which settings, the latest first"),
        "privacy": _("How long Logbook keeps words, and how to erase a person"),
        "leave": _("What Logbook has stored about this Bitrix24, and what becomes of it"),
    }


def _sections() -> list[dict[str, str]]:
    return [
        {"key": key, "name": name, "address": url_for(f"admin.{key}.show")} for key, name in section_names().items()
    ]
