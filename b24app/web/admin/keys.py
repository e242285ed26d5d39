"""Keys for machines in the settings: of the application, and everybody's."""

from flask import Blueprint, Response

from b24app.web import key_pages
from b24app.web.admin import gate
from b24app.web.key_pages import KeysPage, Shown

blueprint = Blueprint("keys", __name__, url_prefix="/settings/keys")


@blueprint.post("")
def show() -> Response:
    """All keys of the portal."""
    return _show(_page(), Shown())


@blueprint.post("/make")
def make() -> Response:
    """A key that writes as the application's own user, or as this administrator."""
    page = _page()
    return _show(page, key_pages.make(page))


@blueprint.post("/revoke")
def revoke() -> Response:
    """Anybody's key of this portal."""
    page = _page()
    return _show(page, key_pages.revoke(page))


@blueprint.post("/delete")
def delete_all() -> Response:
    """Everything that a key wrote."""
    page = _page()
    return _show(page, key_pages.delete_all(page))


def _page() -> KeysPage:
    admin = gate.enter(key_pages.QUESTIONS)
    return KeysPage(admin.person, admin.answers, "admin.keys", is_for_administrators=True)


def _show(page: KeysPage, shown: Shown) -> Response:
    return key_pages.never_cached(gate.page(page.person, "keys", shown.outcome, **key_pages.words(page, shown)))
