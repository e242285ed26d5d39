"""The codes that rows keep and pages put into words, each once; their sentences are in web/sentences."""

import enum


class Reason(enum.StrEnum):
    """Why an entry is not on its timeline: codes of our own, and those of Bitrix24 that have a sentence.

    A row may have other codes of Bitrix24, too.
    """

    # The author's pair cannot be used any more.
    PAIR_DEAD = "PAIR_DEAD"
    # The process that was sending it has ended.
    KILLED = "KILLED"
    # The answer was lost, and nothing more is known.
    LOST = "LOST"
    READ_TIMEOUT = "READ_TIMEOUT"
    GIVEN_UP = "GIVEN_UP"
    # Given up while it was unknown whether the portal has it.
    GIVEN_UP_UNSURE = "GIVEN_UP_UNSURE"
    # A page answers at the portal's address, saying that nothing is there or that nobody may enter.
    NOT_HERE = "NOT_HERE"
    QUERY_LIMIT_EXCEEDED = "QUERY_LIMIT_EXCEEDED"
    OPERATION_TIME_LIMIT = "OPERATION_TIME_LIMIT"
    OVERLOAD_LIMIT = "OVERLOAD_LIMIT"
    # Of a waiting entry: the portal's plan. Of a refused one: a missing right.
    ACCESS_DENIED = "ACCESS_DENIED"
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"
    INSUFFICIENT_SCOPE = "INSUFFICIENT_SCOPE"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    NOT_FOUND = "NOT_FOUND"
    OWNER_NOT_FOUND = "OWNER_NOT_FOUND"


class Notice(enum.StrEnum):
    """What happened to a portal in the background, until its administrators have read it."""

    NOT_FOLLOWED = "NOT_FOLLOWED"
    FORGED_UNINSTALL = "FORGED_UNINSTALL"
    UNPROVED_UNINSTALL = "UNPROVED_UNINSTALL"
    NOT_HERE = "NOT_HERE"
    OVERLOAD_LIMIT = "OVERLOAD_LIMIT"
    ACCESS_DENIED = "ACCESS_DENIED"
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"


class PlaceState(enum.StrEnum):
    """The state of a place in a portal; the last two are for places that are no longer wanted."""

    BOUND = "bound"
    ADDED = "added"
    RENAMED = "renamed"
    MISTITLED = "mistitled"
    MISSING = "missing"
    UNAVAILABLE = "unavailable"
    REMOVED = "removed"
    KEPT = "kept"


class CardState(enum.StrEnum):
    """What became of a further card of an entry."""

    WAITING = "waiting"
    BOUND = "bound"
    REFUSED = "refused"


class CallOutcome(enum.StrEnum):
    """What became of a call to a portal or to an authorization server, for counting."""

    OK = "ok"
    REFUSED = "refused"
    LOST = "lost"
    UNREACHABLE = "unreachable"


class Opening(enum.StrEnum):
    """What came of opening the tab, for counting."""

    SHOWN = "shown"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


class RefusalKind(enum.StrEnum):
    """Why a page is only a refusal; chooses its drawing."""

    NOT_INSTALLED = "not-installed"
    NOT_PROVED = "not-proved"
    EXPIRED = "expired"
    REFUSED = "refused"
    GONE = "gone"
    UNREACHABLE = "unreachable"
    OUTSIDE = "outside"
    TOO_LARGE = "too-large"
    MISSING = "missing"
    MALFORMED = "malformed"
    UNEXPECTED = "unexpected"


class OutcomeKind(enum.StrEnum):
    """What became of a form; the first five are promised to whoever reads our pages by program."""

    POSTED = "posted"
    QUEUED = "queued"
    INVALID = "invalid"
    REFUSED = "refused"
    EXPIRED = "expired"
    INSERTED = "inserted"
    DISCARDED = "discarded"
    DELETED = "deleted"
    ASKED = "asked"
    SAVED = "saved"
    REPAIRED = "repaired"
    OUTDATED = "outdated"
    FAILED = "failed"
