"""The section for API keys: those of the application and everybody's."""

from flask import Blueprint, Response

from b24app.web import key_pages
from b24app.web.admin import gate
from b24app.web.key_pages import KeysPage, Shown

blueprint = Blueprint("keys", __name__, url_prefix="/settings/keys")


def _enter() -> KeysPage:
    admin = gate.enter(key_pages.QUESTIONS)
    return KeysPage(admin.person, admin.answers, "admin.keys", is_for_administrators=True)


def _show(page: KeysPage, shown: Shown) -> Response:
    return gate.page(page.person, "keys", shown.outcome, **key_pages.words(page, shown))


key_pages.register(blueprint, _enter, _show)
