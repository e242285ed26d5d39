"""What a person has typed on a card and not posted yet: one draft per person and card, sealed, kept for 14 days."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from b24app.bitrix24.entities import Entity
from b24app.db import insert_into
from b24app.models import Person, SavedDraft
from b24app.services.delivery import entries
from b24app.services.delivery.entries import Draft

KEPT = timedelta(days=14)


def keep(session: Session, person: Person, entity: Entity, draft: Draft, form_key: str = "") -> None:
    """Remember what stands in the form; nothing typed is nothing kept. Commits.

    A form that has been posted meanwhile is not kept again: its draft may arrive later than the post itself.
    """
    if not (draft.title.strip() or draft.text.strip()):
        return forget(session, person, entity)
    if form_key and entries.is_written(session, person, entity, draft.tidied(), form_key):
        return None
    words = json.dumps(asdict(draft), ensure_ascii=False)
    statement = insert_into(session, SavedDraft).values(
        portal_id=person.portal_id,
        person_id=person.id,
        entity_type_id=entity.type_id,
        entity_id=entity.id,
        words=words,
        saved_at=datetime.now(UTC),
    )
    place = [SavedDraft.person_id, SavedDraft.entity_type_id, SavedDraft.entity_id]
    fresh = {"words": statement.excluded.words, "saved_at": statement.excluded.saved_at}
    session.execute(statement.on_conflict_do_update(index_elements=place, set_=fresh))
    session.commit()
    return None


def find(session: Session, person: Person, entity: Entity) -> tuple[Draft, datetime] | None:
    """The draft and when it was kept; None for one that is too old, or whose key is lost."""
    row = session.scalar(select(SavedDraft).where(_at(person, entity), SavedDraft.saved_at > _oldest()))
    return (Draft(**json.loads(row.words)), row.saved_at) if row and row.words else None


def forget(session: Session, person: Person, entity: Entity) -> None:
    session.execute(delete(SavedDraft).where(_at(person, entity)))
    session.commit()


def drop_old(session: Session) -> None:
    """Delete what has been kept for long enough; for the worker."""
    session.execute(delete(SavedDraft).where(SavedDraft.saved_at <= _oldest()))
    session.commit()


def _at(person: Person, entity: Entity) -> ColumnElement[bool]:
    of_card = (SavedDraft.entity_type_id == entity.type_id) & (SavedDraft.entity_id == entity.id)
    return (SavedDraft.person_id == person.id) & of_card


def _oldest() -> datetime:
    return datetime.now(UTC) - KEPT
