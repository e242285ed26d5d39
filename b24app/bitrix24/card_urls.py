"""The URLs of cards in portals, and the card that a URL shows.

Docs: none; these URLs were seen in running portals, including on-premise and older ones.
"""

import re

from b24app.bitrix24.entities import ORDER, TYPE_CODES, TYPE_IDS, Entity

# Kinds that have a word in the URL; all others use their number.
NAMED = {"LEAD", "DEAL", "CONTACT", "COMPANY"}
ADDRESS = re.compile(
    r"/(?: crm/(?P<code>lead|deal|contact|company|quote) | type/(?P<type>[1-9][0-9]{0,8}) | shop/(?P<order>orders) )"
    r"/(?:details|show)/(?P<id>[1-9][0-9]{0,17})(?:[/?\#]|$)",
    re.ASCII | re.VERBOSE,
)


def path_of(card: Entity) -> str:
    """The path after the portal's origin, ``/crm/deal/details/5/``."""
    code = TYPE_CODES.get(card.type_id, "")
    kind = f"/crm/{code.lower()}" if code in NAMED else f"/crm/type/{card.type_id}"
    return f"{'/shop/orders' if card.type_id == ORDER else kind}/details/{card.id}/"


def card_at(address: str) -> Entity | None:
    """The card that a URL, or its path, shows; None for any other page."""
    match = ADDRESS.search(address)
    if not match:
        return None
    type_id = ORDER if match["order"] else int(match["type"] or TYPE_IDS[match["code"].upper()])
    return Entity(type_id, int(match["id"]))
