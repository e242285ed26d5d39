"""The page of a person's own templates, reached from the composer of a card, which serves as the example.

The composer's session is proof enough, as for drafts. Text typed on the card is saved as a draft meanwhile.
"""

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, request, url_for

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers
from b24app.codes import OutcomeKind
from b24app.context import b24, database
from b24app.errors import CallFailed, Outdated, PairDead
from b24app.i18n import gettext as _
from b24app.i18n import written
from b24app.services import text_rules
from b24app.services.access import tokens
from b24app.services.delivery import drafts
from b24app.services.delivery.entries import Draft
from b24app.services.settings import own_templates, placeholders, templates
from b24app.services.settings.templates import LONGEST_NAME, Template
from b24app.web import also_on, composer, frame, outcomes, template_editing
from b24app.web.admin import saving
from b24app.web.card_kinds import name_of
from b24app.web.card_session import CardSession, Typed, in_card_session, keep_typed
from b24app.web.composer import Filled
from b24app.web.outcomes import Outcome
from b24app.web.template_editing import Editor

blueprint = Blueprint("own_templates", __name__, url_prefix="/templates/own")

STEPS = {"up": -1, "down": 1}
QUESTIONS = {"types": methods.entity_types()}


def _page(answer: Callable[[CardSession], Response]) -> Response:
    """Answer a form of this page, whose fields are a template's and not a draft's."""
    return in_card_session(lambda card, _words: answer(card), composer.show_orphaned)


@blueprint.post("")
def open_list() -> Response:
    """Open the list from the composer, whose text is saved as a draft."""
    return in_card_session(_open_list, composer.show_orphaned)


@blueprint.post("/begin")
def begin() -> Response:
    """Start a new template with the text typed in the composer."""
    return in_card_session(_begin, composer.show_orphaned)


@blueprint.post("/show")
def show() -> Response:
    return _page(_show)


@blueprint.post("/edit")
def edit() -> Response:
    return _page(_edit)


@blueprint.post("/preview")
def preview() -> Response:
    return _page(_preview)


@blueprint.post("/save")
def save() -> Response:
    return _page(_save)


@blueprint.post("/remove")
def remove() -> Response:
    return _page(_remove)


@blueprint.post("/move")
def move() -> Response:
    return _page(_move)


@blueprint.post("/back")
def back() -> Response:
    """Return to the composer and its draft."""
    return in_card_session(_back, composer.show_orphaned)


def _open_list(card: CardSession, words: Typed) -> Response:
    keep_typed(card, words)
    return _show(card)


def _begin(card: CardSession, words: Typed) -> Response:
    keep_typed(card, words)
    _stored, version = own_templates.read(database(), card.person)
    template = _of_words(words.draft)
    return _show_one(card, _editor(card, template), template, version)


def _edit(card: CardSession) -> Response:
    stored, version = own_templates.read(database(), card.person)
    wanted = request.form.get("template", "")
    template = templates.find(stored, wanted) if wanted else Template(templates.new_id())
    if template is None:
        return _show(card, replace(outcomes.no_such_template(), advice=""))
    return _show_one(card, _editor(card, template), template, version)


def _preview(card: CardSession) -> Response:
    template = template_editing.typed()
    return _show_one(card, _editor(card, template), template, saving.version_shown())


def _save(card: CardSession) -> Response:
    template = template_editing.typed()
    editor = _editor(card, template)
    stored, version = own_templates.read(database(), card.person)
    errors = template_editing.errors(editor, template, templates.find(stored, template.id))
    after = templates.put(stored, template)
    if outcome := _invalid(errors, len(after)):
        return _show_one(card, editor, template, saving.version_shown(), outcome, errors)
    outcome = _changed(card, after, _("“%(name)s” is among your templates."), template)
    if outcome.kind == OutcomeKind.OUTDATED:
        return _show_one(card, editor, template, version, outcome)
    return _show(card, outcome)


def _remove(card: CardSession) -> Response:
    stored, _version = own_templates.read(database(), card.person)
    template = templates.find(stored, request.form.get("template", ""))
    after = templates.without(stored, template.id) if template else stored
    return _show(card, _changed(card, after, _("“%(name)s” is removed."), template))


def _move(card: CardSession) -> Response:
    stored, _version = own_templates.read(database(), card.person)
    direction, _dash, template_id = request.form.get("move", "").partition("-")
    template = templates.find(stored, template_id)
    after = templates.moved(stored, template, STEPS.get(direction, 0)) if template else stored
    return _show(card, _changed(card, after, _("“%(name)s” is no. %(place)s now."), template))


def _back(card: CardSession, words: Typed) -> Response:
    kept = drafts.of_card(database(), card.person, card.entity)
    of_form = [one for one in kept if one.form_key == words.form_key]
    draft = of_form[0].draft if of_form else Draft()
    return composer.show_with_ours(card, Filled(draft, words.form_key, continued=words.form.continued))


def _changed(card: CardSession, after: list[Template], done: str, template: Template | None) -> Outcome:
    """Save the templates; ``done`` is the sentence about the changed one, if anything changed."""
    try:
        is_changed = own_templates.save(database(), card.person, after, version=saving.version_shown())
    except Outdated:
        heading = _("You have changed your templates in another tab")
        advice = _("Nothing was saved. What you typed is still here; save it again to add it to them.")
        return Outcome(OutcomeKind.OUTDATED, 409, heading, "", advice)
    if not is_changed or template is None:
        return Outcome(OutcomeKind.SAVED, 200, _("Nothing to save"), _("You have not changed anything."))
    said = {"name": template.name, "place": after.index(template) + 1 if template in after else 0}
    return Outcome(OutcomeKind.SAVED, 200, _("Saved"), done % said)


def _invalid(errors: dict[str, str], count: int) -> Outcome | None:
    heading = _("Nothing was saved yet")
    if errors:
        return Outcome(OutcomeKind.INVALID, 422, heading, " ".join(errors.values()), _("Fix this and save again."))
    if count > own_templates.MOST:
        sentence = _("You have %(limit)s templates already, and no more than that.")
        advice = _("Remove one that you do not need, then save again.")
        return Outcome(OutcomeKind.INVALID, 422, heading, sentence % {"limit": written(own_templates.MOST)}, advice)
    return None


def _of_words(draft: Draft) -> Template:
    """A template of the typed text, with its braces escaped."""
    name = text_rules.one_line(draft.title or draft.text)[:LONGEST_NAME].strip()
    title, text = placeholders.escaped(draft.title), placeholders.escaped(draft.text)
    return Template(templates.new_id(), name, title, text, draft.icon_code if name else "")


def _editor(card: CardSession, template: Template) -> Editor:
    """The editor with the card as example; without values that the portal does not answer."""
    calls = {**QUESTIONS, **template_editing.questions(template, card.entity, [card.entity.type_id])}
    try:
        answers = tokens.ask_all_as(database(), b24(), card.person, calls)
    except (CallFailed, PairDead):
        answers = Answers({})
    names = template_editing.type_names_in(answers)
    editor = Editor(card.person, card.icons, names, card.entity, card.entity_name)
    found = template_editing.opened(editor, answers, template, [card.entity.type_id])
    database().commit()
    return found if found.card_name else replace(found, card_name=card.entity_name)


def _show(card: CardSession, outcome: Outcome | None = None) -> Response:
    stored, version = own_templates.read(database(), card.person)
    editor = Editor(card.person, card.icons, {})
    return _answer(card, version, outcome, rows=[template_editing.row(editor, template) for template in stored])


def _show_one(
    card: CardSession,
    editor: Editor,
    template: Template,
    version: int,
    outcome: Outcome | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    stored, _version = own_templates.read(database(), card.person)
    return _answer(card, version, outcome, **template_editing.words(editor, template, stored, errors))


def _answer(card: CardSession, version: int, outcome: Outcome | None, **words: object) -> Response:
    """Render the page; ``carried`` is what the way back to the composer needs."""
    carried = [(name, request.form.get(name, "")) for name in ("form_key", "continued")]
    carried += [("related", f"{also_on.written(one.entity)} {one.name}") for one in card.related]
    said = {
        "session": card.session,
        "carried": carried,
        "version": version,
        "outcome": outcome,
        "card_name": card.entity_name or name_of(card.entity),
        "acts": {act: url_for(f"own_templates.{act}") for act in ("show", "edit", "preview", "save", "remove", "move")},
    }
    status = outcome.status if outcome else 200
    return frame.page_for(card.person.portal, "own_templates.html", status, **said, **words)
