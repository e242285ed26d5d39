"""All errors, as one tree; their sentences for people are in web/refusals.

LogbookError
  Malformed               a request that no portal sends
  NotProved               the caller is not proved
  NotInstalled            the portal does not have Logbook, or has removed it
  NotAdministrator        the caller is known, but only administrators may do this
  ScopeMissing            the portal granted less than Logbook needs
  SessionExpired          our own session token is too old or not ours
  Outdated                somebody else has saved the same settings meanwhile
  PictureUnfit            an uploaded picture cannot become an icon
  PairDead                a person's token pair cannot be used any more
  CallFailed              a call to a portal or an authorization server
    Unreachable           never sent: certainly not executed
      Crowded             not even tried: enough calls to that address are under way
    AnswerLost            sent, but no sensible answer: nobody knows whether it was executed
    Moved                 the address redirects: not executed there
    Refused               answered with an error code: certainly not executed
      PlanLapsed          the portal's plan allows no application to call
"""

from b24app.codes import CallOutcome, Reason

OVER_BUDGET = "over budget"
INSECURE = "insecure address"


class LogbookError(Exception):
    """The root; carries details, but never a token or a body."""


class Malformed(LogbookError):
    """A request that no portal sends; ``field`` is the malformed field."""

    def __init__(self, *, field: str) -> None:
        super().__init__(f"malformed field {field}")
        self.field = field


class NotProved(LogbookError):
    """The caller is not proved; ``reason`` is for the log."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"not proved: {reason}")
        self.reason = reason

    @property
    def is_expired(self) -> bool:
        return self.reason == "expired_token"

    @property
    def is_over_budget(self) -> bool:
        """Bitrix24 was not asked because of too many calls without a proof."""
        return self.reason == OVER_BUDGET

    @property
    def is_insecure(self) -> bool:
        """The portal has an ``http://`` address, over which nothing can be proved."""
        return self.reason == INSECURE


class NotInstalled(LogbookError):
    """The portal does not have Logbook; ``is_removed`` if it had it before."""

    def __init__(self, *, is_removed: bool = False) -> None:
        super().__init__("removed" if is_removed else "not installed")
        self.is_removed = is_removed


class NotAdministrator(LogbookError):
    """The caller is proved, but this is for administrators of the portal."""


class ScopeMissing(LogbookError):
    """The portal granted less than Logbook needs; ``scopes`` are the missing ones."""

    def __init__(self, *, scopes: frozenset[str]) -> None:
        super().__init__(f"missing scopes: {', '.join(sorted(scopes))}")
        self.scopes = scopes


class SessionExpired(LogbookError):
    """Our own session token is too old or not ours."""


class Outdated(LogbookError):
    """Somebody else has saved the same settings since these were shown."""


class PictureUnfit(LogbookError):
    """An uploaded picture cannot become an icon; ``reason`` is a code."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"picture is unfit: {reason}")
        self.reason = reason


class PairDead(LogbookError):
    """A person's token pair can no longer be used; they get a new one by opening a frame."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"token pair is dead: {reason}")
        self.reason = reason


class CallFailed(LogbookError):
    """A call that did not succeed; ``code`` is upper case, ``status`` is 0 if there was no answer."""

    # How the call ended, for metrics.
    outcome = CallOutcome.REFUSED

    def __init__(self, *, code: str, status: int = 0) -> None:
        super().__init__(f"{type(self).__name__} {code} (HTTP {status})" if status else f"{type(self).__name__} {code}")
        self.code = code
        self.status = status


class Unreachable(CallFailed):
    """Never sent: no connection was made, so nothing was executed."""

    outcome = CallOutcome.UNREACHABLE


class Crowded(Unreachable):
    """Not even tried: too many calls are running, or have just gone unanswered."""


class AnswerLost(CallFailed):
    """Sent, but without a sensible answer: nobody knows whether it was executed."""

    outcome = CallOutcome.LOST


class Moved(CallFailed):
    """The address answers with a redirect, which is never followed with credentials."""


class Refused(CallFailed):
    """Answered with an error code before anything was executed."""

    @property
    def is_stale_token(self) -> bool:
        """Whether renewing the pair may help; callers renew and repeat once."""
        return self.code in {"EXPIRED_TOKEN", "INVALID_TOKEN"}

    @property
    def is_authorization(self) -> bool:
        """Whether the token, the person or the installation was refused rather than the call."""
        return self.is_stale_token or self.code in {
            "NO_AUTH_FOUND",
            "WRONG_AUTH_TYPE",
            "AUTHORIZATION_ERROR",
            "APPLICATION_NOT_FOUND",
            "ERROR_OAUTH",
            "USER_ACCESS_ERROR",
            "INVALID_CLIENT",
            "INVALID_GRANT",
            "NOT_INSTALLED",
        }

    @property
    def is_of_plan(self) -> bool:
        """Whether the plan of the portal or the application has to be extended first."""
        return isinstance(self, PlanLapsed) or self.code == Reason.PAYMENT_REQUIRED

    @property
    def is_passing(self) -> bool:
        """Whether the same call may succeed later by itself."""
        return self.code in {Reason.QUERY_LIMIT_EXCEEDED, Reason.OPERATION_TIME_LIMIT, Reason.OVERLOAD_LIMIT}


class PlanLapsed(Refused):
    """The portal's plan allows no calls by applications at all."""
