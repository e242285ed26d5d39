"""Pinning and unpinning entries from the history."""

import re

from flask import Blueprint, Response, request

from b24app.bitrix24.pins import NOT_THERE
from b24app.codes import OutcomeKind
from b24app.context import b24, database
from b24app.errors import CallFailed, PairDead, Refused
from b24app.i18n import gettext as _
from b24app.models import LogEntry
from b24app.services.delivery import pins, preview
from b24app.services.settings import writers
from b24app.web import composer, history, outcomes
from b24app.web.card_session import CardSession, Typed, in_card_session
from b24app.web.outcomes import Outcome, Pinned, Pinning

blueprint = Blueprint("pins", __name__, url_prefix="/history")

LONGEST_TITLE = 80


@blueprint.post("/pin")
def pin() -> Response:
    """Pin an entry to the top of the timeline."""
    return in_card_session(_pin, composer.show_orphaned)


@blueprint.post("/unpin")
def unpin() -> Response:
    """Unpin an entry."""
    return in_card_session(_unpin, composer.show_orphaned)


def _pin(card: CardSession, words: Typed) -> Response:
    return history.again(card, words, _outcome(card, is_wanted=True))


def _unpin(card: CardSession, words: Typed) -> Response:
    return history.again(card, words, _outcome(card, is_wanted=False))


def _outcome(card: CardSession, *, is_wanted: bool) -> Outcome:
    """Pin or unpin the entry of this request's form; returns the outcome."""
    number = request.form.get("entry", "")
    entry = (
        pins.find(database(), card.person, card.entity, int(number)) if re.fullmatch("[0-9]{1,18}", number) else None
    )
    if entry is None:
        return outcomes.no_such_entry()
    if not writers.may_write_now(database(), b24(), card.person, card.writers):
        return outcomes.not_a_writer(card.writers)
    try:
        return _pinned(card, entry) if is_wanted else _unpinned(card, entry)
    except (CallFailed, PairDead) as failure:
        is_gone = isinstance(failure, Refused) and failure.code == NOT_THERE
        return outcomes.no_such_entry() if is_gone else history.failed(failure)


def _pinned(card: CardSession, entry: LogEntry) -> Outcome:
    if not pins.pin(database(), b24(), card.person, entry):
        return _too_many([_named(one) for one in pins.of_card(database(), card.person, card.entity)])
    sentence = _("Bitrix24 keeps it at the top of the timeline until somebody unpins it here.")
    pinned, pinning = (_named(entry),), Pinning(entry.id, is_pinned=True)
    return Outcome(OutcomeKind.SAVED, 200, _("Pinned"), sentence, pinned=pinned, pinning=pinning)


def _unpinned(card: CardSession, entry: LogEntry) -> Outcome:
    pins.unpin(database(), b24(), card.person, entry)
    pinning = Pinning(entry.id, is_pinned=False)
    return Outcome(OutcomeKind.SAVED, 200, _("Unpinned"), _("It is in its usual place again."), pinning=pinning)


def _too_many(pinned: list[Pinned]) -> Outcome:
    """The outcome at the portal's limit, with Logbook's entries that could be unpinned."""
    sentence = _("Unpin one of these first.") if pinned else _("Unpin something on the timeline first.")
    heading = _("No more entries can be pinned on this card")
    return Outcome(OutcomeKind.FAILED, 409, heading, sentence, pinned=tuple(pinned))


def _named(entry: LogEntry) -> Pinned:
    # Without a title if texts are not stored.
    title = preview.as_shown(entry.title)[:LONGEST_TITLE]
    return Pinned(entry.id, title or f"#{entry.bitrix_id}")
