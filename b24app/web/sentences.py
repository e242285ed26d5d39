"""The sentences for reasons, notices and states of places, by code and reader, all in one place.

``marked`` collects them for translation; ``gettext`` translates one when it is shown.
"""

import enum
from collections.abc import Mapping

from b24app.codes import Notice, PlaceState, Reason
from b24app.i18n import gettext as _
from b24app.i18n import marked
from b24app.models import EntryState, LogEntry


class Reader(enum.Enum):
    """Who reads a sentence about an entry."""

    AUTHOR = enum.auto()
    ADMINISTRATOR = enum.auto()


Sentences = Mapping[tuple[Reason, Reader], str]


def for_all(sentences: Mapping[Reason, str]) -> dict[tuple[Reason, Reader], str]:
    """A sentence for every reader."""
    return {(reason, reader): sentence for reason, sentence in sentences.items() for reader in Reader}


SOON = marked("It will be sent in a moment.")
UNANSWERED = marked("Bitrix24 did not answer; the entry will appear on the timeline as soon as it does.")
NO_RIGHT = marked("You may not write on this card.")
NO_RIGHT_OF_AUTHOR = marked("The author may not write on this card.")
NO_CARD = marked("This card does not exist any more.")
ASK_FOR_RIGHT = marked(
    "Writing needs the right to change the card; some older portals let only CRM administrators write. "
    "Ask your Bitrix24 administrator."
)

WAITING: Sentences = {
    **for_all(dict.fromkeys((Reason.KILLED, Reason.LOST, Reason.READ_TIMEOUT, Reason.NOT_HERE), UNANSWERED)),
    **for_all(
        {
            Reason.QUERY_LIMIT_EXCEEDED: marked("Bitrix24 is busy; the entry will be sent in a moment."),
            Reason.OPERATION_TIME_LIMIT: marked("Bitrix24 is busy; the entry will be sent in a few minutes."),
            Reason.OVERLOAD_LIMIT: marked(
                "Bitrix24 has blocked this application for now; the entry will be sent later."
            ),
            Reason.ACCESS_DENIED: marked(
                "The plan of this Bitrix24 allows no applications now; the entry will be sent once it does."
            ),
            Reason.PAYMENT_REQUIRED: marked(
                "The application’s paid period is over; the entry will be sent once it is extended."
            ),
        }
    ),
    (Reason.PAIR_DEAD, Reader.AUTHOR): marked(
        "It waits for your permission: it is sent when you open this tab again after reloading Bitrix24."
    ),
    (Reason.PAIR_DEAD, Reader.ADMINISTRATOR): marked(
        "Bitrix24 does not accept the author’s permission any more. It will be sent when they open Logbook again."
    ),
}
REFUSED: Sentences = {
    **for_all(
        {
            Reason.NOT_FOUND: NO_CARD,
            Reason.OWNER_NOT_FOUND: NO_CARD,
            Reason.GIVEN_UP: marked("Sending this entry has been given up."),
            Reason.GIVEN_UP_UNSURE: marked(
                "Sending this entry has been given up; it may be on the timeline all the same."
            ),
        }
    ),
    (Reason.ACCESS_DENIED, Reader.AUTHOR): NO_RIGHT,
    (Reason.ACCESS_DENIED, Reader.ADMINISTRATOR): NO_RIGHT_OF_AUTHOR,
    (Reason.INSUFFICIENT_SCOPE, Reader.AUTHOR): NO_RIGHT,
    (Reason.INSUFFICIENT_SCOPE, Reader.ADMINISTRATOR): NO_RIGHT_OF_AUTHOR,
    (Reason.INVALID_CREDENTIALS, Reader.AUTHOR): NO_RIGHT,
    (Reason.INVALID_CREDENTIALS, Reader.ADMINISTRATOR): NO_RIGHT_OF_AUTHOR,
}
ANSWERED = marked("Bitrix24 answered “%(code)s”.")
# What the author of a refused entry can do.
ADVICE: Mapping[Reason, str] = {
    **dict.fromkeys((Reason.NOT_FOUND, Reason.OWNER_NOT_FOUND), marked("Copy your text and write it on another card.")),
    **dict.fromkeys((Reason.ACCESS_DENIED, Reason.INSUFFICIENT_SCOPE, Reason.INVALID_CREDENTIALS), ASK_FOR_RIGHT),
    **dict.fromkeys((Reason.GIVEN_UP, Reason.GIVEN_UP_UNSURE), marked("Ask your Bitrix24 administrator.")),
}
TELL = marked("Give your Bitrix24 administrator this code.")
# Only for administrators: an entry's author only sees that it waits.
UNDER_WAY = {
    EntryState.UNSURE: marked("Nobody knows whether Bitrix24 has taken it. It is looked for before it is sent again."),
    EntryState.SENDING: marked("It is on its way to the timeline at this very moment."),
}
NOTICES: Mapping[Notice, str] = {
    Notice.NOT_FOLLOWED: marked(
        "Smart processes were added or deleted, and Logbook could not follow. Repairing fixes it."
    ),
    Notice.FORGED_UNINSTALL: marked(
        "Somebody announced that Logbook was uninstalled, which was not true. Nothing was lost."
    ),
    Notice.UNPROVED_UNINSTALL: marked(
        "Somebody announced that Logbook was uninstalled, and Bitrix24 does not confirm it. Nothing was deleted."
    ),
    Notice.OVERLOAD_LIMIT: marked(
        "Bitrix24 had blocked Logbook for overload. What waits is sent as soon as it allows."
    ),
    Notice.ACCESS_DENIED: marked(
        "The plan of this Bitrix24 did not allow applications. What waits is sent once it does."
    ),
    Notice.PAYMENT_REQUIRED: marked("The application’s paid period was over. What waits is sent once it is extended."),
    Notice.NOT_HERE: marked(
        "At its address, only a page answered that refused Logbook. What waits is sent once Bitrix24 does."
    ),
}
# Empty for an unchanged place.
PLACES: Mapping[PlaceState, str] = {
    PlaceState.BOUND: "",
    PlaceState.ADDED: marked("new"),
    PlaceState.RENAMED: marked("has its new title"),
    PlaceState.MISTITLED: marked("has another title"),
    PlaceState.MISSING: marked("missing"),
    PlaceState.UNAVAILABLE: marked("this Bitrix24 does not have it"),
    PlaceState.REMOVED: marked("removed"),
    PlaceState.KEPT: marked("still there"),
}


def of_entry(entry: LogEntry, reader: Reader) -> str:
    """Why an entry is still waiting, or will never be on the timeline."""
    if entry.state == EntryState.FAILED:
        return refused(entry.reason or "", reader)
    if reader is Reader.ADMINISTRATOR and entry.reason != Reason.PAIR_DEAD and entry.state in UNDER_WAY:
        return _(UNDER_WAY[entry.state])
    if entry.reason is None:
        return _(SOON)
    return _chosen(WAITING, entry.reason, reader) or _(UNANSWERED)


def refused(reason: str, reader: Reader) -> str:
    """Why the portal did not accept, or did not delete, an entry."""
    return _chosen(REFUSED, reason, reader) or _(ANSWERED) % {"code": reason}


def advice(reason: str) -> str:
    """What the author of a refused entry can do."""
    return _(ADVICE[Reason(reason)] if reason in list(ADVICE) else TELL)


def notice(code: str | None) -> str:
    """What happened in the background; empty if nothing did."""
    return _(NOTICES[Notice(code)]) if code in list(Notice) else ""


def place(state: PlaceState) -> str:
    return _(PLACES[state]) if PLACES[state] else ""


def _chosen(sentences: Sentences, reason: str | None, reader: Reader) -> str:
    if reason not in list(Reason):
        return ""
    found = sentences.get((Reason(reason), reader))
    return _(found) if found else ""
