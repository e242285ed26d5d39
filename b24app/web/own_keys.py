"""A person's own keys for machines, which write in their name."""

from flask import Blueprint, Response

from b24app.models import Person
from b24app.web import frame, key_pages
from b24app.web.admin import gate
from b24app.web.key_pages import KeysPage, Shown
from b24app.web.sessions import SessionToken, frame_origin, seal

blueprint = Blueprint("own_keys", __name__, url_prefix="/keys")

PURPOSE = "keys"


@blueprint.post("")
def show() -> Response:
    return _show(_page(), Shown())


@blueprint.post("/make")
def make() -> Response:
    page = _page()
    return _show(page, key_pages.make(page))


@blueprint.post("/revoke")
def revoke() -> Response:
    page = _page()
    return _show(page, key_pages.revoke(page))


@blueprint.post("/delete")
def delete_all() -> Response:
    """Everything that a key of theirs wrote."""
    page = _page()
    return _show(page, key_pages.delete_all(page))


def session_of(person: Person) -> str:
    """What the way to this page carries."""
    return seal(SessionToken(PURPOSE, person.portal.member_id, person.bitrix_id, origin=frame_origin()))


def _page() -> KeysPage:
    caller = gate.enter_as_anybody(PURPOSE, key_pages.QUESTIONS)
    return KeysPage(caller.person, caller.answers, "own_keys", is_for_administrators=False)


def _show(page: KeysPage, shown: Shown) -> Response:
    words = {"session": session_of(page.person), "outcome": shown.outcome, **key_pages.words(page, shown)}
    return key_pages.never_cached(frame.page_for(page.person.portal, "own_keys.html", key_pages.status(shown), **words))
