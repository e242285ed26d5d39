"""The section *Templates*: the ordered list, and an editor for one template."""

from dataclasses import replace

from flask import Blueprint, Response, request, url_for

from b24app.codes import OutcomeKind
from b24app.context import database
from b24app.i18n import gettext as _
from b24app.models import Person
from b24app.services.settings import templates
from b24app.services.settings.settings import Section
from b24app.services.settings.templates import Template
from b24app.web import outcomes, template_editing
from b24app.web.admin import gate, saving
from b24app.web.admin.templates import editing
from b24app.web.outcomes import Outcome
from b24app.web.template_editing import Editor

blueprint = Blueprint("templates", __name__, url_prefix="/settings/templates")

STEPS = {"up": -1, "down": 1}


@blueprint.post("")
def show() -> Response:
    """Show all templates, in the order in which people are offered them."""
    return _show(editing.enter())


@blueprint.post("/edit")
def edit() -> Response:
    """Edit an existing or a new template; one that was removed meanwhile cannot be edited."""
    editor, template = editing.open_template(_named)
    if request.form.get("template", "") not in {"", template.id}:
        return _show(editor, replace(outcomes.no_such_template(), advice=""))
    _templates, version = templates.read(database(), editor.person.portal_id)
    return _show_one(editor, template, version)


@blueprint.post("/preview")
def preview() -> Response:
    """Preview what is typed, with real values; nothing is saved."""
    editor, template = editing.open_template(lambda _person: template_editing.typed())
    return _show_one(editor, template, saving.version_shown())


@blueprint.post("/save")
def save() -> Response:
    """Save what is typed, at the template's old position or at the end."""
    editor, template = editing.open_template(lambda _person: template_editing.typed())
    stored, version = templates.read(database(), editor.person.portal_id)
    errors = template_editing.errors(editor, template, templates.find(stored, template.id))
    after = templates.put(stored, template)
    if outcome := _invalid(errors, len(after)):
        return _show_one(editor, template, saving.version_shown(), outcome, errors)
    outcome = _save(editor, after, _("“%(name)s” is offered from now on."), template)
    if outcome.kind == OutcomeKind.OUTDATED:
        return _show_one(editor, template, version, outcome)
    return _show(editor, outcome)


@blueprint.post("/remove")
def remove() -> Response:
    """Remove a template."""
    editor = editing.enter()
    stored, _version = templates.read(database(), editor.person.portal_id)
    template = templates.find(stored, request.form.get("template", ""))
    after = templates.without(stored, template.id) if template else stored
    return _show(editor, _save(editor, after, _("“%(name)s” is not offered any more."), template))


@blueprint.post("/move")
def move() -> Response:
    """Move a template up or down."""
    editor = editing.enter()
    stored, _version = templates.read(database(), editor.person.portal_id)
    direction, _dash, template_id = request.form.get("move", "").partition("-")
    template = templates.find(stored, template_id)
    after = templates.moved(stored, template, STEPS.get(direction, 0)) if template else stored
    return _show(editor, _save(editor, after, _("“%(name)s” is no. %(place)s now."), template))


def _save(editor: Editor, after: list[Template], done: str, template: Template | None) -> Outcome:
    """Save the templates; ``done`` is the sentence about the changed one, if anything changed."""
    stored, _version = templates.read(database(), editor.person.portal_id)
    outcome = saving.save(editor.person, Section.TEMPLATES, templates.choices(after))
    if outcome.kind != OutcomeKind.SAVED or template is None or after == stored:
        return outcome
    place = after.index(template) + 1 if template in after else 0
    return replace(outcome, sentence=done % {"name": template.name, "place": place})


def _named(person: Person) -> Template:
    stored, _version = templates.read(database(), person.portal_id)
    return templates.find(stored, request.form.get("template", "")) or Template(templates.new_id())


def _invalid(errors: dict[str, str], count: int) -> Outcome | None:
    heading = _("Nothing was saved yet")
    if errors:
        return Outcome(OutcomeKind.INVALID, 422, heading, " ".join(errors.values()), _("Fix this and save again."))
    if count > templates.MOST:
        sentence = _("There are %(limit)s templates already, and no more than that.") % {"limit": templates.MOST}
        return Outcome(OutcomeKind.INVALID, 422, heading, sentence, _("Remove one that nobody needs, then save again."))
    return None


def _show(editor: Editor, outcome: Outcome | None = None) -> Response:
    stored, version = templates.read(database(), editor.person.portal_id)
    rows = [template_editing.row(editor, template) for template in stored]
    return gate.page(editor.person, "templates", outcome, rows=rows, version=version, acts=_acts())


def _show_one(
    editor: Editor,
    template: Template,
    version: int,
    outcome: Outcome | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    stored, _version = templates.read(database(), editor.person.portal_id)
    words = template_editing.words(editor, template, stored, errors)
    return gate.page(editor.person, "templates", outcome, version=version, acts=_acts(), **words)


def _acts() -> dict[str, str]:
    return {act: url_for(f"admin.templates.{act}") for act in ("show", "edit", "preview", "save", "remove", "move")}
