"""Keys for machines in the settings: of the application, and everybody's."""

from flask import Blueprint, Response

from b24app.web import key_pages
from b24app.web.admin import gate
from b24app.web.key_pages import Door, Shown

blueprint = Blueprint("keys", __name__, url_prefix="/settings/keys")


@blueprint.post("")
def show() -> Response:
    """All keys of the portal."""
    return _show(_door(), Shown())


@blueprint.post("/make")
def make() -> Response:
    """A key that writes as the application's own user, or as this administrator."""
    door = _door()
    return _show(door, key_pages.make(door))


@blueprint.post("/revoke")
def revoke() -> Response:
    """Anybody's key of this portal."""
    door = _door()
    return _show(door, key_pages.revoke(door))


@blueprint.post("/delete")
def delete_all() -> Response:
    """Everything that a key wrote."""
    door = _door()
    return _show(door, key_pages.delete_all(door))


def _door() -> Door:
    admin = gate.enter(key_pages.QUESTIONS)
    return Door(admin.person, admin.answers, "admin.keys", is_for_administrators=True)


def _show(door: Door, shown: Shown) -> Response:
    return key_pages.never_cached(gate.page(door.person, "keys", shown.outcome, **key_pages.words(door, shown)))
