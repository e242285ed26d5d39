"""Drafts: what a person has typed on a card but not posted. One per form, encrypted, stored for 14 days.

Two tabs of one card are two forms, whose drafts are separate. A form that was opened with a draft continues it, unless
the form where it was typed has continued it meanwhile.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.icons import LONGEST_CODE
from b24app.crypto import Secret
from b24app.db import insert_for, skip_sync
from b24app.models import LogEntry, Person, SavedDraft
from b24app.prepared import Prepared
from b24app.services.access import sealing
from b24app.services.access.people import Author
from b24app.services.delivery import entries
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft

KEPT = timedelta(days=14)
MOST_OF_CARD = 5
MOST_PER_PERSON = 20

# Drafts are saved while people type, so these statements are prepared.
_DRAFTS = cast(Table, SavedDraft.__table__)
_IS_OF_PERSON = SavedDraft.person_id == bindparam("person")
_IS_AT = (
    _IS_OF_PERSON & (SavedDraft.entity_type_id == bindparam("type_id")) & (SavedDraft.entity_id == bindparam("card"))
)
_IS_CONTINUED = (SavedDraft.id == bindparam("continued_id")) & (SavedDraft.saved_at == bindparam("continued_at"))
_NOTHING_CONTINUED = {"continued_id": None, "continued_at": None}
_OF_CARD = Prepared(select(SavedDraft).where(_IS_AT))
_OF_PERSON = Prepared(
    select(SavedDraft.id, SavedDraft.entity_type_id, SavedDraft.entity_id)
    .where(_IS_OF_PERSON)
    .order_by(SavedDraft.saved_at.desc(), SavedDraft.id.desc())
)
# The form's own draft, or the unchanged one that it was opened with, which the first save makes its own.
_IS_OF_FORM = (SavedDraft.form_key == bindparam("form")) | _IS_CONTINUED
_IS_POSTED = (
    select(LogEntry.id)
    .where(LogEntry.person_id == bindparam("person"), LogEntry.form_key == bindparam("written_key"))
    .exists()
)
_FORGETTING = Prepared(delete(_DRAFTS).where(_IS_AT, _IS_OF_FORM))
_DROPPING_OLD = Prepared(delete(_DRAFTS).where(SavedDraft.saved_at <= bindparam("oldest")))
_UPDATING = Prepared(
    update(_DRAFTS)
    .where(_IS_AT, _IS_OF_FORM, ~_IS_POSTED)
    .values(form_key=bindparam("form"), words=bindparam("fresh_words"), saved_at=bindparam("now"))
)


@dataclass(frozen=True)
class Form:
    """A submitted form: its key, the mark of the draft that it was opened with, and its first icon."""

    key: str = ""
    continued: str = ""
    first_icon: str = ""


@dataclass(frozen=True)
class Kept:
    """A stored draft; ``mark`` identifies this version of it."""

    id: int
    form_key: str
    draft: Draft
    saved_at: datetime

    @property
    def mark(self) -> str:
        return _mark(self.id, self.saved_at)


def keep(session: Session, author: Person | Author, entity: Entity, draft: Draft, form: Form) -> None:
    """Save the form's content as a draft, unless nothing was typed and the icon not changed. Commits.

    Nothing is saved for a form that has been posted: its draft may arrive after the post.
    """
    is_typed = bool(draft.title.strip() or draft.text.strip())
    if not (is_typed or (form.first_icon and draft.icon_code not in {"", form.first_icon})):
        return forget(session, author, entity, form)
    written_key = entries.fingerprint(entity, draft.tidied(), form.key) if is_typed and form.key else ""
    words = Secret(json.dumps(_as_map(draft), ensure_ascii=False), _owner(author, entity))
    # The form still has the text, and sends it again in a moment.
    skip_sync(session)
    is_updated = _update(session, author, entity, form, words, written_key)
    if not is_updated and not (written_key and entries.is_written(session, author, written_key)):
        _write(session, author, entity, form, words)
        _drop_surplus(session, author, entity)
    session.commit()
    return None


def _as_map(draft: Draft) -> dict[str, Any]:
    words = {
        "icon_code": draft.icon_code[:LONGEST_CODE],
        "title": draft.title[:LONGEST_TITLE],
        "text": draft.text[:LONGEST_TEXT],
    }
    return {**words, **draft.more}


def _as_draft(words: dict[str, Any]) -> Draft:
    return Draft(**{**words, "also_on": tuple(words.get("also_on", ()))})


def of_card(session: Session, person: Person, entity: Entity) -> list[Kept]:
    """The person's drafts on a card, the latest first, without expired ones and those that no key opens."""
    rows = _OF_CARD.rows(session, _place(person, entity))
    return of((row for (row,) in rows), person, entity)


def of(rows: Iterable[SavedDraft], person: Person, entity: Entity) -> list[Kept]:
    """The same from a card's rows that are already loaded."""
    living = [row for row in rows if row.saved_at > _oldest()]
    latest = sorted(living, key=lambda row: (row.saved_at, row.id), reverse=True)[:MOST_OF_CARD]
    words = [(row, sealing.opened(row.words, _owner(person, entity))) for row in latest]
    return [Kept(row.id, row.form_key, _as_draft(json.loads(text)), row.saved_at) for row, text in words if text]


def forget(session: Session, author: Person | Author, entity: Entity, form: Form) -> None:
    """Delete the form's own draft and the unchanged one that it was opened with; commits."""
    drop(session, author, entity, form)
    session.commit()


def drop(session: Session, author: Person | Author, entity: Entity, form: Form) -> None:
    """The same within the open transaction."""
    _FORGETTING.execute(session, _of_form(author, entity, form))


def drop_old(session: Session) -> None:
    """Delete expired drafts; for the worker."""
    _DROPPING_OLD.execute(session, {"oldest": _oldest()})
    session.commit()


def _update(
    session: Session, author: Person | Author, entity: Entity, form: Form, words: Secret, written_key: str
) -> bool:
    """Update the form's draft; False if there is none, another form has continued it, or it was posted."""
    fresh = {"fresh_words": words, "now": datetime.now(UTC), "written_key": written_key}
    return _UPDATING.execute(session, _of_form(author, entity, form) | fresh) == 1


def _write(session: Session, author: Person | Author, entity: Entity, form: Form, words: Secret) -> None:
    row = {
        "portal_id": author.portal_id,
        "person_id": author.id,
        "entity_type_id": entity.type_id,
        "entity_id": entity.id,
        "form_key": form.key,
        "words": words,
        "saved_at": datetime.now(UTC),
    }
    _writing(session.get_bind().dialect.name).execute(session, row)


@cache
def _writing(dialect: str) -> Prepared:
    columns = ("portal_id", "person_id", "entity_type_id", "entity_id", "form_key", "words", "saved_at")
    statement = insert_for(dialect, _DRAFTS).values({name: bindparam(name) for name in columns})
    place = [_DRAFTS.c[name] for name in ("person_id", "entity_type_id", "entity_id", "form_key")]
    fresh = {"words": statement.excluded.words, "saved_at": statement.excluded.saved_at}
    return Prepared(statement.on_conflict_do_update(index_elements=place, set_=fresh))


def _drop_surplus(session: Session, author: Person | Author, entity: Entity) -> None:
    """Delete the oldest drafts beyond MOST_OF_CARD on the card, then the person's oldest beyond their limit."""
    rows = _OF_PERSON.rows(session, {"person": author.id})
    of_card = [number for number, *place in rows if place == [entity.type_id, entity.id]]
    surplus = of_card[MOST_OF_CARD:]
    surplus += [number for number, *_place in rows if number not in surplus][MOST_PER_PERSON:]
    if surplus:
        session.execute(delete(_DRAFTS).where(SavedDraft.id.in_(surplus)))


def _owner(author: Person | Author, entity: Entity) -> str:
    return sealing.of_card(author, entity.type_id, entity.id)


def _of_form(author: Person | Author, entity: Entity, form: Form) -> dict[str, Any]:
    return _place(author, entity) | {"form": form.key} | _continued(form)


def _continued(form: Form) -> dict[str, Any]:
    """The values of ``_IS_CONTINUED``."""
    number, _, moment = form.continued.partition("-")
    if not (number.isdecimal() and moment.isdecimal() and len(form.continued) <= 40):
        return _NOTHING_CONTINUED
    saved_at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(moment[:17]))
    return {"continued_id": int(number[:18]), "continued_at": saved_at}


def _mark(number: int, saved_at: datetime) -> str:
    return f"{number}-{(saved_at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)}"


def _place(author: Person | Author, entity: Entity) -> dict[str, Any]:
    return {"person": author.id, "type_id": entity.type_id, "card": entity.id}


def _oldest() -> datetime:
    return datetime.now(UTC) - KEPT
