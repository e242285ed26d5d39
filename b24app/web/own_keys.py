"""The page of a person's own API keys, which write in their name."""

from flask import Blueprint, Response

from b24app.models import Person
from b24app.web import frame, key_pages
from b24app.web.admin import gate
from b24app.web.key_pages import KeysPage, Shown
from b24app.web.sessions import SessionToken, frame_origin, seal

blueprint = Blueprint("own_keys", __name__, url_prefix="/keys")

PURPOSE = "keys"


def session_of(person: Person) -> str:
    """The session token in links to this page."""
    return seal(SessionToken(PURPOSE, person.portal.member_id, person.bitrix_id, origin=frame_origin()))


def _enter() -> KeysPage:
    caller = gate.enter_as_anybody(PURPOSE, key_pages.QUESTIONS)
    return KeysPage(caller.person, caller.answers, "own_keys", is_for_administrators=False)


def _show(page: KeysPage, shown: Shown) -> Response:
    words = {"session": session_of(page.person), "outcome": shown.outcome, **key_pages.words(page, shown)}
    return frame.page_for(page.person.portal, "own_keys.html", key_pages.status(shown), **words)


key_pages.register(blueprint, _enter, _show)
