"""Opening the composer on a card, posting from it, and keeping drafts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, request

from b24app.bitrix24 import activities, methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Entry
from b24app.context import b24, context, database
from b24app.errors import LogbookError, Malformed
from b24app.i18n import gettext as _
from b24app.models import EntryState, LogEntry
from b24app.services.access import portals, tokens
from b24app.services.access.people import Author
from b24app.services.delivery import drafts, entries, outbox, timeline
from b24app.services.delivery.entries import Draft
from b24app.services.settings import writers
from b24app.services.settings.writers import Who
from b24app.web import composer, corrections, extras, frame, opening, outcomes, shown_entries
from b24app.web.card_session import (
    CardSession,
    Typed,
    author_on_card,
    has_fields,
    in_card_session,
    in_session,
    keep_typed,
)
from b24app.web.composer import Filled, History
from b24app.web.history import page_address
from b24app.web.home import belongs

blueprint = Blueprint("entries", __name__)


@blueprint.get("/placement")
def explain() -> Response:
    return belongs(_("Bitrix24 opens this address when somebody presses the tab of Logbook on a card of the CRM."))


@blueprint.post("/placement")
def open_composer() -> Response:
    """Open the tab on a card; one request to the portal proves the caller and reads everything for the page."""
    call = frame.read_call()
    if call.entity is None:
        raise Malformed(field="PLACEMENT")
    questions = {"entries": methods.entries(call.entity), **activities.questions(call.activity_id)}
    questions |= opening.questions(call.entity)
    listing = Listing()
    caller, answers = portals.prove(database(), b24(), call, questions, listing.read)
    listed = listing.entries
    ours = entries.beside(database(), caller.person, call.entity, [entry.id for entry in listed or []])
    has_woken = opening.wake(caller.person, ours)
    try:
        card = opening.card_session(call, call.entity, caller, answers)
        is_unfinished = methods.is_unfinished(answers["application"])
        kept = drafts.of(caller.drafts, caller.person, call.entity)
        filled = composer.filled_with(kept, activities.read_subject(answers))
        filled = replace(filled, is_unfinished=is_unfinished)
        page = composer.page(card, _history(card, answers, listed, ours, caller.names), filled)
    finally:
        # Commit the caller's token pair even if the portal refuses the card.
        database().commit()
    if has_woken:
        context().queue.wake(caller.portal.id)
    return page.show()


@blueprint.post("/entries")
def post() -> Response:
    """Check, save and send an entry; the answer is the composer with the typed text or the new entry."""
    return in_card_session(_post, composer.show_orphaned)


@blueprint.post("/preview")
def preview() -> Response:
    """Show the composer with a preview, for browsers without script."""
    return in_card_session(_preview, composer.show_orphaned)


@blueprint.post("/drafts")
def keep() -> Response:
    """Save the form's content as a draft while it is typed."""
    return in_session(_keep, composer.show_orphaned, author_on_card)


@blueprint.post("/drafts/discard")
def discard() -> Response:
    """Discard the form's content and its draft."""
    return in_card_session(_discard, composer.show_orphaned)


@blueprint.post("/drafts/take")
def take() -> Response:
    """Load another draft of the card into the form; the previous content becomes a draft."""
    return in_card_session(_take, composer.show_orphaned)


def _post(card: CardSession, words: Typed) -> Response:
    return composer.show_with_ours(card, posted(card, words))


def posted(card: CardSession, words: Typed) -> Filled:
    """Post a form; returns it with its outcome, as it is shown next."""
    if refused := _refused(card, words):
        keep_typed(card, replace(words, draft=refused.draft))
        return refused
    more = extras.of_draft(card, words.draft) | corrections.of_draft(words.draft)
    claim = outbox.claim_seconds(b24())
    place = (card.person, card.entity)
    pair = tokens.stored(database(), card.person)
    # The draft is deleted in the commit that saves the entry, whose row then has the text. With it begins what others
    # who write to SQLite wait for.
    drafts.drop(database(), *place, words.form)
    entry, is_new = entries.write(database(), *place, words.draft, words.form_key, claimed_for_seconds=claim, **more)
    if is_new:
        outbox.send(database(), b24(), entry, pair)
    entries.wait_until_settled(database(), entry)
    if entry.state in outbox.WAITING:
        context().queue.wake(card.person.portal_id)
    outcome = corrections.finish(entry, outcomes.of_entry(entry))
    if entry.state == EntryState.FAILED or outcome.keeps_words:
        # Refused or lost text stays in the form with a new key, so that posting it again is a new attempt.
        again = replace(words.form, key=composer.new_form_key(), continued="")
        drafts.keep(database(), card.person, card.entity, words.draft, again)
        return Filled(words.draft, again.key, outcome=outcome)
    return Filled(Draft(words.draft.icon_code), outcome=outcome)


def _refused(card: CardSession, words: Typed) -> Filled | None:
    """The form with its problems, if it cannot be posted."""
    if not _may_write(card, words):
        outcome = outcomes.with_words_kept(outcomes.not_a_writer(card.writers))
        return Filled(words.draft, words.form_key, outcome=outcome)
    if errors := outcomes.field_errors(_problems(card, words)) | extras.errors(card, words.draft):
        return Filled(words.draft, words.form_key, errors, outcomes.invalid(errors))
    if (problem := corrections.problem(card, words.draft)) and not _is_written(card, words):
        return Filled(replace(words.draft, corrects=""), words.form_key, outcome=problem)
    return None


def _may_write(card: CardSession, words: Typed) -> bool:
    """Whether the person may write; True for a form that was already posted, which makes no second entry."""
    if card.writers.who == Who.EVERYBODY or _is_written(card, words):
        return True
    return writers.may_write_now(database(), b24(), card.person, card.writers)


def _problems(card: CardSession, words: Typed) -> dict[str, str]:
    """The problems that keep the form from being posted."""
    problems = entries.problems(words.draft, card.icons.codes)
    if problems.keys() == {"icon"} and _is_written(card, words):
        return {}
    if "icon" in problems and words.draft.icon_code in card.icons.listed:
        problems["icon"] = "hidden"
    return problems


def _is_written(card: CardSession, words: Typed) -> bool:
    """Whether the form was posted already; if so, later changes of settings do not matter."""
    key = entries.fingerprint(card.entity, words.draft, words.form_key)
    return entries.is_written(database(), card.person, key)


def _preview(card: CardSession, words: Typed) -> Response:
    keep_typed(card, words)
    return composer.show_with_ours(card, Filled(words.draft, words.form_key))


def _keep(place: tuple[Author, Entity], words: Typed) -> Response:
    if has_fields():
        drafts.keep(database(), *place, words.draft, words.form)
    return Response(status=204)


def _discard(card: CardSession, words: Typed) -> Response:
    drafts.forget(database(), card.person, card.entity, words.form)
    return composer.show_with_ours(card, Filled(Draft(words.draft.icon_code), outcome=outcomes.discarded()))


def _take(card: CardSession, words: Typed) -> Response:
    keep_typed(card, words)
    number = request.form.get("take", "")
    kept = drafts.of_card(database(), card.person, card.entity)
    chosen = [one for one in kept if str(one.id) == number]
    if not chosen:
        return composer.show_with_ours(card, Filled(words.draft, words.form_key, outcome=outcomes.no_such_draft()))
    filled = composer.filled_with(chosen + [one for one in kept if one not in chosen])
    return composer.show_with_ours(card, replace(filled, outcome=outcomes.taken_into_form()))


def _listed(answers: Answers) -> list[Entry] | None:
    """The entries that the portal lists; None if its answer cannot be parsed."""
    try:
        return methods.read_entries(answers["entries"])[: entries.SHOWN]
    except LogbookError:
        return None


@dataclass
class Listing:
    """The entries that the portal lists of a card, parsed once; None if the answer cannot be parsed."""

    entries: list[Entry] | None = None

    def read(self, answers: Answers) -> set[int]:
        """Parse the answers; returns the authors."""
        self.entries = _listed(answers)
        return {entry.author_id for entry in self.entries or [] if entry.author_id}


def _history(
    card: CardSession, answers: Answers, listed: list[Entry] | None, ours: list[LogEntry], names: Mapping[int, str]
) -> History:
    """Our waiting entries, then the portal's; and a sentence if the portal's answer cannot be parsed."""
    person, choices = card.person, card.icons.listed
    if listed is None:
        problem = _("Bitrix24 did not say what is on the timeline; these are your own entries, written with Logbook.")
        own = entries.of_person(database(), person, card.entity)
        return History(shown_entries.of_ours(person, own, choices), problem=problem)
    known = {entry.bitrix_id: entry for entry in ours if entry.bitrix_id is not None}
    waiting = [entry for entry in ours if entry.state != EntryState.SENT and _is_on(card.entity, entry)]
    shown = shown_entries.of_portal(person, listed, known, names, choices, card.entity)
    is_more = methods.count_entries(answers["entries"]) >= timeline.PAGE
    older = page_address(len(listed), listed[-1].id) if listed and is_more else ""
    return History(shown_entries.of_ours(person, waiting, choices) + shown, older)


def _is_on(entity: Entity, entry: LogEntry) -> bool:
    return (entry.entity_type_id, entry.entity_id) == (entity.type_id, entity.id)
