"""What Logbook has bound in a portal, held against what it wants there, and mended.

The portal is the truth: what it says it has is read before and after, and its error codes only explain.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.calls import BATCH_LENGTH, Answers, Call
from b24app.bitrix24.entities import TYPE_IDS, is_smart_process, tab_of, type_id_of
from b24app.bitrix24.methods import Binding
from b24app.bitrix24.payloads import EVENTS
from b24app.errors import LogbookError
from b24app.i18n import TAB_TITLES
from b24app.models import Person
from b24app.services import tokens

BOUND = {"placements": methods.placements_bound(), "events": methods.events_bound()}
SURVEY = {**BOUND, "known": methods.placements_known(), "types": methods.entity_types()}

NOT_OFFERED = "ERROR_PLACEMENT_NOT_FOUND"


@dataclass(frozen=True)
class Place:
    """A place we want to be bound to; ``type_id`` is None for an event.

    ``state`` is one of bound, added, missing, unavailable; ``refusal`` is the portal's code for a missing one.
    """

    code: str
    name: str
    type_id: int | None
    state: str
    refusal: str = ""


@dataclass(frozen=True)
class Survey:
    """What a portal has of ours, which placements it offers at all, and the names of its entity types."""

    placements: list[Binding]
    events: list[Binding]
    offered: frozenset[str]
    type_names: dict[int, str]

    def places(self, app_url: str) -> list[Place]:
        """Everything we want, as it stands now."""
        return [self._place(binding, self.placements) for binding in self.wanted_placements(app_url)] + [
            self._place(binding, self.events) for binding in wanted_events(app_url)
        ]

    def wanted_placements(self, app_url: str) -> list[Binding]:
        """A tab on each kind of card that has one everywhere, and on every smart process of this portal."""
        found = {type_id for code in self.offered if (type_id := type_id_of(code)) and code == tab_of(type_id)}
        smart = sorted(type_id for type_id in found | set(self.type_names) if is_smart_process(type_id))
        return [Binding(tab_of(type_id), f"{app_url}/placement") for type_id in [*TYPE_IDS.values(), *smart]]

    def _place(self, wanted: Binding, bound: list[Binding]) -> Place:
        type_id = type_id_of(wanted.place)
        is_missing = type_id is not None and bool(self.offered) and wanted.place not in self.offered
        state = "bound" if wanted in bound else "unavailable" if is_missing else "missing"
        return Place(wanted.place, self.type_names.get(type_id or 0, ""), type_id, state)


def wanted_events(app_url: str) -> list[Binding]:
    return [Binding(event, f"{app_url}/events") for event in sorted(EVENTS)]


def read_survey(answers: Answers) -> Survey:
    """Raises Refused where the portal does not show its bindings, which it does to administrators only."""
    return Survey(
        placements=methods.read_bindings(answers["placements"], "placement"),
        events=methods.read_bindings(answers["events"], "event"),
        offered=methods.read_codes(_or_empty(answers, "known")),
        type_names=methods.read_entity_types(_or_empty(answers, "types")),
    )


def reconcile(session: Session, b24: Bitrix24, administrator: Person, survey: Survey, app_url: str) -> list[Place]:
    """Bind what is missing, unbind what is stale, and say how each place stands afterwards.

    Running it again changes nothing. Raises CallFailed, or PairDead, where the portal cannot be asked.
    """
    placements, events = survey.wanted_placements(app_url), wanted_events(app_url)
    calls = {
        **_numbered("unbind_placement", map(methods.unbind_placement, _stale(survey.placements, placements))),
        **_numbered("unbind_event", map(methods.unbind_event, _stale(survey.events, events))),
        **{b.place: methods.bind_placement(b, TAB_TITLES) for b in _missing(survey.placements, placements)},
        **{b.place: methods.bind_event(b) for b in _missing(survey.events, events)},
    }
    if not calls:
        return survey.places(app_url)
    answers = [tokens.ask_all_as(session, b24, administrator, part) for part in _batches(calls)]
    after = Survey(
        methods.read_bindings(answers[-1]["placements"], "placement"),
        methods.read_bindings(answers[-1]["events"], "event"),
        survey.offered,
        survey.type_names,
    )
    session.commit()
    refusals = {place: refusal for part in answers for place in calls if (refusal := part.refusal_of(place))}
    return [_judged(place, refusals.get(place.code, ""), place.code in calls) for place in after.places(app_url)]


def _judged(place: Place, refusal: str, is_new: bool) -> Place:
    state = place.state
    if state == "bound" and is_new:
        state = "added"
    if state == "missing" and refusal == NOT_OFFERED:
        state = "unavailable"
    return Place(place.code, place.name, place.type_id, state, refusal if state == "missing" else "")


def _stale(bound: list[Binding], wanted: list[Binding]) -> list[Binding]:
    """Bound, but not (or no longer) wanted, or bound twice: then all of it goes and one comes back."""
    return [binding for binding, count in Counter(bound).items() if binding not in wanted or count > 1]


def _missing(bound: list[Binding], wanted: list[Binding]) -> list[Binding]:
    return [binding for binding in wanted if bound.count(binding) != 1]


def _numbered(name: str, calls: Iterable[Call]) -> dict[str, Call]:
    return {f"{name}_{number}": call for number, call in enumerate(calls)}


def _batches(calls: dict[str, Call]) -> list[dict[str, Call]]:
    """In requests of up to 50; the last one also asks what is bound then."""
    items, size = list(calls.items()), BATCH_LENGTH - len(BOUND)
    parts = [dict(items[start : start + size]) for start in range(0, len(items), size)]
    return [*parts[:-1], {**parts[-1], **BOUND}]


def _or_empty(answers: Answers, key: str) -> object:
    """What only widens our view of a portal may be refused."""
    try:
        return answers[key]
    except LogbookError:
        return []
