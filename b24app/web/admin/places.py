"""The section "Where it shows": the cards with the tab and the button, the menus, and the tab's title."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from flask import Blueprint, Response, request

from b24app.bitrix24.entities import button_of, tab_of
from b24app.codes import OutcomeKind, PlaceState
from b24app.context import b24, config, database
from b24app.i18n import LOCALES, ngettext, own_name, tab_titles
from b24app.i18n import gettext as _
from b24app.models import Person
from b24app.services import text_rules
from b24app.services.settings import places
from b24app.services.settings import settings as saved_settings
from b24app.services.settings.places import LONGEST_TITLE, Button, Choices
from b24app.services.settings.settings import Section
from b24app.services.setup import bindings
from b24app.services.setup.bindings import Place, Survey
from b24app.services.setup.repairs import Repair
from b24app.web import places as names
from b24app.web import refusals, text_problems
from b24app.web.admin import buttons, gate, menus, saving
from b24app.web.admin.repair_progress import Progress
from b24app.web.card_kinds import called
from b24app.web.outcomes import Outcome

blueprint = Blueprint("places", __name__, url_prefix="/settings/places")

One = TypeVar("One")


@dataclass(frozen=True)
class Form:
    """The form's content; ``errors`` are by language code."""

    choices: Choices
    version: int
    errors: Mapping[str, str] = field(default_factory=dict)


@blueprint.post("")
def show() -> Response:
    """Show the choices, and what the portal has now."""
    admin = gate.enter(bindings.SURVEY)
    return _page(admin.person, _saved(admin.person), bindings.read_survey(admin.answers))


@blueprint.post("/save")
def save() -> Response:
    """Save the choices, then bind and unbind accordingly."""
    admin = gate.enter(bindings.SURVEY)
    person, survey = admin.person, bindings.read_survey(admin.answers)
    before = _saved(person).choices
    typed = _typed(survey, before)
    if errors := _errors(typed):
        return _page(person, Form(typed, saving.version_shown(), errors), survey, _invalid(errors))
    saved = saving.save(person, Section.PLACES, typed.as_json())
    form = Form(typed, _saved(person).version)
    if saved.kind == OutcomeKind.OUTDATED:
        return _page(person, form, survey, saved)
    is_renamed = before.all_titles() != typed.all_titles()
    repair = Repair(database(), b24(), person, survey, config().app_url, is_renamed=is_renamed)
    return _carry_out(person, form, saved, Progress(repair))


def _carry_out(person: Person, form: Form, saved: Outcome, progress: Progress) -> Response:
    """Update the portal's bindings; if that takes long, the page is streamed meanwhile."""
    is_changed = form.version != saving.version_shown()

    def ended() -> Outcome:
        return _ended(saved, progress, is_changed=is_changed)

    words = {**_switches(form, progress.repair.survey, lambda: _after(progress)), **_words(form)}
    if progress.is_long:
        return gate.page_in_pieces(person, "places", progress=progress, ended=ended, **words)
    progress.finish()
    return gate.page(person, "places", ended(), **words)


def _page(person: Person, form: Form, survey: Survey, outcome: Outcome | None = None) -> Response:
    """Render the page; its marks compare the portal with the saved choices, not with the form."""
    saved = _saved(person).choices
    standing = survey.places(saved, config().app_url)
    words = {
        **_switches(form, survey, lambda: standing),
        "is_unsaved": _as_seen(form.choices, survey) != _as_seen(saved, survey),
        **_words(form),
    }
    return gate.page(person, "places", outcome, **words)


def _as_seen(choices: Choices, survey: Survey) -> object:
    """The choices about kinds of cards that this portal has."""
    switches = [(choices.has_tab(type_id), choices.button(type_id)) for type_id in survey.type_ids()]
    return switches, choices.menus, choices.is_following, choices.all_titles()


def _switches(form: Form, survey: Survey, standing: Callable[[], list[Place]]) -> dict[str, object]:
    """The rows of the form, computed when the page needs them: in a stream, after the work."""
    return {
        "rows": lambda: _rows(form.choices, survey, standing()),
        "menus": lambda: menus.rows(form.choices, survey, standing()),
    }


def _words(form: Form) -> dict[str, object]:
    return {
        "version": form.version,
        "is_following": form.choices.is_following,
        "titles": [_title(code, form) for code in LOCALES],
        "own_titles": len(form.choices.titles),
        "longest_title": LONGEST_TITLE,
        "errors": {f"title-{code}": error for code, error in form.errors.items()},
    }


def _rows(choices: Choices, survey: Survey, standing: list[Place]) -> list[dict[str, object]]:
    """A row for each kind of card; ``standing`` is the state of the places, empty if unknown."""
    by_code = {place.code: place for place in standing}

    def state(code: str) -> dict[str, object]:
        place = by_code.get(code)
        if place is None and standing and survey.has(code):
            place = survey.place(code, PlaceState.KEPT)
        if place is None:
            return {"look": "", "note": ""}
        line = names.row(place)
        return {"look": line["look"], "note": line["note"] or _("in place")}

    return [
        {
            "type_id": type_id,
            "name": called(type_id, survey.type_names),
            "tab": {**state(tab_of(type_id)), "is_on": choices.has_tab(type_id)},
            "button": {**state(button_of(type_id)), **buttons.row(type_id, choices.button(type_id), survey)},
        }
        for type_id in survey.type_ids()
    ]


def _title(code: str, form: Form) -> dict[str, str]:
    return {
        "code": code,
        "tag": LOCALES[code].replace("_", "-"),
        "language": own_name(code),
        "words": form.choices.titles.get(code, ""),
        "default": tab_titles()[code],
        "error": form.errors.get(code, ""),
    }


def _saved(person: Person) -> Form:
    saved = saved_settings.read(database(), person.portal_id, Section.PLACES)
    return Form(places.of_json(saved.choices), saved.version)


def _typed(survey: Survey, before: Choices) -> Choices:
    """The form's choices for the kinds of cards that it showed; the others stay as they are."""
    shown, tabs, opened = _numbers("type"), _numbers("tab"), buttons.typed()
    here = set(survey.type_ids()) | (set() if survey.type_names else set(before.tabs))

    def switches(was: Mapping[int, One], now: Callable[[int], One]) -> dict[int, One]:
        kept = {type_id: was[type_id] for type_id in here & was.keys()}
        return kept | {type_id: now(type_id) for type_id in here & shown}

    titles = {code: text_rules.tidied(request.form.get(f"title-{code}", "")) for code in LOCALES}
    return Choices(
        tabs=switches(before.tabs, tabs.__contains__),
        buttons=switches(before.buttons, lambda type_id: opened.get(type_id, Button.NONE)),
        is_following="following" in request.form,
        menus=menus.typed(),
        titles={code: title for code, title in titles.items() if title not in {"", tab_titles()[code]}},
    )


def _numbers(name: str) -> set[int]:
    return {int(text) for text in request.form.getlist(name) if re.fullmatch("[1-9][0-9]{0,8}", text, re.ASCII)}


def _errors(typed: Choices) -> dict[str, str]:
    found = places.problems(typed.titles)
    return {code: text_problems.in_words("title", problem, LONGEST_TITLE) for code, problem in found.items()}


def _invalid(errors: Mapping[str, str]) -> Outcome:
    return Outcome(OutcomeKind.INVALID, 422, _("Nothing was saved yet"), " ".join(errors.values()))


def _after(progress: Progress) -> list[Place]:
    """The state of the places after an update; unknown if the portal has stopped answering."""
    return [] if progress.failure else [*progress.repair.places(), *progress.report()]


def _ended(saved: Outcome, progress: Progress, *, is_changed: bool) -> Outcome:
    """The outcome of updating the portal."""
    heading = _("Saved, but not everything is in place")
    if progress.failure:
        refusal = refusals.of(progress.failure)
        advice = _("Open this section again to see what is missing. Saving again, or repairing, fixes it.")
        return Outcome(OutcomeKind.REFUSED, refusal.status, heading, refusal.sentence, advice)
    if amiss := len(progress.amiss()):
        sentence = ngettext(
            "%(count)s place is not as you want it.", "%(count)s places are not as you want them.", amiss
        ) % {"count": amiss}
        return Outcome(OutcomeKind.REFUSED, 200, heading, sentence, _("The list says why."))
    if progress.total and not is_changed:
        return Outcome(OutcomeKind.REPAIRED, 200, _("Everything is in place"), _("What was missing is there now."))
    return saved
