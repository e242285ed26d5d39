"""The names of places for people: kinds of cards, smart processes by their own names, events by what they tell."""

from b24app.i18n import gettext as _
from b24app.services.bindings import Place
from b24app.web.kinds import called


def named(place: Place) -> str:
    """What a place is called on our pages."""
    if place.type_id is None:
        return _event_name(place.code)
    return called(place.type_id, {place.type_id: place.name})


def _event_name(code: str) -> str:
    names = {
        "ONAPPINSTALL": _("Logbook was installed"),
        "ONAPPUPDATE": _("Logbook was updated"),
        "ONAPPUNINSTALL": _("Logbook was removed"),
    }
    return names.get(code, code)
