"""The kinds of CRM entities, their numbers and the placements on their cards.

Docs: https://apidocs.bitrix24.com/api-reference/crm/data-types.html and …/api-reference/widgets/crm/
"""

import re
from dataclasses import dataclass
from enum import StrEnum

ORDER = 14
FIRST_SMART_PROCESS = 128

TYPE_IDS = {"LEAD": 1, "DEAL": 2, "CONTACT": 3, "COMPANY": 4, "QUOTE": 7, "SMART_INVOICE": 31, "ORDER": ORDER}
TYPE_CODES = {type_id: code for code, type_id in TYPE_IDS.items()}

PLACEMENT = re.compile(
    r"CRM_(LEAD|DEAL|CONTACT|COMPANY|QUOTE|ORDER|SMART_INVOICE|DYNAMIC_([1-9][0-9]{0,8}))"
    r"_(?:DETAIL_TAB|DETAIL_ACTIVITY|DETAIL_TOOLBAR|LIST_MENU|ACTIVITY_TIMELINE_MENU|DOCUMENTGENERATOR_BUTTON)",
    re.ASCII,
)


class Menu(StrEnum):
    """The menus in which Logbook may appear, by the end of their placement codes."""

    CARD = "DETAIL_TOOLBAR"
    RECORD = "ACTIVITY_TIMELINE_MENU"
    ROW = "LIST_MENU"


WITHOUT_MENU = {
    Menu.CARD: {ORDER},
    Menu.RECORD: {ORDER, TYPE_IDS["CONTACT"], TYPE_IDS["COMPANY"]},
    Menu.ROW: {ORDER},
}


@dataclass(frozen=True)
class Entity:
    """One card of the CRM: ``type_id`` as in crm.enum.ownertype, ``id`` within that type."""

    type_id: int
    id: int


def type_id_of(placement: str) -> int | None:
    """The entity type of a placement code; None for a placement without one."""
    match = PLACEMENT.fullmatch(placement)
    if not match:
        return None
    return int(match[2]) if match[2] else TYPE_IDS[match[1]]


def tab_of(type_id: int) -> str:
    """The placement code of the tab on the cards of this type, ``CRM_DEAL_DETAIL_TAB``."""
    return f"CRM_{_code_of(type_id)}_DETAIL_TAB"


def button_of(type_id: int) -> str:
    """The placement code of the button above the timeline on the cards of this type."""
    return f"CRM_{_code_of(type_id)}_DETAIL_ACTIVITY"


def is_button(placement: str) -> bool:
    return placement.endswith("_DETAIL_ACTIVITY")


def menu_place(menu: Menu, type_id: int) -> str:
    """The placement code of a menu on the cards of this type, or in their list; empty for a type without it."""
    return "" if type_id in WITHOUT_MENU[menu] else f"CRM_{_code_of(type_id)}_{menu}"


def menu_of(placement: str) -> Menu | None:
    """The menu of a placement code; None for a tab, a button and everything else."""
    return next((menu for menu in Menu if placement.endswith(f"_{menu}")), None)


def is_smart_process(type_id: int) -> bool:
    return type_id >= FIRST_SMART_PROCESS


def _code_of(type_id: int) -> str:
    return TYPE_CODES.get(type_id, f"DYNAMIC_{type_id}")
