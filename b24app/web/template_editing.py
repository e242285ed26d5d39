"""The page of one template: its choices in this portal, its problems, and its preview.

Used for administrators' templates and for people's own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import request

from b24app.bitrix24 import fields, methods
from b24app.bitrix24.calls import Answers, Call
from b24app.bitrix24.entities import ORDER, TYPE_IDS, Entity, is_smart_process
from b24app.bitrix24.fields import CardField
from b24app.context import database
from b24app.errors import LogbookError
from b24app.i18n import folded, written
from b24app.i18n import gettext as _
from b24app.models import Person
from b24app.services.delivery import preview
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft
from b24app.services.settings import card_fields, placeholders, templates
from b24app.services.settings.card_fields import CardWords
from b24app.services.settings.placeholders import FIELD, NAMES, Placeholder
from b24app.services.settings.templates import LONGEST_NAME, Template
from b24app.services.text_rules import TextProblem
from b24app.web import shown_entries, text_problems
from b24app.web.card_kinds import called
from b24app.web.icons import IconChoice, Palette, groups_of, icon_choice, tiles
from b24app.web.templates import values_of

LONGEST_QUOTE = 40
# The placeholders that the page explains with an example.
SHOWN = frozenset([*(Placeholder(name) for name in NAMES), Placeholder("today", days=7)])
# The kinds of cards whose fields are offered for templates for every kind.
USUAL_KINDS = tuple(TYPE_IDS[name] for name in ("LEAD", "DEAL", "CONTACT", "COMPANY"))
MOST_KINDS = 6
# More than any portal has.
MOST_NAMED_KINDS = 500


@dataclass(frozen=True)
class Editor:
    """The person who edits, the portal's icons and smart processes, and an example card.

    ``card_name`` is empty without an example card, or if the portal does not name it; ``about`` has its other values.
    ``fields`` are the fields of the template's kinds of cards, by kind.
    """

    person: Person
    icons: Palette
    type_names: dict[int, str]
    card: Entity | None = None
    card_name: str = ""
    about: CardWords = field(default_factory=CardWords)
    fields: Mapping[int, Mapping[str, CardField]] = field(default_factory=dict)

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
        """The icons to choose from: none, the template's own even if it is lost, and the offered ones."""
        none = IconChoice("", _("The writer’s own choice"), "unknown", None)
        lost = [self.icon(template)] if self.is_icon_lost(template) else []
        return [none, *lost, *self.icons.offered]

    def icon(self, template: Template) -> IconChoice:
        return self.icons.listed.get(template.icon) or icon_choice(template.icon, "", "")

    def is_icon_lost(self, template: Template) -> bool:
        """Whether the template's icon is no longer in the portal or not offered to people."""
        return template.icon not in {"", *self.icon_codes}

    def values(self, template: Template) -> dict[str, str]:
        """Values for the preview: the reader's name, today, and the example card or stand-ins."""
        card = self.card or Entity(next(iter(template.kinds), TYPE_IDS["DEAL"]), 1)
        name = self.card_name or _("%(kind)s %(id)s") % {"kind": called(card.type_id, self.type_names), "id": card.id}
        wanted = wanted_by(template)
        made_up = {one.name: title for one in wanted if (title := self._title(one))}
        return {**made_up, **values_of(self.person, card, name, wanted), **self.about.values}

    def draft(self, template: Template) -> Draft:
        """The template as it looks in an empty composer."""
        first = next(iter([*filter(None, [self.icons.default]), *self.icon_codes]), "")
        return templates.insert(template, Draft(first), self.values(template), self.icon_codes).draft

    def lost_fields(self, template: Template) -> list[str]:
        """The placeholders of fields that none of these kinds of cards has, if the portal describes them."""
        wanted = sorted(one for one in wanted_by(template) if one.base == FIELD)
        return [f"{{{one.name}}}" for one in wanted if self.fields and not self._title(one)]

    def offered_fields(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The kinds' names, each with the titles and placeholders of its fields."""
        groups = [(called(kind, self.type_names), described.values()) for kind, described in self.fields.items()]
        return [
            (name, sorted([(one.title, f"{{{FIELD}.{one.name}}}") for one in found if one.is_useful], key=_by_title))
            for name, found in groups
        ]

    def _title(self, one: Placeholder) -> str:
        titles = {"responsible": _("Responsible person"), "company": _("Company")}
        known = (described[one.field].title for described in self.fields.values() if one.field in described)
        return titles.get(one.base) or next(known, "")


def wanted_by(template: Template) -> frozenset[Placeholder]:
    """The placeholders in a template, and those that the page explains."""
    return SHOWN | placeholders.found_in(template.title, template.text)


def questions(template: Template, card: Entity | None, usual: Sequence[int] = USUAL_KINDS) -> dict[str, Call]:
    """The calls for the fields of the template's kinds, ``usual`` if it is for all, and for the example card."""
    calls = {f"kind-{kind}": fields.of_kind(kind) for kind in _kinds_of(template, usual)}
    return calls | (card_fields.questions(card, wanted_by(template)) if card else {})


def opened(editor: Editor, answers: Answers, template: Template, usual: Sequence[int] = USUAL_KINDS) -> Editor:
    """The editor with the answers to these calls."""
    person, card = editor.person, editor.card
    try:
        about = card_fields.read(database(), person, card, wanted_by(template), answers) if card else CardWords()
        name = methods.read_entity_name(answers[card_fields.ENTITY])[:255] if card else ""
    except LogbookError:
        # A card that is gone or that this person may not read counts as none.
        about, name = CardWords(), ""
    found = {kind: described for kind in _kinds_of(template, usual) if (described := _described(answers, kind))}
    return replace(editor, card_name=name, about=about, fields=found)


def type_names_in(answers: Answers) -> dict[int, str]:
    try:
        return methods.read_entity_types(answers["types"])
    except LogbookError:
        return {}


def typed() -> Template:
    """The template of this request's form; one without a number gets a new one."""
    form = request.form
    given = form.get("template", "")
    kinds = [int(kind) for kind in form.getlist("kinds")[:MOST_NAMED_KINDS] if re.fullmatch("[0-9]{1,9}", kind)]
    return Template(
        id=given if templates.ID.fullmatch(given) else templates.new_id(),
        name=form.get("name", ""),
        title=form.get("title", ""),
        text=form.get("text", ""),
        icon=form.get("icon", ""),
        kinds=tuple(kinds),
    ).tidied()


def errors(editor: Editor, template: Template, before: Template | None) -> dict[str, str]:
    """The sentences for a template's problems, by field; values from ``before`` are allowed."""
    codes = [*editor.icon_codes, *([before.icon] if before else [])]
    problems = templates.problems(template, codes, editor.kinds(before))
    return {field: _sentence(field, problem) for field, problem in problems.items()}


def row(editor: Editor, template: Template) -> dict[str, object]:
    """A row for templates/_template_list.html."""
    return {
        "id": template.id,
        "name": template.name,
        "title": template.title,
        "icon": editor.icon(template) if template.icon else None,
        "is_icon_lost": editor.is_icon_lost(template),
        "kinds": [called(type_id, editor.type_names) for type_id in template.kinds],
    }


def words(
    editor: Editor, template: Template, stored: Sequence[Template], errors: Mapping[str, str] | None
) -> dict[str, object]:
    """The context of templates/_template_editor.html; ``stored`` are the saved templates."""
    before = templates.find(stored, template.id)
    choices = editor.tiles(template)
    draft = editor.draft(template)
    return {
        "errors": errors,
        "opened": template,
        "is_stored": before is not None,
        "is_unsaved": template != (before or Template(template.id)),
        "form": {"errors": errors or {}},
        "recent": 0,
        "icons": tiles(choices, template.icon),
        "groups": groups_of(choices),
        "is_icon_lost": editor.is_icon_lost(template),
        "kinds": editor.kinds(template),
        "values": editor.values(template),
        "fields": editor.offered_fields(),
        "lost_fields": editor.lost_fields(template),
        "is_example": bool(editor.card_name),
        "preview": shown_entries.of_draft(editor.person, draft, editor.icons.listed),
        "losses": preview.losses(draft.title, draft.text),
    }


def _kinds_of(template: Template, usual: Sequence[int]) -> list[int]:
    return [kind for kind in (template.kinds or usual) if kind != ORDER][:MOST_KINDS]


def _described(answers: Answers, kind: int) -> Mapping[str, CardField]:
    try:
        return fields.read(answers[f"kind-{kind}"])
    except LogbookError:
        return {}


def _by_title(one: tuple[str, str]) -> str:
    return folded(one[0])


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
