"""Entries of programs: saved once per idempotency key, and delivered like those of people."""

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from b24app.bitrix24.related_cards import NamedCard
from b24app.db import change
from b24app.machine_models import ApiKey, Callback
from b24app.models import LogEntry, Person, Source
from b24app.services.delivery import bound_cards, entries, retry
from b24app.services.machines import keys
from b24app.services.machines.requests import Wanted
from b24app.services.settings import extras, settings
from b24app.services.settings.settings import Section

MARKED_AT_ONCE = 500
_COUNTING = update(ApiKey).where(ApiKey.id == bindparam("key_id")).values(written=ApiKey.written + 1)


@dataclass(frozen=True)
class Written:
    """``is_same`` is False if the idempotency key was used for another request, whose result is ``entry``."""

    entry: LogEntry
    is_new: bool
    is_same: bool = True


def write(
    session: Session, key: ApiKey, person: Person, wanted: Wanted, idempotency_key: str, source: Source
) -> Written:
    """Save the entry and its callback; commits."""
    form_key = _form_key(key, idempotency_key or secrets.token_urlsafe(24))
    prefix = extras.prefix(person, extras.of(settings.of(person.portal)[Section.EXTRAS]), wanted.happened_at)
    draft = replace(wanted.draft, text=prefix + wanted.draft.text)
    further = bound_cards.columns([NamedCard(card, "") for card in wanted.also_on], wanted.card)
    moment = {"prefix": prefix or None, "happened_at": wanted.happened_at}
    marks = {"key_id": key.id, "request_digest": wanted.digest, "source": source}
    entry = entries.insert(session, person, wanted.card, draft, form_key, {**marks, **moment, **further})
    if entry is None:
        earlier = session.scalars(
            select(LogEntry).where(LogEntry.key_id == key.id, LogEntry.form_key == form_key)
        ).one()
        session.commit()
        return Written(earlier, is_new=False, is_same=earlier.request_digest == wanted.digest)
    change(session, _COUNTING, {"key_id": key.id})
    if wanted.callback_url:
        facts = {"entry_id": entry.id, "portal_id": person.portal_id, "key_id": key.id}
        session.add(Callback(**facts, url=wanted.callback_url, due_at=datetime.now(UTC), attempts=0))
    session.commit()
    return Written(entry, is_new=True)


def find(session: Session, key: ApiKey, entry_id: int) -> LogEntry | None:
    """An entry written with this key, even if it is deleted."""
    return session.scalar(select(LogEntry).where(LogEntry.id == entry_id, LogEntry.key_id == key.id))


def delete(session: Session, key: ApiKey, entry: LogEntry) -> None:
    """Have the worker delete an entry; an unsent one is given up. Commits."""
    retry.delete_later(session, LogEntry.id == entry.id)
    session.commit()


def delete_all(session: Session, person: Person, key: ApiKey) -> int:
    """Have the worker delete all entries of a key; returns how many. Commits."""
    of_key = select(LogEntry.id).where(
        LogEntry.key_id == key.id, LogEntry.deleted_at.is_(None), LogEntry.deletion_due_at.is_(None)
    )
    count = 0
    while ids := list(session.scalars(of_key.limit(MARKED_AT_ONCE))):
        count += retry.delete_later(session, LogEntry.id.in_(ids))
        session.commit()
    if count:
        left = keys.count_left(session, [key]).get(key.id, 0) if key.to_delete else 0
        change(session, update(ApiKey).where(ApiKey.id == key.id).values(to_delete=max(count, left)))
        keys.audit_deletion(session, person, key, count)
    session.commit()
    return count


def _form_key(key: ApiKey, idempotency_key: str) -> str:
    return hashlib.sha256(json.dumps(["key", key.id, idempotency_key]).encode()).hexdigest()
