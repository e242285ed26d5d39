"""The kinds of cards: their numbers, codes, names and addresses."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_DYNAMIC_ID = 128


@dataclass(frozen=True)
class Kind:
    """A kind of card; `slug` is its part of URLs."""

    entity_type_id: int
    code: str
    short: str
    name: str
    plural: str
    slug: str
    has_item_methods: bool = True

    @property
    def list_path(self) -> str:
        return f"{self.slug}/list/"

    def card_path(self, entity_id: int) -> str:
        return f"{self.slug}/details/{entity_id}/"


FIXED = (
    Kind(1, "LEAD", "L", "Lead", "Leads", "/crm/lead"),
    Kind(2, "DEAL", "D", "Deal", "Deals", "/crm/deal"),
    Kind(3, "CONTACT", "C", "Contact", "Contacts", "/crm/contact"),
    Kind(4, "COMPANY", "CO", "Company", "Companies", "/crm/company"),
    Kind(7, "QUOTE", "Q", "Estimate", "Estimates", "/crm/type/7"),
    Kind(31, "SMART_INVOICE", "SI", "Invoice", "Invoices", "/crm/type/31"),
    Kind(14, "ORDER", "O", "Order", "Orders", "/shop/orders", has_item_methods=False),
)
FIXED_BY_ID = {kind.entity_type_id: kind for kind in FIXED}

# Named by crm.enum.ownertype, without cards in this portal.
NAMED_ONLY = (
    Kind(5, "INVOICE", "I", "Invoice (old version)", "", "", has_item_methods=False),
    Kind(8, "REQUISITE", "RQ", "Details", "", "", has_item_methods=False),
    Kind(36, "SMART_DOCUMENT", "DO", "Document", "", ""),
    Kind(39, "SMART_B2E_DOC", "SBD", "HR document", "", ""),
)


def dynamic_kind(entity_type_id: int, title: str) -> Kind:
    return Kind(
        entity_type_id,
        f"DYNAMIC_{entity_type_id}",
        f"T{entity_type_id:x}",
        title,
        title,
        f"/crm/type/{entity_type_id}",
    )
