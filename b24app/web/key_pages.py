"""The pages for API keys: one in the settings for administrators, one for everybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, Response, request, url_for

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.entities import TYPE_IDS, is_smart_process
from b24app.codes import OutcomeKind
from b24app.context import context, database
from b24app.errors import LogbookError
from b24app.i18n import gettext as _
from b24app.i18n import moment, ngettext, written, zone_of
from b24app.machine_models import ApiKey
from b24app.models import Person
from b24app.services import text_rules
from b24app.services.access import application_user
from b24app.services.access.people import person_name
from b24app.services.machines import keys, writing
from b24app.services.machines.keys import LONGEST_NAME, MOST_PER_MINUTE, USUAL_PER_MINUTE, Made, Wish
from b24app.services.settings import icons
from b24app.services.text_rules import TextProblem
from b24app.web import text_problems
from b24app.web.admin import filters
from b24app.web.admin.filters import Unclear
from b24app.web.card_kinds import called
from b24app.web.composer import new_form_key
from b24app.web.icons import palette
from b24app.web.outcomes import Outcome

QUESTIONS = {"types": methods.entity_types()}


@dataclass(frozen=True)
class KeysPage:
    """One of the two pages: its person, their keys, and whether it makes keys of the application."""

    person: Person
    answers: Answers
    blueprint: str
    is_for_administrators: bool

    def rows(self) -> list[ApiKey]:
        if self.is_for_administrators:
            return keys.of_portal(database(), self.person.portal)
        return keys.of_person(database(), self.person)

    def find(self) -> ApiKey | None:
        """The key named in this request's form, if it is on this page."""
        number = filters.key_of(request.form.get("key", ""))
        return next((row for row in self.rows() if row.id == number), None)


@dataclass(frozen=True)
class Shown:
    """What the page shows besides the keys: a new key, a form with errors, or a question."""

    outcome: Outcome | None = None
    made: Made | None = None
    errors: Mapping[str, str] | None = None
    asked_about: ApiKey | None = None


def register(
    blueprint: Blueprint, enter: Callable[[], KeysPage], answer: Callable[[KeysPage, Shown], Response]
) -> None:
    """Register the actions of both pages; ``enter`` proves the person, ``answer`` renders the page."""

    def view(act: Callable[[KeysPage], Shown]) -> Response:
        page = enter()
        shown = answer(page, act(page))
        # A page that shows a key must not be cached.
        shown.headers["Cache-Control"] = "no-store"
        return shown

    for name, (path, act) in ACTIONS.items():
        blueprint.add_url_rule(path, name, partial(view, act), methods=["POST"])


def show(_page: KeysPage) -> Shown:
    """Show the keys."""
    return Shown()


def make(page: KeysPage) -> Shown:
    """Create the key that this request's form describes."""
    wish, errors = _wish(page)
    found = keys.problems(database(), page.person, wish, datetime.now(UTC))
    errors = {**{field: _sentence(field, problem) for field, problem in found.items()}, **errors}
    if errors:
        return Shown(Outcome(OutcomeKind.INVALID, 422, _("Nothing was saved yet"), ""), errors=errors)
    made = keys.make(database(), page.person, wish, request.form.get("form_key", "")[:64])
    if made is None:
        advice = _("It cannot be shown again. Revoke it and make another one.")
        return Shown(Outcome(OutcomeKind.FAILED, 409, _("This form has made a key already"), advice))
    return Shown(Outcome(OutcomeKind.SAVED, 200, _("The key was made"), _("Copy it now: it is shown only once.")), made)


def revoke(page: KeysPage) -> Shown:
    """Revoke the key that this request's form names."""
    row = page.find()
    if row is None:
        return Shown(_no_such_key())
    keys.revoke(database(), page.person, row)
    return Shown(Outcome(OutcomeKind.SAVED, 200, _("The key was revoked"), _("No program can use it any more.")))


def delete_all(page: KeysPage) -> Shown:
    """After confirmation, have the worker delete everything that a key wrote."""
    row = page.find()
    if row is None:
        return Shown(_no_such_key())
    if "meant" not in request.form:
        return Shown(asked_about=row)
    writing.delete_all(database(), page.person, row)
    context().queue.wake(page.person.portal_id)
    sentence = _("Logbook does it in the background. Open this page again to see how far it is.")
    return Shown(Outcome(OutcomeKind.QUEUED, 200, _("Everything will be deleted"), sentence))


# The views by name, which is also the end of their URL.
ACTIONS: dict[str, tuple[str, Callable[[KeysPage], Shown]]] = {
    "show": ("", show),
    "make": ("/make", make),
    "revoke": ("/revoke", revoke),
    "delete_all": ("/delete", delete_all),
}


def _kinds(answers: Answers) -> dict[int, str]:
    """The kinds of cards to choose from, with their names."""
    type_names = _type_names(answers)
    kinds = [*TYPE_IDS.values(), *sorted(kind for kind in type_names if is_smart_process(kind))]
    return {kind: called(kind, type_names) for kind in kinds}


def words(page: KeysPage, shown: Shown) -> dict[str, object]:
    """The context of the template."""
    portal, rows = page.person.portal, page.rows()
    left = keys.count_left(database(), rows)
    own_user = application_user.find(database(), portal)
    found: dict[str, object] = {
        "keys": [_row(row, page, left.get(row.id, 0), own_user) for row in rows],
        "made": shown.made,
        "asked_about": shown.asked_about,
        "errors": shown.errors or {},
        "typed": request.form if shown.errors else {},
        "ticked": {name: request.form.getlist(name) if shown.errors else [] for name in ("kind", "icon")},
        "form_key": new_form_key(),
        "is_for_administrators": page.is_for_administrators,
        "has_own_user": own_user is not None,
        "person_name": person_name(page.person),
        "kinds": _kinds(page.answers),
        "icons": {icon.code: icon.name for icon in palette(portal, icons.read(database(), portal.id)[0]).offered},
        "usual": USUAL_PER_MINUTE,
        "most": MOST_PER_MINUTE,
        "acts": {name: url_for(f"{page.blueprint}.{name}") for name in ACTIONS},
    }
    database().commit()
    return found


def status(shown: Shown) -> int:
    return shown.outcome.status if shown.outcome else 200


def by_key(name: str) -> str:
    """A sentence for lists of entries: which key wrote one."""
    return _("by key “%(name)s”") % {"name": name}


def _wish(page: KeysPage) -> tuple[Wish, dict[str, str]]:
    errors: dict[str, str] = {}
    try:
        expires_at = filters.day(request.form.get("expires", ""), page.person, is_end=True)
    except Unclear as unclear:
        expires_at, errors["expires"] = None, str(unclear)
    rate = request.form.get("per_minute", "").strip()
    offered = {icon.code for icon in icons.offered(database(), page.person.portal)}
    kinds = (filters.key_of(kind) for kind in request.form.getlist("kind"))
    wish = Wish(
        name=text_rules.one_line(request.form.get("name", "")),
        is_application=page.is_for_administrators and request.form.get("owner") == "application",
        kinds=tuple(sorted({kind for kind in kinds if kind})),
        icons=tuple(sorted(set(request.form.getlist("icon")) & offered)),
        per_minute=int(rate) if rate.isascii() and rate.isdecimal() and len(rate) < 9 else None,
        expires_at=expires_at,
    )
    return wish, errors


def _row(row: ApiKey, page: KeysPage, left: int, own_user: Person | None) -> dict[str, object]:
    zone, author = zone_of(page.person.time_zone), (own_user if row.is_application else None) or row.maker
    used = row.last_used_at and row.last_used_at.astimezone(zone)
    count = ngettext("%(count)s entry", "%(count)s entries", row.written) % {"count": written(row.written)}
    return {
        "id": row.id,
        "name": row.name,
        "hint": row.hint,
        "look": "sent" if keys.is_valid(row, datetime.now(UTC)) else "failed",
        "state": _state(row),
        "author": person_name(author),
        "maker": person_name(row.maker),
        "count": count,
        "used": _("last used on %(moment)s") % {"moment": moment(used)} if used else _("never used"),
        "expires": moment(row.expires_at.astimezone(zone)) if row.expires_at else "",
        "is_revoked": row.revoked_at is not None,
        "can_delete": row.written > 0,
        "progress": _progress(row, left),
    }


def _progress(row: ApiKey, left: int) -> str:
    if not row.to_delete:
        return ""
    numbers = {"done": written(max(row.to_delete - left, 0)), "total": written(row.to_delete)}
    return _("%(done)s of %(total)s deleted") % numbers


def _state(row: ApiKey) -> str:
    if row.revoked_at:
        return _("Revoked")
    return _("Valid") if keys.is_valid(row, datetime.now(UTC)) else _("Expired")


def _sentence(field: str, problem: TextProblem | str) -> str:
    if isinstance(problem, TextProblem):
        empty = _("Give the key a name.")
        return empty if problem is TextProblem.EMPTY else text_problems.in_words("name", problem, LONGEST_NAME)
    sentences = {
        "many": _("There are too many keys already. Revoke one first."),
        "unknown": _("Write a number from 1 to %(count)s.") % {"count": written(MOST_PER_MINUTE)},
        "past": _("This day is over."),
    }
    return sentences[problem]


def _type_names(answers: Answers) -> dict[int, str]:
    try:
        return methods.read_entity_types(answers["types"])
    except LogbookError:
        return {}


def _no_such_key() -> Outcome:
    return Outcome(OutcomeKind.FAILED, 404, _("There is no such key"), _("Somebody may have revoked it meanwhile."))
