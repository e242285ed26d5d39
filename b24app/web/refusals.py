"""Every failure as text for people: what happened, and what to do now."""

import re
from dataclasses import dataclass

from flask import request

from b24app.bitrix24.addresses import origin_of
from b24app.codes import Reason, RefusalKind
from b24app.context import config
from b24app.errors import (
    AnswerLost,
    CallFailed,
    LogbookError,
    Malformed,
    Moved,
    NotAdministrator,
    NotInstalled,
    NotProved,
    PairDead,
    PlanLapsed,
    Refused,
    ScopeMissing,
    SessionExpired,
    Unreachable,
)
from b24app.i18n import gettext as _

ORIGIN = re.compile(r"https?://[a-z0-9._-]{1,253}(?::[0-9]{1,5})?")

# Why a connection failed, by the code of the call.
NOT_REACHED = {
    "PRIVATE_ADDRESS": "private",
    "TLS_FAILED": "certificate",
    "RENEWAL_TLS_FAILED": "certificate",
    Reason.NOT_HERE: "gone",
    "PORTAL_DELETED": "gone",
}


@dataclass(frozen=True)
class Refusal:
    """A refusal page; ``kind`` chooses its drawing."""

    kind: RefusalKind
    status: int
    heading: str
    sentence: str
    advice: str

    @property
    def way_back(self) -> str:
        """The URL of the page with the link here, as the browser reports it; empty if that is our own."""
        origin = request.headers.get("Origin", "")
        is_other = ORIGIN.fullmatch(origin) is not None and origin != origin_of(config().app_url)
        return f"{origin}/" if is_other else ""


def of(failure: LogbookError) -> Refusal:
    """The refusal for an error; each type of error has exactly one."""
    if isinstance(failure, NotInstalled):
        return _not_installed(failure)
    if isinstance(failure, NotProved | PairDead | SessionExpired):
        return _not_proved(failure)
    if isinstance(failure, NotAdministrator | ScopeMissing):
        return _not_allowed(failure)
    if isinstance(failure, Malformed):
        return Refusal(
            RefusalKind.MALFORMED,
            400,
            _("This is not how Bitrix24 asks"),
            _("The request lacks something, or something in it cannot be read: %(field)s.") % {"field": failure.field},
            _("Open Logbook from a card in Bitrix24. If you came from there, tell your administrator."),
        )
    if isinstance(failure, CallFailed):
        return _call_failed(failure)
    raise failure


def _not_installed(failure: NotInstalled) -> Refusal:
    if failure.is_removed:
        heading = _("Logbook has been removed from this Bitrix24")
        sentence = _("An administrator has uninstalled it, so it does nothing here any more.")
    else:
        heading = _("Logbook is not installed in this Bitrix24")
        sentence = _("It does not know this portal yet, or the installation was not finished.")
    advice = _("Ask your Bitrix24 administrator to install Logbook from the list of applications.")
    return Refusal(RefusalKind.NOT_INSTALLED, 403, heading, sentence, advice)


def _not_proved(failure: NotProved | PairDead | SessionExpired) -> Refusal:
    if isinstance(failure, NotProved) and failure.is_over_budget:
        return Refusal(
            RefusalKind.NOT_PROVED,
            403,
            _("Too many unconfirmed requests"),
            _("Bitrix24 did not confirm many requests to open Logbook just now, so Logbook asks no more for a moment."),
            _("Wait a minute, then open this page again. Nothing is lost."),
        )
    if isinstance(failure, NotProved) and failure.is_insecure:
        return _not_now(
            RefusalKind.NOT_PROVED,
            403,
            _("Its address begins with http://, and Logbook sends no permissions over an open line."),
            _("Ask the people who run this Bitrix24 to set up https."),
        )
    if isinstance(failure, NotProved) and not failure.is_expired:
        return Refusal(
            RefusalKind.NOT_PROVED,
            403,
            _("Bitrix24 does not vouch for this request"),
            _("Logbook asks Bitrix24 who opens it, and the answer was that this is not a person of this portal."),
            _("Reload the Bitrix24 page in your browser and open Logbook again."),
        )
    status = 401 if isinstance(failure, SessionExpired) else 403
    return Refusal(
        RefusalKind.EXPIRED,
        status,
        _("This page has been open for too long"),
        _("Your permission to use Logbook has expired, as it does after a while."),
        _("Reload the Bitrix24 page in your browser and open Logbook again."),
    )


def _not_allowed(failure: NotAdministrator | ScopeMissing) -> Refusal:
    if isinstance(failure, ScopeMissing):
        return Refusal(
            RefusalKind.REFUSED,
            403,
            _("Bitrix24 gave Logbook too few permissions"),
            _("Missing permissions: %(scopes)s.") % {"scopes": ", ".join(sorted(failure.scopes))},
            _("Add them where the application is registered, then install Logbook again."),
        )
    return Refusal(
        RefusalKind.REFUSED,
        403,
        _("Only an administrator can do this"),
        _("Installing and repairing Logbook needs an administrator of this Bitrix24, and you are not one."),
        _("Ask an administrator to open the application."),
    )


def _not_now(kind: RefusalKind, status: int, sentence: str, advice: str) -> Refusal:
    """A refusal that somebody has to fix first, usually not the reader."""
    return Refusal(kind, status, _("Logbook cannot work with this Bitrix24 now"), sentence, advice)


def _plan_lapsed() -> Refusal:
    return _not_now(
        RefusalKind.REFUSED,
        403,
        _("Bitrix24 lets applications work on commercial plans only, and this one has none at the moment."),
        _("An administrator of this Bitrix24 can extend its plan. Nothing is lost."),
    )


def _not_reached(why: str) -> Refusal:
    """The refusal for connection failures that waiting does not fix."""
    words = {
        "private": (
            _("Its address is in a private network, and Logbook calls public addresses only."),
            _("Ask the people who run this Bitrix24 to let it be reached from the internet."),
        ),
        "certificate": (
            _("No secure connection could be made: a certificate has expired, is for another name, or is not trusted."),
            _(
                "Tell the people who run this Bitrix24 and its certificate. For a company’s own certificates, "
                "the people who run Logbook set CA_BUNDLE."
            ),
        ),
        "gone": (
            _("Its address answers with a page that says that nothing is there, or that nobody may enter."),
            _(
                "If Bitrix24 itself opens, ask the people who run it to let Logbook through. "
                "If it has been deleted, nothing can be sent there any more."
            ),
        ),
    }
    return _not_now(RefusalKind.UNREACHABLE, 503, *words[why])


def _call_failed(failure: CallFailed) -> Refusal:
    if isinstance(failure, PlanLapsed):
        return _plan_lapsed()
    if failure.code in NOT_REACHED:
        return _not_reached(NOT_REACHED[failure.code])
    if isinstance(failure, Moved):
        return Refusal(
            RefusalKind.UNREACHABLE,
            503,
            _("This Bitrix24 has moved"),
            _("It answers that it has another address now, which Bitrix24’s own server does not confirm yet."),
            _("Reload the Bitrix24 page in a few minutes. Nothing is lost."),
        )
    if isinstance(failure, Unreachable | AnswerLost) or (isinstance(failure, Refused) and failure.is_passing):
        return Refusal(
            RefusalKind.UNREACHABLE,
            503,
            _("Bitrix24 does not answer"),
            _("Logbook asked your portal or Bitrix24’s own server and got no useful answer."),
            _("Wait a minute, then open this page again. Nothing is lost."),
        )
    return _refused(failure)


def _refused(failure: CallFailed) -> Refusal:
    if failure.code in {Reason.NOT_FOUND, Reason.OWNER_NOT_FOUND}:
        return Refusal(
            RefusalKind.GONE,
            404,
            _("This card does not exist any more"),
            _("Bitrix24 does not find it; somebody may have deleted it."),
            _("Close the card and look for it in the list."),
        )
    if failure.code == Reason.ACCESS_DENIED:
        return Refusal(
            RefusalKind.REFUSED,
            403,
            _("You have no right to do this"),
            _("Bitrix24 refused it for your account."),
            _("Ask your Bitrix24 administrator for the right, then try again."),
        )
    return Refusal(
        RefusalKind.REFUSED,
        403,
        _("Bitrix24 refused this"),
        _("It answered “%(code)s”.") % {"code": failure.code},
        _("Give your Bitrix24 administrator this code and the number below."),
    )
