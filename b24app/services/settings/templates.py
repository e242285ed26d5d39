"""Templates: titles, texts and icons that administrators prepare for everybody who writes."""

import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.bitrix24.entities import Entity
from b24app.models import LogEntry
from b24app.services import text_rules
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft
from b24app.services.settings import placeholders, settings
from b24app.services.settings.settings import Saved, Section
from b24app.services.text_rules import TextProblem

MOST = 50
LONGEST_NAME = 60
ID = re.compile(r"[A-Za-z0-9_-]{4,32}")
# How many latest entries are searched for an example card.
LOOKED_BACK = 1000


@dataclass(frozen=True)
class Template:
    """``icon`` is empty to keep the writer's own; ``kinds`` are entity type ids, empty for every kind."""

    id: str
    name: str = ""
    title: str = ""
    text: str = ""
    icon: str = ""
    kinds: tuple[int, ...] = ()

    def tidied(self) -> "Template":
        """The template as it is saved: tidied like an entry, with a one-line name and each kind once."""
        name = text_rules.one_line(self.name)
        words = Draft(self.icon, self.title, self.text).tidied()
        kinds = tuple(sorted(set(self.kinds)))
        return replace(self, name=name, title=words.title, text=words.text, kinds=kinds)


@dataclass(frozen=True)
class Inserted:
    """A draft after inserting a template, and which of title, text and icon came from the template."""

    draft: Draft
    taken: frozenset[str]


def new_id() -> str:
    return secrets.token_urlsafe(6)


def read(session: Session, portal_id: int) -> tuple[list[Template], int]:
    """The templates in their order, and the version of the section."""
    saved = settings.read(session, portal_id, Section.TEMPLATES)
    return of(saved), saved.version


def of(saved: Saved) -> list[Template]:
    return [_read(row) for row in (saved.choices or {}).get("templates", [])]


def choices(templates: Iterable[Template]) -> dict[str, Any]:
    """The form in which the section is saved."""
    return {"templates": [{**asdict(template), "kinds": list(template.kinds)} for template in templates]}


def offered(templates: Iterable[Template], type_id: int) -> list[Template]:
    """The templates for this kind of card."""
    return [template for template in templates if not template.kinds or type_id in template.kinds]


def find(templates: Iterable[Template], template_id: str) -> Template | None:
    return next((template for template in templates if template.id == template_id), None)


def put(templates: Sequence[Template], template: Template) -> list[Template]:
    """The templates with this one replaced, or added at the end."""
    if find(templates, template.id):
        return [template if one.id == template.id else one for one in templates]
    return [*templates, template]


def without(templates: Sequence[Template], template_id: str) -> list[Template]:
    return [template for template in templates if template.id != template_id]


def moved(templates: Sequence[Template], template: Template, steps: int) -> list[Template]:
    """The templates with one moved by ``steps`` towards the end, or towards the beginning if negative."""
    others = without(templates, template.id)
    place = min(max(templates.index(template) + steps, 0), len(others))
    return [*others[:place], template, *others[place:]]


def problems(template: Template, icon_codes: Collection[str], kinds: Collection[int]) -> dict[str, TextProblem | str]:
    """The problems that keep a tidied template from being saved, by field: empty, long, control, brace, filled (too
    long with its placeholders filled in), unknown, or the unknown placeholder itself.

    ``icon_codes`` and ``kinds`` are the allowed ones.
    """
    found: dict[str, TextProblem | str | None] = {
        "name": text_rules.problem(template.name, LONGEST_NAME, has_lines=False),
        "title": _problem(template.title, "title", LONGEST_TITLE),
        "text": _problem(template.text, "text", LONGEST_TEXT),
        "icon": "unknown" if template.icon and template.icon not in icon_codes else "",
        "kinds": "unknown" if set(template.kinds) - set(kinds) else "",
    }
    if not (template.title or template.text):
        found["text"] = TextProblem.EMPTY
    return {field: problem for field, problem in found.items() if problem}


def insert(template: Template, draft: Draft, values: Mapping[str, str], icon_codes: Collection[str]) -> Inserted:
    """Insert the template without losing any of the draft; ``values`` by placeholder.

    An existing title stays; the text is appended to the draft's, but not a second time.
    """
    title = placeholders.fill(template.title, values, "title")
    text = placeholders.fill(template.text, values, "text")
    is_there = f"\n{draft.text}".endswith(f"\n{text}")
    wanted: dict[str, Any] = {
        "title": title if title and not draft.title else draft.title,
        "text": draft.text if not text or is_there else "\n".join(filter(None, [draft.text, text])),
        "icon_code": template.icon if template.icon in icon_codes else draft.icon_code,
    }
    filled = replace(draft, **wanted)
    return Inserted(filled, frozenset(name for name in wanted if getattr(filled, name) != getattr(draft, name)))


def example(session: Session, portal_id: int, kinds: Collection[int]) -> Entity | None:
    """The card of one of these kinds, or of any, on which somebody wrote last with Logbook."""
    of_portal = select(LogEntry.entity_type_id, LogEntry.entity_id).where(LogEntry.portal_id == portal_id)
    latest = of_portal.order_by(LogEntry.id.desc()).limit(LOOKED_BACK)
    cards = (Entity(*row) for row in session.execute(latest))
    return next((card for card in cards if not kinds or card.type_id in kinds), None)


def _read(row: dict[str, Any]) -> Template:
    """Parse a saved template; values that later versions have added are left out."""
    known = {one.name: row[one.name] for one in fields(Template) if one.name in row}
    return Template(**{**known, "kinds": tuple(known.get("kinds", ()))})


def _problem(text: str, field: str, longest: int) -> TextProblem | str:
    if text and (refused := text_rules.problem(text, longest)):
        return refused
    if problem := placeholders.problem(text):
        return problem
    return "filled" if placeholders.longest(text, field) > longest else ""
