"""Repairs a portal's bindings: binds what is missing and unbinds what is stale."""

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

# Places per request: few if somebody watches, otherwise more. A place usually takes at most two calls.
STEP_LENGTH = 10
UNWATCHED_STEP_LENGTH = 20

NOT_OFFERED = {"ERROR_PLACEMENT_NOT_FOUND", "ERROR_EVENT_NOT_FOUND"}
# "Already binded", or "has already started" if somebody else is binding right now.
BUSY = "ERROR_CORE"


@dataclass(frozen=True)
class Change:
    """The calls for one place, in order; ``kind`` is added, renamed or removed."""

    code: str
    kind: PlaceState
    calls: tuple[Call, ...]


class Repair:
    """A repair in steps, each a request for up to ``step_length`` places.

    An interrupted repair can be continued by another one. ``is_renamed`` says that the title was just changed, which
    portals that report no titles would not show.
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
        """Do the work, yielding the changes of each step. Raises CallFailed or PairDead."""
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
        """The state of the places of these changes, including removed ones."""
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
            # What is in place was not refused, whatever the answer was.
            self.refusals[change.code] = next(filter(None, refused), "") if change.code in amiss else ""
        return part


def repair(session: Session, b24: Bitrix24, administrator: Person, survey: Survey, app_url: str) -> list[Place]:
    """Repair at once; returns the state of each place afterwards. Raises CallFailed or PairDead."""
    repair = Repair(session, b24, administrator, survey, app_url, step_length=UNWATCHED_STEP_LENGTH)
    for _ in repair.steps():
        pass
    return repair.places()


def _changes(survey: Survey, choices: places.Choices, app_url: str, *, is_renamed: bool = False) -> list[Change]:
    """The changes, place by place, so that an interruption affects only one place."""
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
    """The change of one place: duplicate bindings and those with another title are replaced by one."""
    ours = [binding for binding in bound if binding == wanted]
    kept = _kept(ours, wanted, is_right)
    gone = [unbind(binding) for binding in dict.fromkeys(bound) if binding not in kept]
    if wanted is None or kept:
        return Change(code, PlaceState.REMOVED, tuple(gone))
    return Change(code, PlaceState.RENAMED if ours else PlaceState.ADDED, (*gone, bind(wanted)))


def _kept(ours: list[Binding], wanted: Binding | None, is_right: Callable[[Binding, Binding], bool]) -> list[Binding]:
    """The binding that can stay; equal bindings may differ in their titles."""
    return ours if wanted and len(ours) == 1 and is_right(ours[0], wanted) else []


def _judged(place: Place, kind: PlaceState | None, refusal: str) -> Place:
    if place.state == PlaceState.BOUND and kind in {PlaceState.ADDED, PlaceState.RENAMED}:
        return replace(place, state=kind)
    if place.state == PlaceState.MISSING and refusal in NOT_OFFERED:
        return replace(place, state=PlaceState.UNAVAILABLE)
    return replace(place, refusal=refusal) if place.is_amiss else place
