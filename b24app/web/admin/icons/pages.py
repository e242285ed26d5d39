"""Which icons people are offered, in which order, and which is the default."""

import base64
from dataclasses import dataclass, field

from flask import Blueprint, Response, request

from b24app.bitrix24.icons import Icon
from b24app.codes import OutcomeKind
from b24app.context import database
from b24app.i18n import gettext as _
from b24app.models import Person
from b24app.services import text_rules
from b24app.services.settings import icons
from b24app.services.settings.icons import PREFIX, Choices
from b24app.services.settings.settings import Section
from b24app.web.admin import gate, saving
from b24app.web.admin.icons import uploads
from b24app.web.icons import IconChoice, icon_choice
from b24app.web.outcomes import Outcome

blueprint = Blueprint("icons", __name__, url_prefix="/settings/icons")
blueprint.url_value_preprocessor(uploads.let_in)
blueprint.register_error_handler(413, uploads.answer_too_large)


@dataclass(frozen=True)
class IconForm:
    """The page's content: the icons' arrangement, and the icon that is being added.

    ``picture`` is its PNG in base64; ``asked`` is the icon to be removed, and what that means for entries.
    """

    choices: Choices
    version: int
    name: str = ""
    picture: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    asked: tuple[IconChoice, str] | None = None


@blueprint.post("")
def show() -> Response:
    """Show the current arrangement of the icons."""
    person = enter()
    return show_form(person, IconForm(*icons.read(database(), person.portal_id)))


@blueprint.post("/move")
def move() -> Response:
    """Without script, move an icon up or down; the rest of the form stays as it is."""
    person = enter()
    direction, _colon, code = request.form.get("move", "").partition(":")
    order = request.form.getlist("order")
    if code in order:
        place = order.index(code)
        order.remove(code)
        order.insert({"up": max(place - 1, 0), "down": place + 1, "first": 0}.get(direction, place), code)
    return show_form(person, form_of(typed(person, order), saving.version_shown()))


@blueprint.post("/save")
def save() -> Response:
    """Save which icons people are offered."""
    person = enter()
    choices = typed(person, request.form.getlist("order"))
    if errors := _errors(icons.problems(choices, icons.listed(person.portal))):
        outcome = Outcome(OutcomeKind.INVALID, 422, _("Nothing was saved yet"), "")
        return show_form(person, form_of(choices, saving.version_shown(), errors), outcome)
    outcome = saving.save(person, Section.ICONS, choices.as_map())
    _saved, version = icons.read(database(), person.portal_id)
    return show_form(person, form_of(choices, version), outcome)


def enter() -> Person:
    """Prove the administrator, and read the icons that their portal lists."""
    admin = gate.enter(icons.QUESTION)
    icons.learn(admin.person.portal, admin.answers)
    database().commit()
    return admin.person


def typed(person: Person, order: list[str]) -> Choices:
    """The arrangement in this request's form."""
    before, _version = icons.read(database(), person.portal_id)
    offered, default = request.form.getlist("offered"), request.form.get("default", "")
    return icons.revised(before, icons.listed(person.portal), order=order, offered=offered, default=default)


def typed_name() -> str:
    return text_rules.one_line(request.form.get("name", ""))


def show_form(person: Person, icon_form: IconForm, outcome: Outcome | None = None) -> Response:
    listed = icons.listed(person.portal)
    arranged = icons.arranged(listed, icon_form.choices)
    choices = [as_choice(person, icon_form.choices, icon.code, icon.file_uri) for icon in arranged]
    stored, _version = icons.read(database(), person.portal_id)
    answer = gate.page(
        person,
        "icons",
        outcome,
        icon_form=icon_form,
        errors=icon_form.errors,
        has_more_icons=person.portal.has_more_icons,
        is_unsaved=bool(icon_form.name or icon_form.picture)
        or _as_seen(listed, icon_form.choices) != _as_seen(listed, stored),
        rows=[
            (choice, choice.code not in icon_form.choices.hidden, choice.code.startswith(PREFIX)) for choice in choices
        ],
    )
    if icon_form.picture:
        # Until now, the picture exists only in the form.
        policy = answer.headers["Content-Security-Policy"]
        answer.headers["Content-Security-Policy"] = policy.replace("img-src 'self'", "img-src 'self' data:")
    return answer


def as_choice(person: Person, choices: Choices, code: str, file_uri: str) -> IconChoice:
    return icon_choice(code, file_uri, person.portal.origin, choices.names.get(code, ""))


def _as_seen(listed: list[Icon], choices: Choices) -> object:
    """The arrangement without parts that are not shown, such as icons that the portal no longer lists."""
    codes = [icon.code for icon in icons.arranged(listed, choices)]
    return codes, choices.hidden.intersection(codes), choices.default if choices.default in codes else ""


def form_of(choices: Choices, version: int, errors: dict[str, str] | None = None) -> IconForm:
    """The page's content, so that neither the arrangement nor the icon that is being added is lost."""
    picture, error = uploads.read()
    errors = {**(errors or {}), **({"picture": error} if error else {})}
    return IconForm(choices, version, typed_name(), base64.b64encode(picture).decode(), errors)


def _errors(problems: dict[str, str]) -> dict[str, str]:
    sentences = {
        "offered": _("Offer at least one icon: an entry needs one."),
        "default": _("The icon to begin with is not offered. Offer it, or choose another one."),
    }
    return {name: sentences[name] for name in problems}
