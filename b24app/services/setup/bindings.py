"""Compares what Logbook has bound in a portal with what its administrators want.

What the portal reports is authoritative: it is read before and after; error codes only explain.
"""

from dataclasses import dataclass, field, replace

from b24app.bitrix24 import methods, placements, robots
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.entities import TYPE_IDS, Menu, button_of, is_smart_process, menu_place, tab_of, type_id_of
from b24app.bitrix24.payloads import EVENTS, ROBOT_SETTINGS, TYPE_EVENTS, UNBOUND_EVENTS
from b24app.bitrix24.placements import Binding
from b24app.codes import PlaceState
from b24app.errors import LogbookError
from b24app.services.settings.places import Button, Choices

# The path of the hidden frame behind a form drawn by the portal.
NATIVE = "/native"
BOUND = {"placements": placements.placements_bound(), "events": placements.events_bound()}
SURVEY = {
    **BOUND,
    "known": placements.placements_known(),
    "types": methods.entity_types(),
    "heard": placements.events_known(),
    "robots": robots.registered("robot"),
    "activities": robots.registered("activity"),
}


@dataclass(frozen=True)
class Place:
    """A place we want to be bound to; ``type_id`` is None for an event.

    ``refusal`` is the portal's error code if binding it failed.
    """

    code: str
    name: str
    type_id: int | None
    state: PlaceState
    refusal: str = ""

    @property
    def is_there(self) -> bool:
        return self.state in {PlaceState.BOUND, PlaceState.ADDED, PlaceState.RENAMED, PlaceState.MISTITLED}

    @property
    def is_amiss(self) -> bool:
        return self.state in {PlaceState.MISSING, PlaceState.MISTITLED, PlaceState.KEPT}


@dataclass(frozen=True)
class Survey:
    """What is bound in a portal, what places it offers, and the names of its entity types."""

    placements: list[Binding]
    events: list[Binding]
    offered: frozenset[str]
    type_names: dict[int, str]
    known_events: frozenset[str] = field(default_factory=frozenset)
    # None if automation is not granted.
    robots: frozenset[str] | None = None
    activities: frozenset[str] | None = None

    def after(self, answers: Answers) -> "Survey":
        """The survey updated with new answers; raises like ``read_survey``."""
        return replace(
            self,
            placements=_placements(answers),
            events=placements.read_bindings(answers["events"], "event"),
        )

    def places(self, choices: Choices, app_url: str) -> list[Place]:
        """The current state of everything we want."""
        wanted, events = self.wanted_placements(choices, app_url), wanted_events(app_url)
        return [self._place(binding, self.placements) for binding in wanted] + [
            self._place(binding, self.events) for binding in events
        ]

    def type_ids(self) -> list[int]:
        """The kinds of cards that can show Logbook: the common ones, then this portal's smart processes."""
        found = {type_id for code in self.offered if (type_id := type_id_of(code)) and code == tab_of(type_id)}
        if not self.type_names:
            # If the portal does not list them, existing bindings reveal some.
            found |= {type_id for binding in self.placements if (type_id := type_id_of(binding.place))}
        smart = sorted(type_id for type_id in found | set(self.type_names) if is_smart_process(type_id))
        return [*TYPE_IDS.values(), *smart]

    def wanted_placements(self, choices: Choices, app_url: str) -> list[Binding]:
        """The chosen tabs, buttons and menus of each kind of card."""
        titles = choices.all_titles()
        tabs = [tab_of(type_id) for type_id in self.type_ids() if choices.has_tab(type_id)]
        menus = [code for menu in Menu for code in self.menu_places(choices, menu)]
        pages = [*tabs, *self._buttons(choices, Button.PAGE), *menus]
        native = [
            Binding(code, f"{app_url}{NATIVE}", titles, is_native=True)
            for code in self._buttons(choices, Button.NATIVE)
        ]
        return [*(Binding(code, f"{app_url}/placement", titles) for code in pages), *native]

    def _buttons(self, choices: Choices, wanted: Button) -> list[str]:
        return [button_of(type_id) for type_id in self.type_ids() if choices.button(type_id) == wanted]

    def menu_places(self, choices: Choices, menu: Menu) -> list[str]:
        """The wanted placement codes of one menu."""
        type_ids = [type_id for type_id in self.type_ids() if choices.has_menu(menu, type_id)]
        return [code for type_id in type_ids if (code := menu_place(menu, type_id))]

    def has(self, code: str) -> bool:
        """Whether anything of ours is bound at a place."""
        return any(binding.place == code for binding in [*self.placements, *self.events])

    def forgets_native(self, code: str) -> bool:
        """Whether the portal reports that it does not draw a form that was bound to be drawn."""
        ours = [one for one in self.placements if one.place == code and one.handler.endswith(NATIVE)]
        return any(one.is_native is False for one in ours)

    def place(self, code: str, state: PlaceState, refusal: str = "") -> Place:
        type_id = type_id_of(code)
        return Place(code, self.type_names.get(type_id or 0, ""), type_id, state, refusal)

    def _place(self, wanted: Binding, bound: list[Binding]) -> Place:
        found = next((binding for binding in bound if binding == wanted), None)
        if found:
            state = PlaceState.BOUND if is_titled(found, wanted) else PlaceState.MISTITLED
        else:
            state = PlaceState.MISSING if self.is_offered(wanted.place) else PlaceState.UNAVAILABLE
        return self.place(wanted.place, state)

    def is_offered(self, code: str) -> bool:
        """Whether the portal has such a place; True if it does not say."""
        if type_id_of(code) is not None:
            return not self.offered or code in self.offered
        return code not in TYPE_EVENTS or not self.known_events or code in self.known_events


def wanted_events(app_url: str) -> list[Binding]:
    return [Binding(event, f"{app_url}/events") for event in sorted(EVENTS - UNBOUND_EVENTS)]


def is_titled(bound: Binding, wanted: Binding) -> bool:
    """Whether the title is right in every language that the portal reports."""
    return all(title == wanted.titles.get(language, title) for language, title in bound.titles.items())


def read_survey(answers: Answers) -> Survey:
    """Parse a portal's bindings; raises Refused if it does not show them, which only administrators can see."""
    return Survey(
        placements=_placements(answers),
        events=placements.read_bindings(answers["events"], "event"),
        offered=placements.read_codes(_or_empty(answers, "known")),
        type_names=methods.read_entity_types(_or_empty(answers, "types")),
        known_events=placements.read_codes(_or_empty(answers, "heard")),
        robots=_or_none(answers, "robots"),
        activities=_or_none(answers, "activities"),
    )


def _placements(answers: Answers) -> list[Binding]:
    """The bound placements without our robot's dialog, which is registered with the robot."""
    found = placements.read_bindings(answers["placements"], "placement")
    return [binding for binding in found if binding.place != ROBOT_SETTINGS]


def _or_none(answers: Answers, key: str) -> frozenset[str] | None:
    try:
        return robots.read_registered(answers[key])
    except LogbookError:
        return None


def _or_empty(answers: Answers, key: str) -> object:
    """The result of a call that may be refused."""
    try:
        return answers[key]
    except LogbookError:
        return []
