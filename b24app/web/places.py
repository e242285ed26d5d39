"""The names of places, their states, and why one is refused."""

from b24app.bitrix24.entities import is_button, menu_of
from b24app.codes import PlaceState, Reason
from b24app.i18n import gettext as _
from b24app.services.setup.bindings import Place
from b24app.web import menus, sentences
from b24app.web.card_kinds import called

LOOKS = {
    **dict.fromkeys((PlaceState.MISSING, PlaceState.MISTITLED, PlaceState.KEPT), "missing"),
    PlaceState.UNAVAILABLE: "absent",
}


def named(place: Place) -> str:
    """The name of a place in a list of all kinds of places."""
    if menu := menu_of(place.code):
        return f"{kind(place)}: {menus.name(menu)}"
    return _("%(name)s, button") % {"name": kind(place)} if is_button(place.code) else kind(place)


def kind(place: Place) -> str:
    """The name of a place in a list of tabs, buttons, one menu or events."""
    if place.type_id is None:
        return _event_name(place.code)
    return called(place.type_id, {place.type_id: place.name})


def row(place: Place) -> dict[str, str]:
    """A row of a list of places; ``look`` is good, missing or absent."""
    return {"name": named(place), "look": LOOKS.get(place.state, "good"), "note": note(place)}


def note(place: Place) -> str:
    """The state of a place in a few words; empty for an unchanged one."""
    return refused(place.refusal) if place.refusal else sentences.place(place.state)


def refused(code: str) -> str:
    """Why the portal refuses to bind or unbind something."""
    if code == Reason.ACCESS_DENIED:
        return _("Bitrix24 refused it for your account.")
    return _("Bitrix24 answered “%(code)s”.") % {"code": code}


def _event_name(code: str) -> str:
    names = {
        "ONAPPINSTALL": _("Logbook was installed"),
        "ONAPPUPDATE": _("Logbook was updated"),
        "ONAPPUNINSTALL": _("Logbook was removed"),
        "ONCRMTYPEADD": _("A smart process was added"),
        "ONCRMTYPEDELETE": _("A smart process was deleted"),
    }
    return names.get(code, code)
