"""What people call the cards on which they write."""

from b24app.bitrix24.entities import TYPE_CODES, Entity
from b24app.i18n import gettext as _


def kind_of(type_id: int) -> str:
    """What people call this kind of card."""
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


def name_of(entity: Entity) -> str:
    """A card without a name of its own."""
    return _("%(kind)s %(id)s") % {"kind": kind_of(entity.type_id), "id": entity.id}
