"""The history beside the composer's form: showing older entries, retrying, deleting and correcting them.

All buttons belong to the composer's form, so that each answer still contains the typed text.
"""

import re
from dataclasses import replace

from flask import Blueprint, Response, request

from b24app.codes import OutcomeKind
from b24app.context import b24, context, database
from b24app.errors import CallFailed, LogbookError, PairDead
from b24app.i18n import gettext as _
from b24app.models import EntryState, LogEntry
from b24app.services.access import portals
from b24app.services.delivery import corrections, drafts, entries, history, outbox
from b24app.services.delivery.drafts import Form
from b24app.services.delivery.entries import Draft
from b24app.services.settings import writers
from b24app.web import composer, outcomes, refusals, shown_entries
from b24app.web.card_session import CardSession, Typed, in_card_session, keep_typed
from b24app.web.composer import Filled, History
from b24app.web.outcomes import Outcome

blueprint = Blueprint("history", __name__, url_prefix="/history")

PAGE_ADDRESS = re.compile(r"([0-9]{1,6})-([0-9]{1,18})")


def page_address(offset: int, before: int) -> str:
    """The URL for older entries: how many were shown, and the number of the oldest."""
    return f"{offset}-{before}"


@blueprint.post("")
def older() -> Response:
    """Show the next page of the portal's entries."""
    return in_card_session(_older, composer.show_orphaned)


@blueprint.post("/retry")
def retry() -> Response:
    """Try a waiting entry now."""
    return in_card_session(_retry, composer.show_orphaned)


@blueprint.post("/delete")
def ask_to_delete() -> Response:
    """Ask for confirmation, for browsers without script."""
    return in_card_session(_ask, composer.show_orphaned)


@blueprint.post("/delete/confirmed")
def delete() -> Response:
    """After confirmation, delete the entry from the portal."""
    return in_card_session(_delete, composer.show_orphaned)


@blueprint.post("/words")
def take_words() -> Response:
    """Load an entry's text into the form, to be changed and posted again; the previous content becomes a draft."""
    return in_card_session(_take_words, composer.show_orphaned)


@blueprint.post("/correct")
def correct() -> Response:
    """Load one of the person's entries into the form, to be corrected."""
    return in_card_session(_correct, composer.show_orphaned)


@blueprint.post("/correct/stop")
def stop_correcting() -> Response:
    """Keep the form's content, as a new entry instead of a correction."""
    return in_card_session(_stop_correcting, composer.show_orphaned)


def _older(card: CardSession, words: Typed) -> Response:
    match = PAGE_ADDRESS.fullmatch(request.form.get("page", ""))
    if not match:
        return again(card, words, None)
    offset, before = int(match[1]), int(match[2])
    try:
        rows, has_more = history.older(database(), b24(), card.person, card.entity, offset=offset, before=before)
    except (CallFailed, PairDead) as failure:
        return again(card, words, failed(failure))
    known = entries.by_bitrix_id(database(), card.person.portal_id, [row.id for row in rows])
    names = portals.names(database(), card.person.portal, {row.author_id for row in rows if row.author_id})
    shown = shown_entries.of_portal(card.person, rows, known, names, card.icons.listed, card.entity)
    following = page_address(offset + entries.SHOWN, rows[-1].id) if has_more else ""
    keep_typed(card, words)
    page = History(shown, following, is_past=True)
    return composer.show(card, page, Filled(words.draft, words.form_key))


def _retry(card: CardSession, words: Typed) -> Response:
    entry = _own(card)
    if entry is None:
        return again(card, words, outcomes.no_such_entry())
    is_refused = entry.state == EntryState.FAILED
    if is_refused and not writers.may_write_now(database(), b24(), card.person, card.writers):
        return again(card, words, outcomes.not_a_writer(card.writers))
    if entry.state != EntryState.SENT:
        _try_now(entry)
        if entry.state in outbox.WAITING:
            context().queue.wake(card.person.portal_id)
    return again(card, words, outcomes.of_entry(entry))


def _try_now(entry: LogEntry) -> None:
    """Retry an entry, after an attempt of the worker that began before somebody asked for one has failed."""
    was_under_way = entry.state == EntryState.SENDING
    if was_under_way:
        entries.wait_until_settled(database(), entry)
    if entry.state in outbox.WAITING or (entry.state == EntryState.FAILED and not was_under_way):
        history.revive(database(), b24(), entry)
        # The worker may have been faster.
        entries.wait_until_settled(database(), entry)


def _ask(card: CardSession, words: Typed) -> Response:
    entry = _own(card)
    return again(card, words, outcomes.asked_to_delete(entry) if entry else outcomes.no_such_entry())


def _delete(card: CardSession, words: Typed) -> Response:
    entry = _own(card)
    if entry is None:
        return again(card, words, outcomes.no_such_entry())
    try:
        is_gone = history.remove(database(), b24(), entry)
    except (CallFailed, PairDead) as failure:
        return again(card, words, failed(failure))
    return again(card, words, outcomes.deleted() if is_gone else outcomes.not_deleted_yet())


def _take_words(card: CardSession, words: Typed) -> Response:
    entry = _own(card)
    if entry is None:
        return again(card, words, outcomes.no_such_entry())
    return _into_form(card, words, entries.as_draft(entry))


def _correct(card: CardSession, words: Typed) -> Response:
    entry = _own(card)
    if entry is None or corrections.find(database(), card.person, card.entity, entry.id) is None:
        return again(card, words, outcomes.no_such_entry())
    return _into_form(card, words, replace(entries.as_draft(entry), corrects=str(entry.id)))


def _stop_correcting(card: CardSession, words: Typed) -> Response:
    return again(card, replace(words, draft=replace(words.draft, corrects="")), None)


def _into_form(card: CardSession, words: Typed, draft: Draft) -> Response:
    keep_typed(card, words)
    form = Form(composer.new_form_key())
    drafts.keep(database(), card.person, card.entity, draft, form)
    return composer.show_with_ours(card, Filled(draft, form.key, outcome=outcomes.taken_into_form()))


def _own(card: CardSession) -> LogEntry | None:
    number = request.form.get("entry", "")
    return history.find_own(database(), card.person, int(number)) if re.fullmatch("[0-9]{1,18}", number) else None


def again(card: CardSession, words: Typed, outcome: Outcome | None) -> Response:
    """The composer with the typed text, which is also saved as a draft."""
    keep_typed(card, words)
    return composer.show_with_ours(card, Filled(words.draft, words.form_key, outcome=outcome))


def failed(failure: LogbookError) -> Outcome:
    refusal = refusals.of(failure)
    return Outcome(OutcomeKind.FAILED, refusal.status, _("That did not work"), refusal.sentence, refusal.advice)
