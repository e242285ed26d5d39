"""Token pairs: stored per person, used only in their name, renewed once however many callers find them stale."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, bindparam, case, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.bitrix24.calls import Answers, Call, Json, ask_all
from b24app.bitrix24.oauth import Grant, Pair
from b24app.db import change, database_time, has_passed, insert_into
from b24app.errors import AnswerLost, CallFailed, Crowded, Moved, NotProved, PairDead, Refused, Unreachable
from b24app.models import Person, TokenPair
from b24app.prepared import Prepared
from b24app.services.access import relocation, rest_log, sealing
from b24app.services.access.renewal_refusals import FINAL_REFUSALS, PASSING_REFUSALS, USELESS

log = logging.getLogger(__name__)

# Longer than a renewal can take; otherwise two callers could redeem the same refresh token.
LEASE_SECONDS = 90
LEASE_MARGIN_SECONDS = 2
WAIT_SECONDS = 10
LOOK_AGAIN_SECONDS = 0.05

# Without the refresh token: most calls do not need it, and decrypting it takes time.
_STORED = Prepared(
    select(TokenPair.version, TokenPair.access_token, TokenPair.refusal).where(
        TokenPair.person_id == bindparam("person_id")
    )
)


@dataclass(frozen=True)
class StoredPair:
    """A pair as it is stored: the access token is sealed, or None if there is no pair, and may have been refused."""

    version: int = 0
    access_token: str | None = field(default=None, repr=False)
    refusal: str | None = None


def keep(session: Session, person: Person, pair: Pair, *, is_redeemed: bool = False) -> None:
    """Store a fresh pair, replacing any other; a running renewal notices the new version and gives way.

    ``is_redeemed`` says that the pair and its owner came from an authorization server.
    """
    owner = sealing.of_person(person)
    statement = insert_into(session, TokenPair).values(
        person_id=person.id,
        version=1,
        obtained_at=database_time(),
        installation=person.portal.installation,
        is_redeemed=is_redeemed,
        access_token=sealing.sealed(pair.access_token, owner),
        refresh_token=sealing.sealed(pair.refresh_token, owner),
    )
    fresh = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=[TokenPair.person_id],
        set_={
            "version": TokenPair.version + 1,
            "obtained_at": fresh.obtained_at,
            "installation": fresh.installation,
            "is_redeemed": case((fresh.refresh_token.is_(None), TokenPair.is_redeemed), else_=fresh.is_redeemed),
            "access_token": fresh.access_token,
            # Old portals send no refresh token with a frame; the stored one stays in use.
            "refresh_token": func.coalesce(fresh.refresh_token, TokenPair.refresh_token),
            "lease_until": None,
            "refusal": None,
        },
    )
    session.execute(statement)


def call_as(
    session: Session,
    b24: Bitrix24,
    person: Person,
    call: Call,
    before_more: Callable[[], None] = lambda: None,
    pair: StoredPair | None = None,
) -> Json:
    """Call a method in the name of ``person``.

    A call that was certainly not executed is repeated: once with a renewed pair, once at the portal's new address.
    ``before_more`` is called before each further request; an error that it raises ends the call. ``pair`` is the
    person's, if it was read a moment ago; one that has been replaced since is found stale and read again.
    Raises PairDead, or what Client.call raises. Commits, so ``session`` must have no unsaved changes; the log of
    calls is left for the next commit.
    """
    version, access_token = read(session, person) if pair is None else _usable(person, pair)
    healed: set[type[CallFailed]] = set()
    while True:
        try:
            return b24.portals.call(person.portal.client_endpoint, access_token, call)
        except (Refused, Moved, Unreachable) as failure:
            is_stale = isinstance(failure, Refused) and failure.is_stale_token
            is_hopeless = isinstance(failure, Crowded) or (isinstance(failure, Refused) and not is_stale)
            if is_hopeless or type(failure) in healed:
                raise
            healed.add(type(failure))
            before_more()
            if is_stale:
                access_token = renew(session, b24, person, stale_version=version)
            else:
                access_token = _follow(session, b24, person, version, access_token, failure)
            before_more()
        finally:
            rest_log.keep(session, person.portal, person.bitrix_id)


def ask_all_as(
    session: Session,
    b24: Bitrix24,
    person: Person,
    calls: dict[str, Call],
    before_more: Callable[[], None] = lambda: None,
) -> Answers:
    """Call several methods in one batch in the name of ``person``; raises like ``call_as``."""
    return ask_all(calls, lambda call: call_as(session, b24, person, call, before_more))


def renew(
    session: Session, b24: Bitrix24, person: Person, *, stale_version: int, sleep: Callable[[float], None] = time.sleep
) -> str:
    """The access token that replaces the one of ``stale_version``, renewed by us or by a faster process.

    Raises PairDead if the authorization server refuses, Unreachable if it cannot be asked now.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    # A lease lasts as long as its holder can take, which is shorter for web requests than for the worker.
    lease_seconds = min(LEASE_SECONDS, b24.longest_call_seconds + LEASE_MARGIN_SECONDS)
    while not _take_lease(session, person, stale_version, lease_seconds):
        version, access_token = read(session, person)
        if version != stale_version:
            return access_token
        if time.monotonic() > deadline:
            raise Unreachable(code="RENEWAL_BUSY")
        sleep(LOOK_AGAIN_SECONDS)
    return _renew_under_lease(session, b24, person, stale_version)


def _follow(
    session: Session, b24: Bitrix24, person: Person, version: int, access_token: str, failure: CallFailed
) -> str:
    """Check whether a portal that redirects or cannot be found has moved; if that fails, nothing changes.

    Returns the token for the new address. An expired token does not reveal the address, but its renewal does.
    """
    try:
        relocation.follow(session, b24, person.portal, access_token, failure)
    except NotProved:
        return renew(session, b24, person, stale_version=version)
    except CallFailed:
        raise failure from None
    return access_token


def read(session: Session, person: Person) -> tuple[int, str]:
    """The version and the access token of the current pair; raises PairDead. Commits."""
    pair = stored(session, person)
    session.commit()
    return _usable(person, pair)


def stored(session: Session, person: Person) -> StoredPair:
    """The current pair, as a part of the open transaction."""
    rows = _STORED.rows(session, {"person_id": person.id})
    return StoredPair(*rows[0]) if rows else StoredPair()


def _usable(person: Person, pair: StoredPair) -> tuple[int, str]:
    access_token = sealing.opened(pair.access_token, sealing.of_person(person))
    if access_token is None:
        raise PairDead(reason="NO_PAIR")
    if pair.refusal:
        raise PairDead(reason=pair.refusal)
    return pair.version, access_token


def _take_lease(session: Session, person: Person, stale_version: int, seconds: float) -> bool:
    is_free = has_passed(TokenPair.lease_until, LEASE_SECONDS)
    is_ours = change_pair(session, person, stale_version, is_free, lease_until=database_time(seconds))
    session.commit()
    return is_ours


def _renew_under_lease(session: Session, b24: Bitrix24, person: Person, stale_version: int) -> str:
    row = session.get(TokenPair, person.id, populate_existing=True)
    refresh_token = sealing.opened(row.refresh_token, sealing.of_person(person)) if row else None
    session.commit()
    if not refresh_token:
        return _bury(session, person, stale_version, "NO_REFRESH_TOKEN")
    try:
        grant = b24.authorities.renew(person.portal.authority, refresh_token)
    except CallFailed as failure:
        if isinstance(failure, Refused) and failure.code in FINAL_REFUSALS:
            return _bury(session, person, stale_version, failure.code)
        _settle_failure(session, person, stale_version, failure)
        # Whatever the outcome of the renewal, the call that needed it was not executed.
        raise Unreachable(code=f"RENEWAL_{failure.code}") from None
    if not _is_owner(grant, person):
        return _bury(session, person, stale_version, "ANOTHERS_PAIR")
    is_ours = _store(session, person, stale_version, grant)
    # The person has opened a frame meanwhile, which brought a newer pair.
    return grant.pair.access_token if is_ours else read(session, person)[1]


def _is_owner(grant: Grant, person: Person) -> bool:
    """Whether the renewed pair is the person's own: a browser may have sent somebody else's refresh token."""
    return grant.member_id == person.portal.member_id and grant.user_id in {None, person.bitrix_id}


def _store(session: Session, person: Person, stale_version: int, grant: Grant) -> bool:
    owner = sealing.of_person(person)
    try:
        is_ours = change_pair(
            session,
            person,
            stale_version,
            version=stale_version + 1,
            obtained_at=database_time(),
            installation=person.portal.installation,
            is_redeemed=True,
            lease_until=None,
            access_token=sealing.sealed(grant.pair.access_token, owner),
            refresh_token=sealing.sealed(grant.pair.refresh_token, owner),
            refusal=None,
        )
        relocation.move(person.portal, grant.client_endpoint)
        session.commit()
    except DBAPIError:
        # The old pair is used up and the new one is lost; the person's next opening brings another.
        log.error("a renewed pair could not be stored", extra=_log_fields(person))
        raise
    return is_ours


def _settle_failure(session: Session, person: Person, stale_version: int, failure: CallFailed) -> None:
    if isinstance(failure, AnswerLost):
        # The server may have issued a pair that we never received; the next renewal or opening will show.
        log.error("the answer to a renewal was lost", extra=_log_fields(person))
    elif isinstance(failure, Refused):
        why = PASSING_REFUSALS.get(failure.code, "the authorization server says something unknown")
        log.error("renewal refused: %s", why, extra={**_log_fields(person), "code": failure.code})
    change_pair(session, person, stale_version, lease_until=None)
    session.commit()


def _bury(session: Session, person: Person, stale_version: int, reason: str) -> str:
    """Mark the pair as dead and raise PairDead; if a valid pair was stored meanwhile, return its access token."""
    why = {**FINAL_REFUSALS, **USELESS}[reason]
    log.warning("pair refused: %s", why, extra={**_log_fields(person), "code": reason})
    is_ours = change_pair(session, person, stale_version, refusal=reason, lease_until=None)
    session.commit()
    if is_ours:
        raise PairDead(reason=reason) from None
    return read(session, person)[1]


def _log_fields(person: Person) -> dict[str, object]:
    return {"portal": person.portal.host, "person": person.bitrix_id}


def change_pair(
    session: Session, person: Person, stale_version: int, *conditions: ColumnElement[bool], **values: object
) -> bool:
    """Change the pair only if it still has ``stale_version``; returns whether it did."""
    statement = update(TokenPair).where(TokenPair.person_id == person.id, TokenPair.version == stale_version)
    return change(session, statement.where(*conditions).values(**values)) == 1
