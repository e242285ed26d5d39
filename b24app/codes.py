"""The codes that rows store and pages explain, each once; their sentences are in web/sentences."""

import enum


class Reason(enum.StrEnum):
    """Why an entry is not on its timeline: our own codes, and Bitrix24's codes that have a sentence.

    Rows may contain other codes of Bitrix24, too.
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
    # A web page at the portal's address says that there is no portal, or denies access.
    NOT_HERE = "NOT_HERE"
    QUERY_LIMIT_EXCEEDED = "QUERY_LIMIT_EXCEEDED"
    OPERATION_TIME_LIMIT = "OPERATION_TIME_LIMIT"
    OVERLOAD_LIMIT = "OVERLOAD_LIMIT"
    # For a waiting entry: the portal's plan. For a refused one: a missing right.
    ACCESS_DENIED = "ACCESS_DENIED"
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"
    INSUFFICIENT_SCOPE = "INSUFFICIENT_SCOPE"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    NOT_FOUND = "NOT_FOUND"
    OWNER_NOT_FOUND = "OWNER_NOT_FOUND"


class Notice(enum.StrEnum):
    """What happened to a portal in the background, shown until its administrators have read it."""

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
    """The state of a further card of an entry."""

    WAITING = "waiting"
    BOUND = "bound"
    REFUSED = "refused"


class CallOutcome(enum.StrEnum):
    """How a call to a portal or an authorization server ended, for metrics."""

    OK = "ok"
    REFUSED = "refused"
    LOST = "lost"
    UNREACHABLE = "unreachable"


class Opening(enum.StrEnum):
    """How opening the tab ended, for metrics."""

    SHOWN = "shown"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


class RefusalKind(enum.StrEnum):
    """The kind of a refusal page; chooses its drawing."""

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
    """The outcome of a form; programs that read our pages can rely on the first five."""

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
