"""Making a portal have what its administrators want of Logbook: what is missing is bound, what is stale unbound."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, placements
from b24app.bitrix24.calls import Call
from b24app.bitrix24.pacing import Pace, rate_of
from b24app.bitrix24.placements import Binding
from b24app.codes import PlaceState
from b24app.models import Person
from b24app.services.access import tokens
from b24app.services.settings import places
from b24app.services.setup.bindings import BOUND, Place, Survey, is_titled, wanted_events

# Places in one request: few where somebody watches, more where nobody does. A place takes two calls at most, as a rule.
STEP_LENGTH = 10
UNWATCHED_STEP_LENGTH = 20

NOT_OFFERED = {"ERROR_PLACEMENT_NOT_FOUND", "ERROR_EVENT_NOT_FOUND"}
# "Already binded", as well as "has already started" where somebody else is binding at this moment.
BUSY = "ERROR_CORE"


@dataclass(frozen=True)
class Change:
    """What one place needs, in this order; ``kind`` is added, renamed or removed."""

    code: str
    kind: PlaceState
    calls: tuple[Call, ...]


class Repair:
    """Carried out step by step: each of ``steps`` is one request of up to ``step_length`` places.

    Stopped in the middle, another repair goes on; repeated, it finds nothing to do. ``is_renamed`` says that the title
    was changed just now, which portals that report no titles would not show.
    """

    def __init__(
        self,
        session: Session,
        b24: Bitrix24,
        administrator: Person,
        survey: Survey,
        app_url: str,
        *,
        is_renamed: bool = False,
        step_length: int = STEP_LENGTH,
        pace: Pace | None = None,
    ) -> None:
        self._session = session
        self._b24 = b24
        self._administrator = administrator
        self._step_length = step_length
        self._pace = pace or Pace(rate_of(is_enterprise=administrator.portal.is_enterprise))
        self.survey = survey
        self._app_url = app_url
        self._choices = places.read(session, administrator.portal_id)
        self.changes = _changes(survey, self._choices, app_url, is_renamed=is_renamed)
        self.refusals: dict[str, str] = {}

    def steps(self) -> Iterator[list[Change]]:
        """Do the work; yields what each step was about. Raises CallFailed, or PairDead."""
        for start in range(0, len(self.changes), self._step_length):
            yield self._take(self.changes[start : start + self._step_length])
        if busy := [change for change in self.changes if self.refusals.get(change.code) == BUSY]:
            yield self._take(busy)

    def places(self) -> list[Place]:
        """The current state of everything we want."""
        kinds = {change.code: change.kind for change in self.changes}
        wanted = self.survey.places(self._choices, self._app_url)
        return [_judged(place, kinds.get(place.code), self.refusals.get(place.code, "")) for place in wanted]

    def places_of(self, changes: list[Change]) -> list[Place]:
        """The places that these were about; what is not wanted any more is removed, or kept by the portal."""
        wanted = {place.code: place for place in self.places()}
        return [wanted.get(change.code) or self._unwanted(change.code) for change in changes]

    def _unwanted(self, code: str) -> Place:
        state = PlaceState.KEPT if self.survey.has(code) else PlaceState.REMOVED
        return self.survey.place(code, state, self.refusals.get(code, ""))

    def _take(self, part: list[Change]) -> list[Change]:
        self._pace.wait()
        calls = {f"{change.code}_{number}": call for change in part for number, call in enumerate(change.calls)}
        answers = tokens.ask_all_as(self._session, self._b24, self._administrator, {**calls, **BOUND})
        self._session.commit()
        self.survey = self.survey.after(answers)
        amiss = {change.code for change in _changes(self.survey, self._choices, self._app_url)}
        for change in part:
            refused = [answers.refusal_of(f"{change.code}_{number}") for number in range(len(change.calls))]
            # What is in place was not refused, whatever the answer said.
            self.refusals[change.code] = next(filter(None, refused), "") if change.code in amiss else ""
        return part


def repair(session: Session, b24: Bitrix24, administrator: Person, survey: Survey, app_url: str) -> list[Place]:
    """A repair that nobody watches: returns the state of each place afterwards. Raises CallFailed, or PairDead."""
    repair = Repair(session, b24, administrator, survey, app_url, step_length=UNWATCHED_STEP_LENGTH)
    for _ in repair.steps():
        pass
    return repair.places()


def _changes(survey: Survey, choices: places.Choices, app_url: str, *, is_renamed: bool = False) -> list[Change]:
    """What has to be done, place by place, so that being stopped between two of them costs no third."""
    titles = choices.all_titles()

    def bind(binding: Binding) -> Call:
        return placements.bind_placement(binding, titles)

    def is_right(bound: Binding, wanted: Binding) -> bool:
        return is_titled(bound, wanted) and not (is_renamed and not bound.titles)

    wanted = survey.wanted_placements(choices, app_url)
    places_changed = _compare(survey.placements, wanted, placements.unbind_placement, bind, is_right)
    events = _compare(
        survey.events, wanted_events(app_url), placements.unbind_event, placements.bind_event, lambda *_: True
    )
    offered = [change for change in events if change.kind == PlaceState.REMOVED or survey.is_offered(change.code)]
    return [*places_changed, *offered]


def _compare(
    bound: list[Binding],
    wanted: list[Binding],
    unbind: Callable[[Binding], Call],
    bind: Callable[[Binding], Call],
    is_right: Callable[[Binding, Binding], bool],
) -> list[Change]:
    by_code = {binding.place: binding for binding in wanted}
    codes = dict.fromkeys([*by_code, *(binding.place for binding in bound)])
    found = [
        _change(
            code, [binding for binding in bound if binding.place == code], by_code.get(code), unbind, bind, is_right
        )
        for code in codes
    ]
    return [change for change in found if change.calls]


def _change(
    code: str,
    bound: list[Binding],
    wanted: Binding | None,
    unbind: Callable[[Binding], Call],
    bind: Callable[[Binding], Call],
    is_right: Callable[[Binding, Binding], bool],
) -> Change:
    """Of what is bound twice, or under another title, all goes and one comes back."""
    ours = [binding for binding in bound if binding == wanted]
    kept = _kept(ours, wanted, is_right)
    gone = [unbind(binding) for binding in dict.fromkeys(bound) if binding not in kept]
    if wanted is None or kept:
        return Change(code, PlaceState.REMOVED, tuple(gone))
    return Change(code, PlaceState.RENAMED if ours else PlaceState.ADDED, (*gone, bind(wanted)))


def _kept(ours: list[Binding], wanted: Binding | None, is_right: Callable[[Binding, Binding], bool]) -> list[Binding]:
    """Equal bindings may differ in their titles."""
    return ours if wanted and len(ours) == 1 and is_right(ours[0], wanted) else []


def _judged(place: Place, kind: PlaceState | None, refusal: str) -> Place:
    if place.state == PlaceState.BOUND and kind in {PlaceState.ADDED, PlaceState.RENAMED}:
        return replace(place, state=kind)
    if place.state == PlaceState.MISSING and refusal in NOT_OFFERED:
        return replace(place, state=PlaceState.UNAVAILABLE)
    return replace(place, refusal=refusal) if place.is_amiss else place
