"""The editor of the administrators' templates, with data from the request that proves them."""

from collections.abc import Callable
from dataclasses import replace

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.entities import Entity
from b24app.context import database
from b24app.models import Person
from b24app.services.settings import icons, templates
from b24app.services.settings.templates import Template
from b24app.web import template_editing
from b24app.web.admin import gate
from b24app.web.admin.gate import Questions
from b24app.web.icons import palette
from b24app.web.template_editing import Editor

QUESTIONS: Questions = {"types": methods.entity_types(), **icons.QUESTION}


def enter() -> Editor:
    """Prove the administrator for the list of templates; raises like ``gate.enter``."""
    admin = gate.enter(QUESTIONS)
    return _editor(admin.person, admin.answers)


def open_template(choose: Callable[[Person], Template]) -> tuple[Editor, Template]:
    """Prove the administrator and open a template; the same request reads an example card."""
    asked: dict[str, Entity | None] = {}

    def questions(person: Person) -> Questions:
        template = choose(person)
        asked["card"] = templates.example(database(), person.portal_id, template.kinds)
        return {**QUESTIONS, **template_editing.questions(template, asked["card"])}

    admin = gate.enter(questions)
    template = choose(admin.person)
    editor = replace(_editor(admin.person, admin.answers), card=asked["card"])
    return template_editing.opened(editor, admin.answers, template), template


def _editor(person: Person, answers: Answers) -> Editor:
    icons.learn(person.portal, answers)
    database().commit()
    offered = palette(person.portal, icons.read(database(), person.portal_id)[0])
    return Editor(person, offered, template_editing.type_names_in(answers))
