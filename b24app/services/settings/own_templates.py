"""A person's own templates: encrypted, and shown to nobody else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from b24app.crypto import Secret
from b24app.db import change, insert_into
from b24app.errors import Outdated
from b24app.models import OwnTemplates, Person
from b24app.services.access import sealing
from b24app.services.settings import templates
from b24app.services.settings.settings import Saved
from b24app.services.settings.templates import Template

MOST = 30


@dataclass(frozen=True)
class Label:
    """What a menu shows of a template; ``kinds`` as in ``Template``."""

    id: str
    name: str
    kinds: tuple[int, ...] = ()


def labels(session: Session, person: Person) -> list[Label]:
    """The labels of a person's own templates, in their order."""
    return labels_in(session.scalar(select(OwnTemplates.labels).where(OwnTemplates.person_id == person.id)), person)


def labels_in(stored: str | None, person: Person) -> list[Label]:
    """The same from a row that is already loaded."""
    rows = json.loads(sealing.opened(stored, sealing.of_person(person)) or "[]")
    return [Label(template_id, name, tuple(kinds)) for template_id, name, kinds in rows]


def offered(labels: Sequence[Label], type_id: int) -> list[Label]:
    """The labels of templates for this kind of card."""
    return [label for label in labels if not label.kinds or type_id in label.kinds]


def read(session: Session, person: Person) -> tuple[list[Template], int]:
    """The templates in their order, and the version, 0 before the first save.

    None instead of templates if no key opens them.
    """
    wanted = select(OwnTemplates.version, OwnTemplates.words).where(OwnTemplates.person_id == person.id)
    row = session.execute(wanted).one_or_none()
    if row is None:
        return [], 0
    words = sealing.opened(row.words, sealing.of_person(person))
    return templates.of(Saved(row.version, json.loads(words) if words else None)), row.version


def save(session: Session, person: Person, chosen: Sequence[Template], *, version: int) -> bool:
    """Save over ``version``; returns whether that changed anything. Commits.

    Raises Outdated, without saving, if another tab has saved since that version.
    """
    before, current = read(session, person)
    if current != version:
        session.commit()
        raise Outdated
    if before == [*chosen]:
        session.commit()
        return False
    if not _write(session, person, chosen, version):
        session.rollback()
        raise Outdated
    session.commit()
    return True


def _write(session: Session, person: Person, chosen: Sequence[Template], version: int) -> bool:
    """Compare the version and save, as in ``settings``."""
    owner = sealing.of_person(person)
    shown = [[template.id, template.name, list(template.kinds)] for template in chosen]
    sealed = {
        "labels": Secret(json.dumps(shown, ensure_ascii=False), owner),
        "words": Secret(json.dumps(templates.choices(chosen), ensure_ascii=False), owner),
    }
    if version == 0:
        first = insert_into(session, OwnTemplates).values(
            person_id=person.id, portal_id=person.portal_id, version=1, **sealed
        )
        once = first.on_conflict_do_nothing(index_elements=[OwnTemplates.person_id])
        return session.scalar(once.returning(OwnTemplates.version)) is not None
    row = update(OwnTemplates).where(OwnTemplates.person_id == person.id, OwnTemplates.version == version)
    return change(session, row.values(version=version + 1, **sealed)) == 1
