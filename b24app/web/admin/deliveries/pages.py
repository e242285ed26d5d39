"""The list of entries: waiting, failed and sent."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from b24app.bitrix24.entities import TYPE_IDS, is_smart_process
from b24app.codes import OutcomeKind
from b24app.context import context, database
from b24app.i18n import gettext as _
from b24app.i18n import ngettext, written, zone_of
from b24app.models import EntryState, LogEntry, Person, Portal
from b24app.services.access import people
from b24app.services.delivery import retry
from b24app.services.delivery.outbox import WAITING
from b24app.services.machines import keys
from b24app.services.paging import Page
from b24app.services.reports import deliveries, export
from b24app.services.reports.deliveries import Done, Filter, Standing
from b24app.web import downloads
from b24app.web.admin import filters, gate, number_formats
from b24app.web.admin.deliveries import rows, wording
from b24app.web.admin.deliveries.rows import QUESTIONS, Asked
from b24app.web.admin.gate import Admin
from b24app.web.card_kinds import called
from b24app.web.outcomes import Outcome

blueprint = Blueprint("deliveries", __name__, url_prefix="/settings/deliveries")

# The states with a count, which links to their list.
FIGURES = (Standing.WAITING, Standing.UNSURE, Standing.FAILED, Standing.SENT, Standing.DELETED)


@dataclass(frozen=True)
class Question:
    """Asks for confirmation of a change of all entries of a filter, or with a key of its continuation."""

    action: str
    sentence: str
    button: str
    rest: int | None = None


@blueprint.post("")
def show() -> Response:
    """Show the list of a filter; initially, of everything that is not on the timeline."""
    admin = gate.enter(QUESTIONS)
    return _show(admin, rows.asked(admin.person))


@blueprint.post("/again")
def try_again() -> Response:
    """Make one entry due now and wake the worker."""
    admin = gate.enter(QUESTIONS)
    person = admin.person
    entry = _chosen(person)
    if entry is None:
        return _show(admin, rows.asked(person), _no_such_entry())
    is_tried = deliveries.try_again(database(), person.portal, entry)
    context().queue.wake(person.portal_id)
    return _show(admin, rows.asked(person), _tried(1) if is_tried else _untouched())


@blueprint.post("/give-up")
def give_up() -> Response:
    """Give up one entry."""
    admin = gate.enter(QUESTIONS)
    entry = _chosen(admin.person)
    if entry is None:
        return _show(admin, rows.asked(admin.person), _no_such_entry())
    was_unsure = entry.state == EntryState.UNSURE
    is_given_up = deliveries.give_up(database(), entry)
    outcome = _given_up(1, may_stand=was_unsure) if is_given_up else _untouched()
    return _show(admin, rows.asked(admin.person), outcome)


@blueprint.post("/again/all")
def try_all_again() -> Response:
    """Make all entries of the filter due now, after confirmation."""

    def change(portal: Portal, wanted: Filter) -> tuple[Done, Outcome]:
        done = deliveries.try_all_again(database(), portal, wanted, before=_rest_key())
        context().queue.wake(portal.id)
        return done, _tried(done.count)

    return _change_all("again", retry.REVIVABLE, change)


@blueprint.post("/give-up/all")
def give_all_up() -> Response:
    """Give up all waiting entries of the filter, after confirmation."""

    def change(portal: Portal, wanted: Filter) -> tuple[Done, Outcome]:
        done = deliveries.give_all_up(database(), portal, wanted, before=_rest_key())
        return done, _given_up(done.count, may_stand=True)

    return _change_all("give-up", WAITING, change)


@blueprint.post("/export")
def download() -> Response:
    """Download all entries of the filter as a table."""
    admin = gate.enter(QUESTIONS)
    portal, asked = admin.person.portal, rows.asked(admin.person)
    wanted, zone = asked.wanted, zone_of(admin.person.time_zone)
    if wanted is None:
        return _show(admin, asked)
    return downloads.csv_file(
        portal, "entries", export.ENTRY_COLUMNS, lambda session: export.entries(session, portal, wanted, zone)
    )


def _change_all(
    what: str, states: Collection[EntryState], change: Callable[[Portal, Filter], tuple[Done, Outcome]]
) -> Response:
    """Change all entries of the filter after confirmation; if some are left, offer to continue."""
    admin = gate.enter(QUESTIONS)
    asked = rows.asked(admin.person)
    if asked.wanted is None:
        return _show(admin, asked)
    if "meant" not in request.form:
        return _show(admin, asked, question=_ask(admin.person, asked, what, states))
    done, outcome = change(admin.person.portal, asked.wanted)
    return _show(admin, asked, outcome, _rest(what, done))


def _show(admin: Admin, asked: Asked, outcome: Outcome | None = None, question: Question | None = None) -> Response:
    person, portal = admin.person, admin.person.portal
    type_names = rows.type_names(admin.answers)
    found, page = (
        deliveries.page(database(), portal, asked.wanted, before=_before()) if asked.wanted else ([], Page([]))
    )
    key_names = keys.names(database(), {entry.key_id for entry in found if entry.key_id})
    return gate.page(
        person,
        "deliveries",
        outcome or rows.invalid(asked),
        question=question,
        asked=asked,
        figures=_figures(asked, deliveries.counts(database(), portal)),
        standings={standing.value: wording.name_of(standing) for standing in Standing},
        errors=asked.errors,
        kinds={"": _("any"), **{str(kind): called(kind, type_names) for kind in _kinds(type_names, asked)}},
        people=[filters.suggestion(one) for one in people.suggested(database(), portal)],
        entries=[rows.row(entry, person, type_names, key_names) for entry in found],
        page=page,
        before=_before(),
        is_open=asked.wanted is not None and asked.wanted.standing in deliveries.UNSETTLED,
    )


def _figures(asked: Asked, counts: Mapping[Standing, int]) -> list[dict[str, object]]:
    return [
        {
            "state": standing.value,
            "name": wording.name_of(standing),
            "number": number_formats.in_words(counts[standing]),
            "is_chosen": asked.typed["state"] == standing,
        }
        for standing in FIGURES
    ]


def _kinds(type_names: Mapping[int, str], asked: Asked) -> list[int]:
    """The kinds of cards to filter by, including the chosen one if the portal no longer lists it."""
    smart = {type_id for type_id in type_names if is_smart_process(type_id)}
    typed = {wanted.entity.type_id} if (wanted := asked.wanted) and wanted.entity else set()
    return [*TYPE_IDS.values(), *sorted((smart | typed) - set(TYPE_IDS.values()))]


def _chosen(person: Person) -> LogEntry | None:
    """The entry named in this request's form, if it belongs to this portal."""
    number = filters.key_of(request.form.get("entry", ""))
    return deliveries.find(database(), person.portal, number) if number else None


def _before() -> int | None:
    return filters.key_of(request.form.get("before", ""))


def _rest_key() -> int | None:
    """The key at which to continue a change of all entries."""
    return filters.key_of(request.form.get("rest", ""))


def _ask(person: Person, asked: Asked, what: str, states: Collection[EntryState]) -> Question:
    count = deliveries.count(database(), person.portal, asked.wanted, states) if asked.wanted else 0
    if not count:
        return Question("", _("None of these entries waits or was refused."), "")
    number = number_formats.in_words(count, deliveries.MOST_COUNTED)
    if what == "again":
        sentence = ngettext("Try %(count)s entry again?", "Try %(count)s entries again?", count) % {"count": number}
        advice = _("Each is sent in the name of its author. What may already be on the timeline is looked for first.")
        return Question(url_for(".try_all_again"), f"{sentence} {advice}", _("Try all again"))
    sentence = ngettext("Give up %(count)s entry?", "Give up %(count)s entries?", count) % {"count": number}
    advice = _("What is given up is not sent any more; its author sees that on the card.")
    return Question(url_for(".give_all_up"), f"{sentence} {advice} {_may_stand()}", _("Give all up"))


def _rest(what: str, done: Done) -> Question | None:
    if done.next_key is None:
        return None
    sentence = _("These were many; there may be more of them.")
    address = url_for(".try_all_again" if what == "again" else ".give_all_up")
    return Question(address, sentence, _("Go on with the rest"), done.next_key)


def _may_stand() -> str:
    return _("An unsure one may be on the timeline nevertheless.")


def _tried(count: int) -> Outcome:
    sentence = ngettext("%(count)s entry is tried again now.", "%(count)s entries are tried again now.", count)
    advice = _("Open this list again in a minute to see what became of it.")
    return Outcome(OutcomeKind.QUEUED, 200, _("Tried again"), sentence % {"count": written(count)}, advice)


def _given_up(count: int, *, may_stand: bool) -> Outcome:
    sentence = ngettext("%(count)s entry is not sent any more.", "%(count)s entries are not sent any more.", count)
    return Outcome(
        OutcomeKind.SAVED, 200, _("Given up"), sentence % {"count": written(count)}, _may_stand() if may_stand else ""
    )


def _untouched() -> Outcome:
    sentence = _("It has gone on its way meanwhile, or has arrived.")
    return Outcome(OutcomeKind.FAILED, 409, _("Nothing was changed"), sentence, _("The list shows its current state."))


def _no_such_entry() -> Outcome:
    sentence = _("It is not an entry of this Bitrix24, or its author has deleted it.")
    return Outcome(OutcomeKind.FAILED, 404, _("There is no such entry"), sentence)
