"""Corrections: an entry opens in the form, and posting replaces it."""

from dataclasses import replace

from b24app.codes import OutcomeKind
from b24app.context import b24, database
from b24app.errors import CallFailed, PairDead
from b24app.i18n import gettext as _
from b24app.models import EntryState, LogEntry
from b24app.services.delivery import corrections, history
from b24app.services.delivery.entries import Draft
from b24app.web.card_session import CardSession
from b24app.web.outcomes import Outcome


def problem(card: CardSession, draft: Draft) -> Outcome | None:
    """Why the entry that the form corrects can no longer be corrected."""
    if not draft.corrects or corrections.find(database(), card.person, card.entity, int(draft.corrects)):
        return None
    sentence = _("It has been corrected or deleted in another tab. What you typed is still here.")
    advice = _("Post it as a new entry, or throw it away.")
    return Outcome(OutcomeKind.REFUSED, 409, _("This entry cannot be corrected any more"), sentence, advice)


def of_draft(draft: Draft) -> dict[str, int]:
    """The arguments of ``entries.write`` for a correction."""
    return {"corrects_id": int(draft.corrects)} if draft.corrects else {}


def finish(entry: LogEntry, outcome: Outcome) -> Outcome:
    """Delete the corrected entry, if the new one is on the timeline, and add that to the outcome."""
    if entry.corrects_id is None or entry.state == EntryState.FAILED:
        return outcome
    if entry.state != EntryState.SENT:
        return _with(outcome, _("The entry before it will be deleted then."))
    if _delete_old(entry):
        return _with(outcome, _("The entry before it is deleted."))
    return _with(
        outcome, _("The entry before it could not be deleted: both are on the timeline. Logbook will try again.")
    )


def _delete_old(entry: LogEntry) -> bool:
    old = corrections.corrected_by(database(), entry)
    try:
        return old is None or history.remove(database(), b24(), old)
    except (CallFailed, PairDead):
        return False


def _with(outcome: Outcome, sentence: str) -> Outcome:
    return replace(outcome, sentence=f"{outcome.sentence} {sentence}")
