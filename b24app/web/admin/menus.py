"""The switches of the menus in the section "Where it shows", each for all kinds of cards."""

from collections.abc import Mapping, Sequence

from flask import request

from b24app.bitrix24.entities import Menu, menu_of
from b24app.codes import PlaceState
from b24app.i18n import gettext as _
from b24app.services.settings.places import Choices
from b24app.services.setup.bindings import Place, Survey
from b24app.web import menus
from b24app.web import places as names


def typed() -> frozenset[Menu]:
    """The menus that this request's form has switched on."""
    return frozenset(menu for menu in Menu if menu in request.form.getlist("menu"))


def rows(choices: Choices, survey: Survey, standing: Sequence[Place]) -> list[dict[str, object]]:
    """The switches; ``standing`` is the state of the places, empty if unknown."""
    return [
        {
            "id": menu.value,
            "name": menus.name(menu),
            "explanation": menus.explanation(menu),
            "is_on": menu in choices.menus,
            **_state(_places(menu, survey, standing)),
        }
        for menu in Menu
    ]


def _places(menu: Menu, survey: Survey, standing: Sequence[Place]) -> list[Place]:
    """The menu's places, including those that are bound but not wanted."""
    found = {place.code: place for place in standing if menu_of(place.code) == menu}
    bound = {binding.place for binding in survey.placements if standing and menu_of(binding.place) == menu}
    kept = [survey.place(code, PlaceState.KEPT) for code in sorted(bound - found.keys())]
    return [*found.values(), *kept]


def _state(places: Sequence[Place]) -> Mapping[str, str]:
    """The problems, by kind of card; without any, the common state."""
    by_look: dict[str, list[dict[str, str]]] = {"missing": [], "good": [], "absent": []}
    for place in places:
        line = names.row(place)
        by_look[line["look"]].append({**line, "name": names.kind(place)})
    if amiss := by_look["missing"]:
        return {"look": "missing", "note": "; ".join(f"{line['name']}: {line['note']}" for line in amiss)}
    look = "good" if by_look["good"] else "absent"
    notes = [line["note"] or _("in place") for line in by_look[look]]
    return {"look": look, "note": next((note for note in notes if note != _("in place")), "".join(notes[:1]))}
