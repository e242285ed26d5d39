"""One template in the editor: its possible values in this portal, its problems, and how it will look."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers, Call
from b24app.bitrix24.entities import TYPE_IDS, Entity, is_smart_process
from b24app.context import database
from b24app.errors import LogbookError
from b24app.i18n import gettext as _
from b24app.i18n import written
from b24app.models import Person
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft
from b24app.services.settings import icons, templates
from b24app.services.settings.placeholders import NAMES, Values
from b24app.services.settings.templates import LONGEST_NAME, Template
from b24app.services.text_rules import TextProblem
from b24app.web import text_problems
from b24app.web.admin import gate
from b24app.web.admin.gate import Questions
from b24app.web.icons import IconChoice, Palette, icon_choice, palette
from b24app.web.kinds import called
from b24app.web.templates import values_of

QUESTIONS: Questions = {"types": methods.entity_types(), **icons.QUESTION}
LONGEST_QUOTE = 40


@dataclass(frozen=True)
class Editor:
    """An administrator, the icons and the names of smart processes in their portal, and a card as an example.

    ``card_name`` is empty if there is no such card, or the portal does not name it.
    """

    person: Person
    icons: Palette
    type_names: dict[int, str]
    card: Entity | None = None
    card_name: str = ""

    @property
    def icon_codes(self) -> list[str]:
        """The icons that people are offered."""
        return [icon.code for icon in self.icons.offered]

    def kinds(self, template: Template | None = None) -> dict[int, str]:
        """The kinds of cards to choose from, including those that only the template names."""
        smart = sorted(type_id for type_id in self.type_names if is_smart_process(type_id))
        named = template.kinds if template else ()
        return {type_id: called(type_id, self.type_names) for type_id in [*TYPE_IDS.values(), *smart, *named]}

    def tiles(self, template: Template) -> list[IconChoice]:
        """The icons to choose from: none, the template's own even if it is lost, and those that people are offered."""
        none = IconChoice("", _("The writer’s own choice"), "unknown", None)
        lost = [self.icon(template)] if self.is_icon_lost(template) else []
        return [none, *lost, *self.icons.offered]

    def icon(self, template: Template) -> IconChoice:
        return self.icons.listed.get(template.icon) or icon_choice(template.icon, "", "")

    def is_icon_lost(self, template: Template) -> bool:
        """Whether the portal no longer has the template's icon, or people are not offered it."""
        return template.icon not in {"", *self.icon_codes}

    def values(self, template: Template) -> Values:
        """Real values: the administrator's own name, today, and a card of this portal if there is one."""
        card = self.card or Entity(next(iter(template.kinds), TYPE_IDS["DEAL"]), 1)
        name = self.card_name or _("%(kind)s %(id)s") % {"kind": called(card.type_id, self.type_names), "id": card.id}
        return values_of(self.person, card, name)

    def draft(self, template: Template) -> Draft:
        """The template as it looks in an empty composer."""
        first = next(iter([*filter(None, [self.icons.default]), *self.icon_codes]), "")
        return templates.insert(template, Draft(first), self.values(template), self.icon_codes).draft


def enter() -> Editor:
    """The administrator at the list of templates; raises like ``gate.enter``."""
    admin = gate.enter(QUESTIONS)
    return _editor(admin.person, admin.answers)


def open_template(choose: Callable[[Person], Template]) -> tuple[Editor, Template]:
    """The administrator and a template; the request that proves them also reads an example of its card."""

    def questions(person: Person) -> Questions:
        return {**QUESTIONS, **_about(_example(person, choose(person)))}

    admin = gate.enter(questions)
    person, template = admin.person, choose(admin.person)
    card = _example(person, template)
    editor = replace(_editor(person, admin.answers), card=card, card_name=_name(admin.answers, card))
    return editor, template


def errors(editor: Editor, template: Template, before: Template | None) -> dict[str, str]:
    """The sentences for a template's problems, by field; values from ``before`` may stay."""
    codes = [*editor.icon_codes, *([before.icon] if before else [])]
    problems = templates.problems(template, codes, editor.kinds(before))
    return {field: _sentence(field, problem) for field, problem in problems.items()}


def _editor(person: Person, answers: Answers) -> Editor:
    icons.learn(person.portal, answers)
    database().commit()
    try:
        type_names = methods.read_entity_types(answers["types"])
    except LogbookError:
        type_names = {}
    return Editor(person, palette(person.portal, icons.read(database(), person.portal_id)[0]), type_names)


def _example(person: Person, template: Template) -> Entity | None:
    return templates.example(database(), person.portal_id, template.kinds)


def _about(card: Entity | None) -> dict[str, Call]:
    """The call that reads a card's name, under a key that identifies the card."""
    call = methods.entity(card) if card else None
    return {f"card-{card.type_id}-{card.id}": call} if card and call else {}


def _name(answers: Answers, card: Entity | None) -> str:
    """A card that is gone, or that this administrator may not read, counts as none."""
    try:
        return next((methods.read_entity_name(answers[key])[:255] for key in _about(card)), "")
    except LogbookError:
        return ""


def _sentence(field: str, problem: str) -> str:
    longest = {"name": LONGEST_NAME, "title": LONGEST_TITLE, "text": LONGEST_TEXT}.get(field, 0)
    sentences = {
        ("text", TextProblem.EMPTY): _("Write a title or a text."),
        ("icon", "unknown"): _("Pick an icon from the list."),
        ("kinds", "unknown"): _("Pick kinds of cards from the list."),
        (field, "brace"): _("For a single brace, write two: {{ or }}."),
        (field, "filled"): _("With its placeholders filled in, this could become longer than %(limit)s characters."),
    }
    if isinstance(problem, TextProblem) and (field, problem) not in sentences:
        return text_problems.in_words(field, problem, longest)
    unknown = _("There is no placeholder %(name)s; there are %(known)s.")
    known = ", ".join(f"{{{name}}}" for name in NAMES)
    quoted = problem if len(problem) <= LONGEST_QUOTE else problem[:LONGEST_QUOTE] + "…"
    return sentences.get((field, problem), unknown) % {"limit": written(longest), "name": quoted, "known": known}
