"""The log of calls: what Logbook asked this portal, and the answers."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, request

from b24app.codes import OutcomeKind
from b24app.context import database
from b24app.i18n import gettext as _
from b24app.i18n import zone_of
from b24app.models import Person, RestCall
from b24app.services.access import people, portals
from b24app.services.paging import Page
from b24app.services.reports import calls, export
from b24app.services.reports.calls import ANY_ERROR, Filter
from b24app.web import downloads
from b24app.web.admin import filters, gate
from b24app.web.admin.filters import Unclear
from b24app.web.outcomes import Outcome

blueprint = Blueprint("calls", __name__, url_prefix="/settings/calls")

FIELDS = ("method", "code", "author")
# Sent to the authorization server with our secret, so nobody else can repeat it.
OF_AUTHORITY = "oauth/"
# A command within a batch, possibly shortened.
COMMAND = re.compile(r'"([a-z][a-z.]+)\?')


@dataclass(frozen=True)
class Asked:
    """The content of the filter form; ``wanted`` is None if there are ``errors``, which are by field."""

    typed: Mapping[str, str]
    wanted: Filter | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@blueprint.post("")
def show() -> Response:
    """Show the calls of a filter, the latest first, with parameters and answers."""
    person = gate.enter().person
    return _show(person, _asked(person))


@blueprint.post("/export")
def download() -> Response:
    """Download all calls of the filter as a table."""
    person = gate.enter().person
    asked, portal, zone = _asked(person), person.portal, zone_of(person.time_zone)
    wanted = asked.wanted
    if wanted is None:
        return _show(person, asked)
    return downloads.csv_file(
        portal, "calls", export.CALL_COLUMNS, lambda session: export.rest_calls(session, portal, wanted, zone)
    )


def _show(person: Person, asked: Asked) -> Response:
    portal, before = person.portal, filters.key_of(request.form.get("before", ""))
    found: list[RestCall] = []
    page = Page([])
    if asked.wanted:
        found, page = calls.page(database(), portal, asked.wanted, before=before)
    names = portals.names(database(), portal, {call.person_id for call in found if call.person_id})
    return gate.page(
        person,
        "calls",
        _invalid(asked),
        asked=asked,
        errors=asked.errors,
        methods=_with_typed(calls.methods(database(), portal), asked.typed["method"], {"": _("any")}),
        codes=_with_typed(
            calls.codes(database(), portal), asked.typed["code"], {"": _("any"), ANY_ERROR: _("every error")}
        ),
        people=[filters.suggestion(one) for one in people.suggested(database(), portal)],
        calls=[_row(call, person, names) for call in found],
        page=page,
        before=before,
    )


def _asked(person: Person) -> Asked:
    typed = {name: request.form.get(name, "").strip()[: filters.LONGEST_WORDS] for name in FIELDS}
    try:
        authors = filters.people_of(person.portal, typed["author"])
    except Unclear as unclear:
        return Asked(typed, None, {"author": str(unclear)})
    return Asked(typed, Filter(typed["method"], typed["code"], tuple(author.bitrix_id for author in authors)))


def _invalid(asked: Asked) -> Outcome | None:
    if not asked.errors:
        return None
    return Outcome(OutcomeKind.INVALID, 422, _("This filter is not clear"), " ".join(asked.errors.values()))


def _with_typed(known: list[str], typed: str, first: Mapping[str, str]) -> dict[str, str]:
    """The choices of a filter's field, including the current one."""
    return {**first, **{name: name for name in known}, **({typed: typed} if typed and typed not in first else {})}


def _row(call: RestCall, reader: Person, names: Mapping[int, str]) -> dict[str, object]:
    return {
        "id": call.id,
        "method": call.method,
        "inner": ", ".join(COMMAND.findall(call.parameters)) if call.method == "batch" else "",
        "code": call.code,
        "is_error": call.code != "ok",
        "status": call.status,
        "milliseconds": call.milliseconds,
        "request_id": call.request_id,
        "who": names.get(call.person_id) or people.shown_name("", call.person_id) if call.person_id else "",
        "when": call.called_at.astimezone(zone_of(reader.time_zone)),
        "parameters": pretty(call.parameters),
        "answer": pretty(call.answer),
        "curl": curl(reader.portal.client_endpoint, call),
    }


def pretty(text: str) -> str:
    """JSON with line breaks; text that cannot be parsed stays as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def curl(endpoint: str, call: RestCall) -> str:
    """A curl command that repeats the call, for a shell with TOKEN set; empty for calls that only Logbook can make."""
    if call.method.startswith(OF_AUTHORITY):
        return ""
    parts = ["curl", "-X", "POST", shlex.quote(f"{endpoint}{call.method}"), "-H", '"Authorization: Bearer $TOKEN"']
    return " ".join([*parts, "-H", "'Content-Type: application/json'", "-d", shlex.quote(call.parameters)])
