"""Where Logbook appears in a portal, as chosen by its administrators: tabs, buttons, menus, and the tab's title."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from b24app.bitrix24.entities import Menu, is_smart_process
from b24app.i18n import LOCALES, tab_titles
from b24app.services import text_rules
from b24app.services.settings import settings
from b24app.services.settings.settings import Section
from b24app.services.text_rules import TextProblem

LONGEST_TITLE = 50


class Button(enum.StrEnum):
    """What the button above the timeline opens: nothing, our page, or a form drawn by the portal."""

    NONE = "none"
    PAGE = "page"
    NATIVE = "native"


@dataclass(frozen=True)
class Choices:
    """``tabs`` and ``buttons`` by entity type; ``titles`` of the administrators' own, by Bitrix24's language codes.

    ``is_following``: smart processes without a choice get the tab. ``menus`` apply to all kinds of cards that have the
    tab or the button.
    """

    tabs: Mapping[int, bool] = field(default_factory=dict)
    buttons: Mapping[int, Button] = field(default_factory=dict)
    is_following: bool = True
    titles: Mapping[str, str] = field(default_factory=dict)
    menus: frozenset[Menu] = frozenset()

    def has_tab(self, type_id: int) -> bool:
        return self.tabs.get(type_id, self.is_following or not is_smart_process(type_id))

    def button(self, type_id: int) -> Button:
        return self.buttons.get(type_id, Button.NONE)

    def has_menu(self, menu: Menu, type_id: int) -> bool:
        return menu in self.menus and (self.has_tab(type_id) or self.button(type_id) != Button.NONE)

    def all_titles(self) -> dict[str, str]:
        """The tab's title in each language: the administrators' own or ours."""
        return {**tab_titles(), **self.titles}

    def as_json(self) -> dict[str, Any]:
        return {
            "tabs": {str(type_id): is_on for type_id, is_on in sorted(self.tabs.items())},
            "buttons": {str(type_id): _saved(button) for type_id, button in sorted(self.buttons.items())},
            "is_following": self.is_following,
            "titles": dict(self.titles),
            # Left out if empty, so that older settings stay as they were saved.
            **({"menus": sorted(self.menus)} if self.menus else {}),
        }


def read(session: Session, portal_id: int) -> Choices:
    """The current choices, or the defaults; and the version."""
    return of_json(settings.read(session, portal_id, Section.PLACES).choices)


def of_json(chosen: dict[str, Any] | None) -> Choices:
    chosen = chosen or {}
    return Choices(
        tabs=_by_number(chosen.get("tabs")),
        buttons={int(type_id): _button(saved) for type_id, saved in (chosen.get("buttons") or {}).items()},
        is_following=bool(chosen.get("is_following", True)),
        titles={code: str(title) for code, title in (chosen.get("titles") or {}).items() if code in LOCALES},
        menus=frozenset(menu for menu in Menu if menu in (chosen.get("menus") or [])),
    )


def _saved(button: Button) -> bool | str:
    """The saved form of a button's choice; older versions take anything but none for a page."""
    return button.value if button == Button.NATIVE else button == Button.PAGE


def _button(saved: object) -> Button:
    if saved == Button.NATIVE:
        return Button.NATIVE
    return Button.PAGE if saved else Button.NONE


def problems(titles: Mapping[str, str]) -> dict[str, TextProblem]:
    """The problems of trimmed titles: long or control, by language code."""
    found = {code: text_rules.problem(title, LONGEST_TITLE, has_lines=False) for code, title in titles.items() if title}
    return {code: problem for code, problem in found.items() if problem}


def _by_number(switches: Mapping[str, Any] | None) -> dict[int, bool]:
    return {int(type_id): bool(is_on) for type_id, is_on in (switches or {}).items()}
