"""What a person has typed on a card but not posted yet: one draft for each form, sealed, kept for 14 days.

Two tabs of one card are two forms: neither touches what was typed in the other. A form that was opened with a draft in
it continues that draft, unless the form where it was typed has gone on with it meanwhile.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.icons import LONGEST_CODE
from b24app.crypto import Secret
from b24app.db import change, insert_into
from b24app.models import Person, SavedDraft
from b24app.services.access import sealing
from b24app.services.delivery import entries
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft

KEPT = timedelta(days=14)
MOST_OF_CARD = 5
MOST_PER_PERSON = 20


@dataclass(frozen=True)
class Form:
    """A form as it was sent: its key, the mark of the draft it was opened with, and its icon at that time."""

    key: str = ""
    continued: str = ""
    first_icon: str = ""


@dataclass(frozen=True)
class Kept:
    """A draft as it was kept; ``mark`` distinguishes it from later states."""

    id: int
    form_key: str
    draft: Draft
    saved_at: datetime

    @property
    def mark(self) -> str:
        return _mark(self.id, self.saved_at)


def keep(session: Session, person: Person, entity: Entity, draft: Draft, form: Form) -> None:
    """Save the form's content as a draft, unless nothing was typed and no other icon chosen. Commits.

    A form that has been posted meanwhile is not kept again: its draft may arrive later than the post itself.
    """
    is_typed = bool(draft.title.strip() or draft.text.strip())
    if not (is_typed or (form.first_icon and draft.icon_code not in {"", form.first_icon})):
        return forget(session, person, entity, form)
    if is_typed and form.key and entries.is_written(session, person, entity, draft.tidied(), form.key):
        return None
    within = Draft(draft.icon_code[:LONGEST_CODE], draft.title[:LONGEST_TITLE], draft.text[:LONGEST_TEXT])
    words = Secret(json.dumps(asdict(within), ensure_ascii=False), _owner(person, entity))
    if not _take_over(session, person, entity, form, words):
        _write(session, person, entity, form, words)
        _drop_oldest(session, _at(person, entity), MOST_OF_CARD)
        _drop_oldest(session, SavedDraft.person_id == person.id, MOST_PER_PERSON)
    session.commit()
    return None


def of_card(session: Session, person: Person, entity: Entity) -> list[Kept]:
    """The latest first, without drafts that are too old or whose key is lost."""
    rows = session.scalars(select(SavedDraft).where(_at(person, entity)))
    return of(rows, person, entity)


def of(rows: Iterable[SavedDraft], person: Person, entity: Entity) -> list[Kept]:
    """The same for rows of a card that are already loaded."""
    living = [row for row in rows if row.saved_at > _oldest()]
    latest = sorted(living, key=lambda row: (row.saved_at, row.id), reverse=True)[:MOST_OF_CARD]
    words = [(row, sealing.opened(row.words, _owner(person, entity))) for row in latest]
    return [Kept(row.id, row.form_key, Draft(**json.loads(text)), row.saved_at) for row, text in words if text]


def forget(session: Session, person: Person, entity: Entity, form: Form) -> None:
    """Delete the form's own draft, and the one it was opened with if unchanged since; commits."""
    of_form = SavedDraft.form_key == form.key
    if (continued := _continued(form)) is not None:
        of_form |= continued
    session.execute(delete(SavedDraft).where(_at(person, entity), of_form))
    session.commit()


def drop_old(session: Session) -> None:
    """Delete expired drafts; for the worker."""
    session.execute(delete(SavedDraft).where(SavedDraft.saved_at <= _oldest()))
    session.commit()


def _take_over(session: Session, person: Person, entity: Entity, form: Form, words: Secret) -> bool:
    """Continue the draft that the form was opened with; False if there is none, or it was continued elsewhere."""
    if (continued := _continued(form)) is None:
        return False
    taking = update(SavedDraft).where(_at(person, entity), continued)
    return change(session, taking.values(form_key=form.key, words=words, saved_at=datetime.now(UTC))) == 1


def _write(session: Session, person: Person, entity: Entity, form: Form, words: Secret) -> None:
    statement = insert_into(session, SavedDraft).values(
        portal_id=person.portal_id,
        person_id=person.id,
        entity_type_id=entity.type_id,
        entity_id=entity.id,
        form_key=form.key,
        words=words,
        saved_at=datetime.now(UTC),
    )
    place = [SavedDraft.person_id, SavedDraft.entity_type_id, SavedDraft.entity_id, SavedDraft.form_key]
    fresh = {"words": statement.excluded.words, "saved_at": statement.excluded.saved_at}
    session.execute(statement.on_conflict_do_update(index_elements=place, set_=fresh))


def _drop_oldest(session: Session, which: ColumnElement[bool], most: int) -> None:
    latest = select(SavedDraft.id).where(which).order_by(SavedDraft.saved_at.desc(), SavedDraft.id.desc())
    kept = list(session.scalars(latest.limit(most)))
    session.execute(delete(SavedDraft).where(which, SavedDraft.id.not_in(kept)))


def _owner(person: Person, entity: Entity) -> str:
    return sealing.of_card(person, entity.type_id, entity.id)


def _continued(form: Form) -> ColumnElement[bool] | None:
    number, _, moment = form.continued.partition("-")
    if not (number.isdecimal() and moment.isdecimal() and len(form.continued) <= 40):
        return None
    saved_at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(moment[:17]))
    return (SavedDraft.id == int(number[:18])) & (SavedDraft.saved_at == saved_at)


def _mark(number: int, saved_at: datetime) -> str:
    return f"{number}-{(saved_at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)}"


def _at(person: Person, entity: Entity) -> ColumnElement[bool]:
    of_card = (SavedDraft.entity_type_id == entity.type_id) & (SavedDraft.entity_id == entity.id)
    return (SavedDraft.person_id == person.id) & of_card


def _oldest() -> datetime:
    return datetime.now(UTC) - KEPT
