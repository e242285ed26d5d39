"""API keys: created, shown once, limited, counted and revoked.

A key is 256 random bits, so its plain SHA-256 is as safe to store as any slower digest, and quick to look up.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.orm import Session, contains_eager, defer

from b24app.db import change, database_time, insert_into
from b24app.machine_models import ApiKey
from b24app.models import Change, LogEntry, Person, Portal
from b24app.services import text_rules
from b24app.services.access import application_user, sealing
from b24app.services.settings.settings import Section
from b24app.services.text_rules import TextProblem

PREFIX = "lbk_"
KEY = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
LONGEST_NAME = 60
HINT_LENGTH = 4
USUAL_PER_MINUTE, MOST_PER_MINUTE = 600, 60_000
# The most keys that are not revoked.
MOST_OF_PORTAL, MOST_OF_PERSON = 200, 20
LISTED = 300

# The first read of every request, built once; it decrypts no secrets.
_OF_PORTAL = contains_eager(ApiKey.maker).contains_eager(Person.portal)
_FINDING = (
    select(ApiKey, database_time().label("now"))
    .join(ApiKey.maker)
    .join(Person.portal)
    .where(ApiKey.digest == bindparam("digest"))
    .options(_OF_PORTAL.joinedload(Portal.sections), _OF_PORTAL.defer(Portal.application_token))
    .options(defer(ApiKey.callback_secret))
)


@dataclass(frozen=True)
class Wish:
    """The properties of a new key; no kinds or no icons mean all of them."""

    name: str
    is_application: bool = False
    kinds: tuple[int, ...] = ()
    icons: tuple[str, ...] = ()
    per_minute: int | None = USUAL_PER_MINUTE
    expires_at: datetime | None = None

    def as_map(self) -> dict[str, Any]:
        """The properties for the list of changes."""
        return {
            "key": self.name,
            "writes as": "application" if self.is_application else "person",
            "kinds": list(self.kinds),
            "icons": list(self.icons),
            "per minute": self.per_minute,
            "expires": self.expires_at.isoformat() if self.expires_at else None,
        }


@dataclass(frozen=True)
class Made:
    """A new key, with what is shown only once: the key itself and the secret that signs its callbacks."""

    row: ApiKey
    key: str
    callback_secret: str


def problems(session: Session, person: Person, wish: Wish, now: datetime) -> dict[str, TextProblem | str]:
    """The problems that keep a key from being created, by field: ``many``, ``unknown``, ``past`` or a text's."""
    is_rate = wish.per_minute is not None and 0 < wish.per_minute <= MOST_PER_MINUTE
    found: dict[str, TextProblem | str | None] = {
        "name": text_rules.problem(wish.name, LONGEST_NAME, has_lines=False) or _surplus(session, person),
        "per_minute": "" if is_rate else "unknown",
        "expires": "past" if wish.expires_at and wish.expires_at <= now else "",
    }
    return {field: problem for field, problem in found.items() if problem}


def make(session: Session, person: Person, wish: Wish, form_key: str) -> Made | None:
    """Create a key for ``person``; None if this form has already created one, which cannot be shown again. Commits."""
    key, callback_secret = PREFIX + secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    facts = {"is_application": wish.is_application, "name": wish.name, "expires_at": wish.expires_at}
    limits = {"kinds": list(wish.kinds), "icons": list(wish.icons), "per_minute": wish.per_minute}
    statement = insert_into(session, ApiKey).values(
        portal_id=person.portal_id,
        maker_id=person.id,
        digest=_digest(key),
        hint=key[-HINT_LENGTH:],
        form_key=form_key,
        callback_secret=sealing.sealed(callback_secret, sealing.of_person(person)),
        busy_until=0.0,
        created_at=datetime.now(UTC),
        written=0,
        to_delete=0,
        **facts,
        **limits,
    )
    once = statement.on_conflict_do_nothing(index_elements=[ApiKey.maker_id, ApiKey.form_key])
    row = session.scalar(once.returning(ApiKey))
    if row is None:
        session.commit()
        return None
    _audit(session, person, None, wish.as_map())
    session.commit()
    return Made(row, key, callback_secret)


def find(session: Session, key: str) -> tuple[ApiKey | None, datetime]:
    """The key's row with portal and settings, None if unknown, revoked or expired; and the database's time."""
    found = session.execute(_FINDING, {"digest": _digest(key)}).unique().one_or_none() if KEY.fullmatch(key) else None
    if found is None:
        return None, datetime.now(UTC)
    row, now = found.ApiKey, found.now.replace(tzinfo=UTC)
    return (row if is_valid(row, now) else None), now


def is_valid(row: ApiKey, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def author(session: Session, row: ApiKey) -> Person:
    """In whose name a key writes: the application's own user, or the person who made it."""
    found = application_user.find(session, row.maker.portal) if row.is_application else None
    return found or row.maker


def callback_secret(row: ApiKey) -> str | None:
    return sealing.opened(row.callback_secret, sealing.of_person(row.maker))


def of_portal(session: Session, portal: Portal) -> list[ApiKey]:
    """A portal's keys: valid ones first, then revoked ones that have written, the latest first; at most LISTED."""
    return _listed(session, select(ApiKey).where(ApiKey.portal_id == portal.id))


def of_person(session: Session, person: Person) -> list[ApiKey]:
    """The keys that write in this person's name, in the same order."""
    return _listed(session, select(ApiKey).where(ApiKey.maker_id == person.id, ~ApiKey.is_application))


def _listed(session: Session, keys: Select[ApiKey]) -> list[ApiKey]:
    """Keys for a list; valid ones first, so that nobody can hide a key by making and revoking many others."""
    order = (ApiKey.revoked_at.is_not(None), ApiKey.written == 0, ApiKey.id.desc())
    rows = keys.order_by(*order).limit(LISTED).execution_options(populate_existing=True)
    return list(session.scalars(rows))


def names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The names of keys by their numbers."""
    rows = session.execute(select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(ids)))
    return {row.id: row.name for row in rows}


def revoke(session: Session, person: Person, row: ApiKey) -> bool:
    """Revoke a key for good; returns whether it was valid until now. Commits."""
    living = update(ApiKey).where(ApiKey.id == row.id, ApiKey.revoked_at.is_(None))
    is_revoked = change(session, living.values(revoked_at=datetime.now(UTC))) == 1
    if is_revoked:
        _audit(session, person, {"key": row.name}, {"key": row.name, "revoked": True})
    session.commit()
    return is_revoked


def note_first_use(session: Session, row: ApiKey, now: datetime) -> None:
    """List the first use of each day among the changes; the caller commits.

    Two requests at the same time may both be listed.
    """
    if row.last_used_at is None or row.last_used_at.date() < now.date():
        _audit(session, row.maker, None, {"key": row.name, "used": now.date().isoformat()})


def count_left(session: Session, rows: Sequence[ApiKey]) -> dict[int, int]:
    """How many entries of these keys are still to be deleted, by key."""
    ids = [row.id for row in rows if row.to_delete]
    is_marked = LogEntry.deletion_due_at.is_not(None) & LogEntry.portal_id.in_({row.portal_id for row in rows})
    left = select(LogEntry.key_id, func.count()).where(is_marked, LogEntry.key_id.in_(ids))
    return {number: count for number, count in session.execute(left.group_by(LogEntry.key_id)) if number}


def audit_deletion(session: Session, person: Person, row: ApiKey, count: int) -> None:
    """Record that somebody had all entries of a key deleted; the caller commits."""
    _audit(session, person, {"key": row.name}, {"key": row.name, "entries to delete": count})


def _surplus(session: Session, person: Person) -> str:
    living = select(func.count()).select_from(ApiKey).where(ApiKey.revoked_at.is_(None))
    of_all = session.scalar(living.where(ApiKey.portal_id == person.portal_id)) or 0
    of_person = session.scalar(living.where(ApiKey.maker_id == person.id)) or 0
    most_of_person = MOST_OF_PORTAL if person.is_administrator else MOST_OF_PERSON
    return "many" if of_all >= MOST_OF_PORTAL or of_person >= most_of_person else ""


def _audit(session: Session, person: Person, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    session.add(
        Change(
            portal_id=person.portal_id,
            person_id=person.id,
            changed_at=datetime.now(UTC),
            section=Section.KEYS,
            before=before,
            after=after,
        )
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
