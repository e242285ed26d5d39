"""The facts about the connection: a term, its description, and whether it is a problem."""

from dataclasses import dataclass
from datetime import UTC, datetime

from b24app.bitrix24 import methods
from b24app.bitrix24.methods import Application
from b24app.bitrix24.oauth import SCOPES
from b24app.context import database
from b24app.errors import LogbookError
from b24app.i18n import gettext as _
from b24app.i18n import moment, ngettext, written, zone_of
from b24app.models import Person, Portal
from b24app.services.access import application_user
from b24app.services.access.people import person_name
from b24app.services.reports import connection
from b24app.web.admin.gate import Admin

# A smaller difference is just the duration of the call.
CLOCK_TOLERANCE_SECONDS = 5


@dataclass(frozen=True)
class Fact:
    """A fact; its ``kind`` is ``code`` if it is to be copied rather than read."""

    term: str
    words: str
    is_worry: bool = False
    kind: str = ""


def of(admin: Admin) -> list[Fact]:
    """The facts about the portal, from the request that proved the administrator."""
    portal = admin.person.portal
    application = methods.read_application(admin.answers["application"])
    return [
        Fact(_("Address"), portal.origin, kind="code"),
        Fact("member_id", portal.member_id, kind="code"),
        Fact(_("Kind of installation"), _status(application)),
        *_paid_period(application),
        _scopes(admin),
        _application_token(portal),
        _own_user(portal),
        _last_success(admin.person),
        _clock(admin),
    ]


def _own_user(portal: Portal) -> Fact:
    """The fact about the application's own user; having none is no problem, since keys write as their makers."""
    person, term = application_user.find(database(), portal), _("Logbook’s own user")
    if person is None:
        return Fact(term, _("none yet; Bitrix24 gives one when Logbook is installed"))
    if application_user.lacks_rights(database(), person):
        advice = _("It may not write on some cards. Give it that right in the access permissions of the CRM.")
        return Fact(term, f"{person_name(person)} ({person.bitrix_id}). {advice}", is_worry=True)
    return Fact(term, f"{person_name(person)} ({person.bitrix_id})")


def people(person: Person) -> dict[str, object]:
    """The people for whom Logbook cannot write at the moment: the first by name, and how many more."""
    named = connection.people_without_permission(database(), person.portal)
    count = connection.count_without_permission(database(), person.portal)
    return {"people": [person_name(one) for one in named], "people_more": count - len(named)}


def _status(application: Application) -> str:
    kinds = {
        "L": _("local application of this Bitrix24"),
        "F": _("free application of the Market"),
        "D": _("demo version"),
        "T": _("trial version"),
        "P": _("bought in the Market"),
        "S": _("by subscription to the Market"),
    }
    words = kinds.get(application.status, _("unknown"))
    return f"{words} ({application.status})" if application.status else words


def _paid_period(application: Application) -> list[Fact]:
    term, days = _("Paid period"), application.days_left
    if application.is_expired:
        return [Fact(term, _("is over"), is_worry=True)]
    if days is None:
        return []
    words = ngettext("%(count)s day left", "%(count)s days left", days) % {"count": written(days)}
    return [Fact(term, words, is_worry=days < 7)]


def _scopes(admin: Admin) -> Fact:
    term = _("Permissions")
    try:
        granted = methods.read_scopes(admin.answers["scope"])
    except LogbookError:
        return Fact(term, _("Bitrix24 does not say which it has granted."), is_worry=True)
    if missing := SCOPES - granted:
        words = _("Missing permissions: %(scopes)s.") % {"scopes": ", ".join(sorted(missing))}
        return Fact(term, words + " " + _("Add them where the application is registered."), is_worry=True)
    return Fact(term, _("%(scopes)s: all that Logbook needs") % {"scopes": ", ".join(sorted(SCOPES))})


def _application_token(portal: Portal) -> Fact:
    if portal.application_token:
        return Fact(_("Application token"), _("known"))
    words = _("not known yet: until Bitrix24 sends it, its events cannot be believed.")
    return Fact(_("Application token"), words, is_worry=True)


def _last_success(person: Person) -> Fact:
    called_at = connection.last_success_at(database(), person.portal)
    zone = zone_of(person.time_zone)
    return Fact(_("Last successful call"), moment((called_at or datetime.now(UTC)).astimezone(zone)))


def _clock(admin: Admin) -> Fact:
    term, difference = _("Clocks"), connection.clock_difference(admin.answers)
    if difference is None:
        return Fact(term, _("Bitrix24 does not say what time it is."))
    seconds = round(abs(difference))
    if seconds < CLOCK_TOLERANCE_SECONDS:
        return Fact(term, _("Logbook and Bitrix24 agree."))
    ahead = ngettext(
        "Logbook is %(count)s second ahead of Bitrix24.", "Logbook is %(count)s seconds ahead of Bitrix24.", seconds
    )
    behind = ngettext(
        "Logbook is %(count)s second behind Bitrix24.", "Logbook is %(count)s seconds behind Bitrix24.", seconds
    )
    return Fact(term, (ahead if difference > 0 else behind) % {"count": written(seconds)}, is_worry=True)
