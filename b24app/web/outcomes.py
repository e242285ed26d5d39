"""The outcomes of forms as text."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from b24app.bitrix24.methods import Entry
from b24app.codes import OutcomeKind
from b24app.i18n import gettext as _
from b24app.models import EntryState, LogEntry
from b24app.services.delivery import preview
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE
from b24app.services.delivery.stored_text import Loss, Words, losses
from b24app.services.settings.writers import Who, Writers
from b24app.services.text_rules import TextProblem
from b24app.web import also_on, sentences, text_problems
from b24app.web.sentences import Reader

LONGEST_QUOTE = 80


class Pinned(NamedTuple):
    """An entry at the top of the timeline, by our number."""

    id: int
    title: str


class Pinning(NamedTuple):
    """The result of pinning or unpinning an entry, by our number."""

    id: int
    is_pinned: bool


@dataclass(frozen=True)
class Outcome:
    """``kind`` is posted, queued, invalid, refused or expired after posting; ``advice`` may be empty.

    After other actions it is inserted, discarded, deleted, asked (whether to delete the entry ``entry_id``) or failed.
    """

    kind: OutcomeKind
    status: int
    heading: str
    sentence: str
    advice: str = ""
    entry_id: int | None = None
    # The text stays in the form, so that it can be changed and posted again.
    keeps_words: bool = False
    # The pinned entries that can be unpinned.
    pinned: tuple[Pinned, ...] = ()
    pinning: Pinning | None = None


def of_entry(entry: LogEntry) -> Outcome:
    """The outcome for the entry's author."""
    if entry.state == EntryState.SENT and (lost := lost_words(entry)):
        heading = _("Posted, but Bitrix24 has not kept all of it")
        return Outcome(OutcomeKind.POSTED, 200, heading, lost, _lossy_advice(), keeps_words=True)
    if entry.state == EntryState.SENT:
        return Outcome(OutcomeKind.POSTED, 200, _("Posted"), _with_cards(_("Your entry is on the timeline."), entry))
    if entry.state == EntryState.FAILED:
        return Outcome(OutcomeKind.REFUSED, 403, _("Bitrix24 has refused this entry"), *_refusal(entry))
    return Outcome(OutcomeKind.QUEUED, 202, _("Saved, waiting to be sent"), _with_cards(reason_in_words(entry), entry))


def _refusal(entry: LogEntry) -> tuple[str, str]:
    return f"{reason_in_words(entry)} {_('What you typed is still here.')}", sentences.advice(entry.reason or "")


def _with_cards(sentence: str, entry: LogEntry) -> str:
    return " ".join(filter(None, [sentence, also_on.in_words(entry)]))


def lost_words(entry: LogEntry, row: Entry | None = None) -> str:
    """What the portal lost of an entry, by its answer or its ``row``; empty if nothing."""
    # Texts that are no longer stored cannot be compared.
    if (row is None and not entry.kept) or not entry.title:
        return ""
    kept = Words(row.title, row.text, row.icon_code) if row else Words(**(entry.kept or {}))
    found = losses(Words(entry.title, entry.text, entry.icon_code), kept)
    return " ".join(_loss_in_words(loss) for loss in found)


def _loss_in_words(loss: Loss) -> str:
    if loss.field == "icon":
        return _("The icon is lost.")
    of_losses = {
        ("title", True): _("In the title, “%(sent)s” has become “%(kept)s”."),
        ("title", False): _("In the title, “%(sent)s” is lost."),
        ("text", True): _("In the text, “%(sent)s” has become “%(kept)s”."),
        ("text", False): _("In the text, “%(sent)s” is lost."),
    }
    quoted = {
        name: part if len(part) <= LONGEST_QUOTE else part[:LONGEST_QUOTE] + "…"
        for name, part in (("sent", loss.sent), ("kept", loss.kept))
    }
    return of_losses[loss.field, bool(loss.kept)] % quoted


def _lossy_advice() -> str:
    return _("What you typed is still here. Change it, post it again, and delete the entry that has lost text.")


def taken_into_form() -> Outcome:
    sentence = _("What was there before is kept as a draft.")
    return Outcome(
        OutcomeKind.INSERTED, 200, _("The text is in the form"), sentence, _("Change what you like, then post.")
    )


def _open_again() -> str:
    return _("Open the card again to see its current state.")


def no_such_draft() -> Outcome:
    sentence = _("It has been posted or discarded in another tab.")
    return Outcome(
        OutcomeKind.FAILED,
        404,
        _("There is no such draft"),
        sentence,
        _open_again(),
    )


def invalid(errors: dict[str, str]) -> Outcome:
    heading = _("Nothing was sent yet")
    return Outcome(OutcomeKind.INVALID, 422, heading, " ".join(errors.values()), _("Fix this and post again."))


def expired() -> Outcome:
    return Outcome(
        OutcomeKind.EXPIRED,
        401,
        _("This form is too old"),
        _("Logbook no longer knows who you are, so nothing was sent. What you typed is still here."),
        _("Copy your text, open the card again and paste it there."),
    )


def not_installed() -> Outcome:
    return Outcome(
        OutcomeKind.REFUSED,
        403,
        _("Logbook is not installed any more"),
        _("It has been removed from this Bitrix24, so nothing was sent. What you typed is still here."),
        _("Copy your text, and ask your Bitrix24 administrator whether that was intended."),
    )


def not_a_writer(writers: Writers) -> Outcome:
    """The sentence for somebody whom the administrators do not allow to write."""
    sentence = {
        Who.ADMINISTRATORS: _("Only administrators of this Bitrix24 write with Logbook."),
        Who.CHOSEN: _("Only people whom an administrator has chosen write with Logbook."),
    }[writers.who]
    advice = _("Ask an administrator of your Bitrix24 to add you to those who may write.")
    return Outcome(OutcomeKind.REFUSED, 403, _("You may read here, but not write"), sentence, advice)


def with_words_kept(outcome: Outcome) -> Outcome:
    return replace(outcome, sentence=outcome.sentence + " " + _("What you typed is still here."))


def discarded() -> Outcome:
    return Outcome(OutcomeKind.DISCARDED, 200, _("Discarded"), _("The form is empty again."))


def asked_to_delete(entry: LogEntry) -> Outcome:
    sentence = _("“%(title)s” disappears from the timeline for everybody.") % {"title": preview.as_shown(entry.title)}
    return Outcome(OutcomeKind.ASKED, 200, _("Delete this entry?"), sentence, entry_id=entry.id)


def deleted() -> Outcome:
    return Outcome(OutcomeKind.DELETED, 200, _("Deleted"), _("The entry is no longer on the timeline."))


def not_deleted_yet() -> Outcome:
    sentence = _("It is on its way to the timeline at this very moment.")
    return Outcome(OutcomeKind.FAILED, 409, _("The entry cannot be deleted now"), sentence, _("Try again in a minute."))


def no_such_entry() -> Outcome:
    sentence = _("It is not an entry of yours, or you have deleted it already.")
    return Outcome(
        OutcomeKind.FAILED,
        404,
        _("There is no such entry"),
        sentence,
        _open_again(),
    )


def no_such_template() -> Outcome:
    sentence = _("The templates have changed since you opened this tab.")
    advice = _open_again()
    return Outcome(OutcomeKind.FAILED, 404, _("There is no such template"), sentence, advice)


def field_errors(problems: Mapping[str, TextProblem | str]) -> dict[str, str]:
    """The sentences for problems found by services/delivery/entries, by field."""
    of_icons = {
        "unknown": _("Pick an icon from the list."),
        "hidden": _("This icon is not offered any more. Pick another one."),
    }
    longest = {"title": LONGEST_TITLE, "text": LONGEST_TEXT}
    return {
        name: text_problems.in_words(name, problem, longest[name])
        if isinstance(problem, TextProblem)
        else of_icons[problem]
        for name, problem in problems.items()
    }


def reason_in_words(entry: LogEntry) -> str:
    """Why an entry is still waiting, or will never be on the timeline, for its author."""
    return sentences.of_entry(entry, Reader.AUTHOR)
