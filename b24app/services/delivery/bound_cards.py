"""Binds an entry to its further cards, after it was added to its own card.

Web requests do both in one batch; the worker binds what is left. Binding twice is harmless, so it is simply repeated
after a lost answer. A card that refuses does not hold up the others.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24, related_cards
from b24app.bitrix24.calls import BATCH_LENGTH, Answers, Call, Reference
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.pacing import Pace, rate_of
from b24app.bitrix24.related_cards import NamedCard
from b24app.codes import CardState, Reason
from b24app.db import has_passed
from b24app.errors import AnswerLost, CallFailed, PairDead, Refused
from b24app.models import EntryState, LogEntry, Portal
from b24app.prepared import Prepared
from b24app.services.access import tokens

log = logging.getLogger(__name__)

MOST = 20
AGAIN_SECONDS = 60
# Longer than a call, so that nobody else binds the same entries meanwhile.
CLAIM_SECONDS = 90
WITHOUT_PAIR_SECONDS = 3600
GIVEN_UP_AFTER = timedelta(days=1)
ADD = "add"
_IS_DUE = and_(
    LogEntry.cards_due_at.is_not(None),
    has_passed(LogEntry.cards_due_at, WITHOUT_PAIR_SECONDS),
    LogEntry.state == EntryState.SENT,
    LogEntry.deleted_at.is_(None),
)
_PORTALS = Prepared(select(LogEntry.portal_id).where(_IS_DUE).group_by(LogEntry.portal_id))


@dataclass(frozen=True)
class BoundCard:
    """One further card of an entry; ``reason`` is the portal's code."""

    type: int
    id: int
    name: str
    state: CardState = CardState.WAITING
    reason: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.state == CardState.WAITING

    @property
    def entity(self) -> Entity:
        return Entity(self.type, self.id)


def columns(cards: Iterable[NamedCard], origin: Entity) -> dict[str, object]:
    """The columns of a new entry for its further cards, each once and without its own; empty if there are none."""
    by_card = {card.entity: card.name for card in cards if card.entity != origin}
    chosen = [asdict(BoundCard(card.type_id, card.id, name)) for card, name in list(by_card.items())[:MOST]]
    return {"cards": chosen, "cards_due_at": datetime.now(UTC)} if chosen else {}


def of(entry: LogEntry) -> list[BoundCard]:
    return [BoundCard(**{**card, "state": CardState(card["state"])}) for card in entry.cards or []]


def is_on(entry: LogEntry, card: Entity) -> bool:
    """Whether the card is one of the entry's further cards."""
    return any(one.entity == card for one in of(entry))


def add_and_bind(
    session: Session, b24: Bitrix24, entry: LogEntry, add: Call, before_more: Callable[[], None]
) -> tuple[Answers, str]:
    """Add an entry and bind it to its further cards in one request, and record the cards' outcomes; not committed.

    Returns the answers and the key of the added entry. Raises like ``tokens.ask_all_as``.
    """
    added = Reference(f"$result[{ADD}][logMessage][id]")
    answers = tokens.ask_all_as(session, b24, entry.person, {ADD: add, **_calls(entry, added)}, before_more)
    if not answers.refusal_of(ADD):
        _note(entry, answers, db.now(session))
    return answers, ADD


def due(session: Session) -> list[int]:
    """The portals with entries to bind."""
    return _PORTALS.scalars(session, {})


def bind_waiting(session: Session, b24: Bitrix24, portal_id: int) -> None:
    """Bind all due entries of a portal, author by author; commits."""
    portal = session.get(Portal, portal_id)
    if portal is None:
        return
    pace = Pace(rate_of(is_enterprise=portal.is_enterprise))
    while entries := _claim(session, portal_id):
        pace.wait()
        _bind(session, b24, entries)


def _claim(session: Session, portal_id: int) -> list[LogEntry]:
    """Claim entries of one author with no more cards than fit in a batch; commits."""
    due = select(LogEntry).where(LogEntry.portal_id == portal_id, _IS_DUE).order_by(LogEntry.id).limit(BATCH_LENGTH)
    entries = list(session.scalars(due))
    ours, count = [], 0
    for entry in entries:
        count += len(_calls(entry, 0))
        if entry.person_id == entries[0].person_id and count <= BATCH_LENGTH:
            ours.append(entry)
    until = db.now(session) + timedelta(seconds=CLAIM_SECONDS)
    claiming = update(LogEntry).where(LogEntry.id.in_([entry.id for entry in ours]), _IS_DUE)
    taken = set(session.scalars(claiming.values(cards_due_at=until).returning(LogEntry.id)))
    session.commit()
    return [entry for entry in ours if entry.id in taken]


def _bind(session: Session, b24: Bitrix24, entries: Sequence[LogEntry]) -> None:
    calls = {key: call for entry in entries for key, call in _calls(entry, entry.bitrix_id or 0).items()}
    now = db.now(session)
    try:
        answers = tokens.ask_all_as(session, b24, entries[0].person, calls)
    except (CallFailed, PairDead) as failure:
        log.warning("entries were not bound", extra={"portal": entries[0].person.portal.host, "code": str(failure)})
        wait = WITHOUT_PAIR_SECONDS if isinstance(failure, PairDead) else AGAIN_SECONDS
        for entry in entries:
            _put_off(entry, now, wait, "NO_ANSWER")
    else:
        for entry in entries:
            _note(entry, answers, now)
    session.commit()


def _calls(entry: LogEntry, owner: int | Reference) -> dict[str, Call]:
    return {_key(entry, card): related_cards.bind(owner, card.entity) for card in of(entry) if card.is_waiting}


def _key(entry: LogEntry, card: BoundCard) -> str:
    return f"bind_{entry.id}_{card.type}_{card.id}"


def _note(entry: LogEntry, answers: Answers, now: datetime) -> None:
    cards = [_answered(card, answers, _key(entry, card)) if card.is_waiting else card for card in of(entry)]
    entry.cards = [asdict(card) for card in cards]
    entry.cards_due_at = None
    if any(card.is_waiting for card in cards):
        _put_off(entry, now, AGAIN_SECONDS, "NO_ANSWER")


def _answered(card: BoundCard, answers: Answers, key: str) -> BoundCard:
    try:
        if related_cards.read_bound(answers[key]):
            return replace(card, state=CardState.BOUND)
    except Refused as refused:
        is_passing = refused.is_passing or refused.is_authorization
        return card if is_passing else replace(card, state=CardState.REFUSED, reason=refused.code)
    except AnswerLost:
        return card
    return replace(card, state=CardState.REFUSED, reason=Reason.ACCESS_DENIED)


def _put_off(entry: LogEntry, now: datetime, seconds: float, reason: str) -> None:
    """Try again later, but not forever."""
    if entry.sent_at and now - entry.sent_at > GIVEN_UP_AFTER:
        refused = {"state": CardState.REFUSED, "reason": reason}
        cards = [asdict(card) | (refused if card.is_waiting else {}) for card in of(entry)]
        entry.cards, entry.cards_due_at = cards, None
    else:
        entry.cards_due_at = now + timedelta(seconds=seconds)
