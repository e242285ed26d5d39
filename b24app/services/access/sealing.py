"""The owner in a sealed value: Bitrix24's ids of portal and person, never our own numbers."""

from typing import Any, cast

from sqlalchemy import Text, inspect, select, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from b24app.crypto import BOUND, Secret, of_owner
from b24app.db import change
from b24app.models import Person, Portal, SavedDraft, TokenPair
from b24app.prepared import Prepared
from b24app.services.access.people import Author

SEALED_AT_ONCE = 200


def _old(column: InstrumentedAttribute[str | None]) -> Prepared:
    """The keys and the secrets of some rows that are not sealed with their owner yet."""
    raw = type_coerce(column, Text)
    of_table = select(inspect(column.class_).primary_key[0], raw.label("before"))
    return Prepared(of_table.where(column.is_not(None), raw.not_like(f"{BOUND}%")).limit(SEALED_AT_ONCE))


_OLD = [
    (column, _old(column))
    for column in (Portal.application_token, TokenPair.access_token, TokenPair.refresh_token, SavedDraft.words)
]


def of_portal(portal: Portal) -> str:
    return portal.member_id


def of_person(person: Person | Author) -> str:
    member_id = person.portal.member_id if isinstance(person, Person) else person.member_id
    return f"{member_id}/{person.bitrix_id}"


def of_card(person: Person | Author, type_id: int, entity_id: int) -> str:
    return f"{of_person(person)}/{type_id}/{entity_id}"


def sealed(text: str | None, owner: str) -> Secret | None:
    return None if text is None else Secret(text, owner)


def opened(secret: str | None, owner: str) -> str | None:
    """The text of a secret; None if it belongs to another owner."""
    return of_owner(secret, owner)


def seal_again(session: Session) -> int:
    """Seal some old secrets again with the owner of their row; returns how many.

    Commits. Secrets that were replaced meanwhile stay as they are.
    """
    return sum(_seal_again(session, column, old) for column, old in _OLD)


def _seal_again(session: Session, column: InstrumentedAttribute[str | None], old: Prepared) -> int:
    table: type[Any] = cast("type[Any]", column.class_)
    raw = type_coerce(column, Text)
    key = inspect(table).primary_key[0]
    count = 0
    for number, before in old.rows(session, {}):
        row = session.get(table, number, populate_existing=True)
        text = getattr(row, column.key, None)
        if row is not None and text is not None:
            same = update(table).where(key == number, raw == before)
            count += change(session, same.values({column.key: Secret(text, _owner(session, row))}))
    session.commit()
    return count


def _owner(session: Session, row: Portal | TokenPair | SavedDraft) -> str:
    if isinstance(row, Portal):
        return of_portal(row)
    person = session.get_one(Person, row.person_id)
    return of_person(person) if isinstance(row, TokenPair) else of_card(person, row.entity_type_id, row.entity_id)
