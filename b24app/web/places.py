"""The names of places for people: kinds of cards, smart processes by their own names, events by what they tell."""

from b24app.bitrix24.entities import is_smart_process
from b24app.i18n import gettext as _
from b24app.services.bindings import Place
from b24app.web.kinds import kind_of


def named(place: Place) -> str:
    """What a place is called on our pages."""
    if place.type_id is None:
        return _event_name(place.code)
    if is_smart_process(place.type_id):
        return place.name or _("Smart process %(id)s") % {"id": place.type_id}
    return kind_of(place.type_id)


def _event_name(code: str) -> str:
    names = {
        "ONAPPINSTALL": _("Logbook was installed"),
        "ONAPPUPDATE": _("Logbook was updated"),
        "ONAPPUNINSTALL": _("Logbook was removed"),
    }
    return names.get(code, code)
