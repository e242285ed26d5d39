"""The names of kinds of cards."""

from collections.abc import Mapping

from b24app.bitrix24.entities import TYPE_CODES, Entity, is_smart_process
from b24app.i18n import gettext as _


def kind_of(type_id: int) -> str:
    """The name of a kind of card."""
    names = {
        "LEAD": _("Lead"),
        "DEAL": _("Deal"),
        "CONTACT": _("Contact"),
        "COMPANY": _("Company"),
        "QUOTE": _("Estimate"),
        "ORDER": _("Order"),
        "SMART_INVOICE": _("Invoice"),
    }
    return names.get(TYPE_CODES.get(type_id, ""), _("Item"))


def called(type_id: int, type_names: Mapping[int, str]) -> str:
    """The name of a kind of card; for smart processes, the portal's own name."""
    if is_smart_process(type_id):
        return type_names.get(type_id) or _("Smart process %(id)s") % {"id": type_id}
    return kind_of(type_id)


def name_of(entity: Entity) -> str:
    """A label for a card without a name."""
    return _("%(kind)s %(id)s") % {"kind": kind_of(entity.type_id), "id": entity.id}
