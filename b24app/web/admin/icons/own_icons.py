"""The portal's own icons: uploading, previewing, adding and removing them."""

import base64
from dataclasses import replace

from flask import Blueprint, Response, request

from b24app.codes import OutcomeKind, Reason
from b24app.context import b24, database
from b24app.errors import AnswerLost, CallFailed, LogbookError, PairDead
from b24app.i18n import gettext as _
from b24app.i18n import ngettext, written
from b24app.models import Person
from b24app.services.settings import icons, own_icons
from b24app.services.settings.own_icons import LONGEST_NAME, Renewed
from b24app.web import refusals
from b24app.web.admin import saving
from b24app.web.admin.icons import uploads
from b24app.web.admin.icons.pages import IconForm, as_choice, enter, form_of, show_form, typed, typed_name
from b24app.web.outcomes import Outcome

blueprint = Blueprint("own_icons", __name__, url_prefix="/settings/icons")
blueprint.url_value_preprocessor(uploads.let_in)
blueprint.register_error_handler(413, uploads.answer_too_large)


@blueprint.post("/preview")
def preview() -> Response:
    """Without script, preview the picture as on the timeline."""
    person = enter()
    picture, error = _uploaded()
    return _show(person, picture, {"picture": error})


@blueprint.post("/upload")
def upload() -> Response:
    """Add the uploaded picture to the portal as an icon."""
    person = enter()
    picture, error = _uploaded()
    problems = {"name": _name_error(typed_name()), "picture": error}
    if any(problems.values()):
        return _show(person, picture, problems)
    code = own_icons.code_of(typed_name(), picture)
    was_there = own_icons.is_ours(person.portal, code)
    try:
        renewed = own_icons.add(database(), b24(), person, code=code, name=typed_name(), picture=picture)
    except (CallFailed, PairDead) as failure:
        return _show(person, picture, {}, _not_added(failure))
    heading = _("This icon is there already") if was_there else _("The icon was added")
    sentence = _("People find it at the end of the list, where you can move it.")
    return _done(person, renewed, Outcome(OutcomeKind.SAVED, 200, heading, sentence))


@blueprint.post("/remove")
def ask() -> Response:
    """Ask for confirmation, and explain what happens to entries with the icon."""
    person, code = enter(), request.form.get("icon", "")
    if not own_icons.is_ours(person.portal, code):
        return _show(person, uploads.read()[0], {}, _not_ours())
    choices, _version = icons.read(database(), person.portal_id)
    file_uri = next(icon.file_uri for icon in icons.listed(person.portal) if icon.code == code)
    count = own_icons.count_entries(database(), person.portal, code)
    asked = as_choice(person, choices, code, file_uri), _bearing(count)
    arrangement = typed(person, request.form.getlist("order"))
    return show_form(person, replace(form_of(arrangement, saving.version_shown()), asked=asked))


@blueprint.post("/remove/confirmed")
def remove() -> Response:
    """After confirmation, remove the icon from the portal, or only from our settings if the portal lost it."""
    person, code = enter(), request.form.get("icon", "")
    choices, _version = icons.read(database(), person.portal_id)
    if not own_icons.is_ours(person.portal, code) and code not in choices.names:
        return _show(person, uploads.read()[0], {}, _not_ours())
    try:
        renewed = own_icons.remove(database(), b24(), person, code)
    except (CallFailed, PairDead) as failure:
        return _show(person, uploads.read()[0], {}, _not_removed(failure))
    sentence = _("Nobody can choose it any more.")
    outcome = Outcome(OutcomeKind.DELETED, 200, _("The icon was removed"), sentence)
    arrangement = typed(person, request.form.getlist("order"))
    return show_form(person, form_of(arrangement, _version_after(renewed)), outcome)


def _uploaded() -> tuple[bytes, str]:
    """Like ``uploads.read``, but a picture is required."""
    picture, error = uploads.read()
    return picture, error or ("" if picture else _("Choose a picture."))


def _show(person: Person, picture: bytes, problems: dict[str, str], outcome: Outcome | None = None) -> Response:
    """Show the whole form as it was sent, including the picture."""
    found = {field: problem for field, problem in problems.items() if problem}
    if found:
        outcome = Outcome(OutcomeKind.INVALID, 422, _("The icon was not added yet"), "")
    choices = typed(person, request.form.getlist("order"))
    kept = base64.b64encode(picture).decode()
    return show_form(person, IconForm(choices, saving.version_shown(), typed_name(), kept, found), outcome)


def _done(person: Person, renewed: Renewed, outcome: Outcome) -> Response:
    arrangement = typed(person, request.form.getlist("order"))
    return show_form(person, IconForm(arrangement, _version_after(renewed)), outcome)


def _version_after(renewed: Renewed) -> int:
    """The version of the form's arrangement, which this does not save."""
    return renewed.after if saving.version_shown() == renewed.before else saving.version_shown()


def _name_error(name: str) -> str:
    if not name:
        return _("Give the icon a name.")
    if len(name) > LONGEST_NAME:
        return _("The name is longer than %(limit)s characters.") % {"limit": written(LONGEST_NAME)}
    return ""


def _not_added(failure: LogbookError) -> Outcome:
    heading = _("The icon was not added")
    if isinstance(failure, AnswerLost):
        sentence = _("Bitrix24 did not answer, so nobody knows yet whether it has the icon.")
        return Outcome(
            OutcomeKind.FAILED, 503, heading, sentence, _("Press “Add” once more: it cannot be added twice.")
        )
    code = failure.code if isinstance(failure, CallFailed) else ""
    reasons = {
        "0": (_("Bitrix24 has an icon of this name already, or keeps the name for itself."), _("Choose another name.")),
        Reason.ACCESS_DENIED: _no_crm_administrator(),
        "INVALID_ARG_VALUE": (_("Bitrix24 did not take the picture."), _("Try another picture.")),
        "FILE_SAVE_ERROR": (
            _("Bitrix24 could not store the picture."),
            _("Perhaps its disk is full. Try again later."),
        ),
    }
    return _refused(heading, failure, reasons.get(code))


def _not_removed(failure: LogbookError) -> Outcome:
    is_denied = isinstance(failure, CallFailed) and failure.code == Reason.ACCESS_DENIED
    return _refused(_("The icon was not removed"), failure, _no_crm_administrator() if is_denied else None)


def _refused(heading: str, failure: LogbookError, reason: tuple[str, str] | None) -> Outcome:
    refusal = refusals.of(failure)
    sentence, advice = reason or (refusal.sentence, refusal.advice)
    return Outcome(OutcomeKind.REFUSED, 503 if refusal.status == 503 else 403, heading, sentence, advice)


def _no_crm_administrator() -> tuple[str, str]:
    return (
        _("You administer this Bitrix24, but not its CRM, and icons belong to the CRM."),
        _("Ask somebody who may change the settings of the CRM for this right, or to do it for you."),
    )


def _not_ours() -> Outcome:
    sentence = _("It has been removed already, or was not added with Logbook.")
    return Outcome(OutcomeKind.FAILED, 404, _("This icon cannot be removed"), sentence)


def _bearing(count: int) -> str:
    """What removing the icon means for the entries that have it."""
    if not count:
        return _("No entry written with Logbook has it.")
    sentence = ngettext(
        "%(count)s entry written with Logbook has it. It stays on its timeline, without an icon.",
        "%(count)s entries written with Logbook have it. They stay on their timelines, without an icon.",
        count,
    )
    return sentence % {"count": written(count)}
