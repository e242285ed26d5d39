"""Templates for everybody who writes: the ordered list, and an editor for one at a time."""

import re
from dataclasses import replace

from flask import Blueprint, Response, request

from b24app.codes import OutcomeKind
from b24app.context import database
from b24app.i18n import gettext as _
from b24app.models import Person
from b24app.services.delivery import display
from b24app.services.settings import templates
from b24app.services.settings.settings import Section
from b24app.services.settings.templates import Template
from b24app.web import items, outcomes
from b24app.web.admin import gate, saving
from b24app.web.admin.templates import editing
from b24app.web.admin.templates.editing import Editor
from b24app.web.icons import groups_of, tiles
from b24app.web.kinds import called
from b24app.web.outcomes import Outcome

blueprint = Blueprint("templates", __name__, url_prefix="/settings/templates")

STEPS = {"up": -1, "down": 1}


@blueprint.post("")
def show() -> Response:
    """All templates, in the order in which people are offered them."""
    return _show(editing.enter())


@blueprint.post("/edit")
def edit() -> Response:
    """An existing template, or a new one; one that somebody else has removed meanwhile cannot be changed."""
    editor, template = editing.open_template(_named)
    if request.form.get("template", "") not in {"", template.id}:
        return _show(editor, replace(outcomes.no_such_template(), advice=""))
    _templates, version = templates.read(database(), editor.person.portal_id)
    return _show_one(editor, template, version)


@blueprint.post("/preview")
def preview() -> Response:
    """A preview of what is typed, with real values; nothing is saved."""
    editor, template = editing.open_template(lambda _person: _typed())
    return _show_one(editor, template, saving.version_shown())


@blueprint.post("/save")
def save() -> Response:
    """Save what is typed, at its old position or after the others."""
    editor, template = editing.open_template(lambda _person: _typed())
    stored, version = templates.read(database(), editor.person.portal_id)
    errors = editing.errors(editor, template, templates.find(stored, template.id))
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
    """Save the templates; ``done`` is what to say about the changed one, if anything changed."""
    stored, _version = templates.read(database(), editor.person.portal_id)
    outcome = saving.save(editor.person, Section.TEMPLATES, templates.choices(after))
    if outcome.kind != OutcomeKind.SAVED or template is None or after == stored:
        return outcome
    place = after.index(template) + 1 if template in after else 0
    return replace(outcome, sentence=done % {"name": template.name, "place": place})


def _named(person: Person) -> Template:
    stored, _version = templates.read(database(), person.portal_id)
    return templates.find(stored, request.form.get("template", "")) or Template(templates.new_id())


def _typed() -> Template:
    """The template of this request's form; one without a number gets a new one."""
    form = request.form
    given = form.get("template", "")
    kinds = [int(kind) for kind in form.getlist("kinds") if re.fullmatch("[0-9]{1,9}", kind)]
    return Template(
        id=given if templates.ID.fullmatch(given) else templates.new_id(),
        name=form.get("name", ""),
        title=form.get("title", ""),
        text=form.get("text", ""),
        icon=form.get("icon", ""),
        kinds=tuple(kinds),
    ).tidied()


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
    rows = [_row(editor, template) for template in stored]
    return gate.page(editor.person, "templates", outcome, rows=rows, version=version)


def _row(editor: Editor, template: Template) -> dict[str, object]:
    return {
        "id": template.id,
        "name": template.name,
        "title": template.title,
        "icon": editor.icon(template) if template.icon else None,
        "is_icon_lost": editor.is_icon_lost(template),
        "kinds": [called(type_id, editor.type_names) for type_id in template.kinds],
    }


def _show_one(
    editor: Editor,
    template: Template,
    version: int,
    outcome: Outcome | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    stored, _version = templates.read(database(), editor.person.portal_id)
    before = templates.find(stored, template.id)
    choices = editor.tiles(template)
    draft = editor.draft(template)
    return gate.page(
        editor.person,
        "templates",
        outcome,
        errors=errors,
        version=version,
        opened=template,
        is_stored=before is not None,
        is_unsaved=template != (before or Template(template.id)),
        form={"errors": errors or {}},
        recent=0,
        icons=tiles(choices, template.icon),
        groups=groups_of(choices),
        is_icon_lost=editor.is_icon_lost(template),
        kinds=editor.kinds(template),
        values=editor.values(template),
        is_example=bool(editor.card_name),
        preview=items.of_draft(editor.person, draft, editor.icons.listed),
        losses=display.losses(draft.title, draft.text),
    )
