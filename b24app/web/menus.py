"""The names of the menus in which Logbook may appear."""

from b24app.bitrix24.entities import Menu
from b24app.i18n import gettext as _


def name(menu: Menu) -> str:
    names = {
        Menu.CARD: _("Menu of the card"),
        Menu.RECORD: _("Menu of an activity"),
        Menu.ROW: _("Menu of a row in lists"),
    }
    return names[menu]


def explanation(menu: Menu) -> str:
    """What Logbook's item in a menu is for, in one sentence."""
    sentences = {
        Menu.CARD: _("Opens Logbook over the card, from the menu at its top."),
        Menu.RECORD: _("Opens Logbook from an activity on the timeline, with the activity's subject as the title."),
        Menu.ROW: _("Opens Logbook for one row of a list, without opening its card."),
    }
    return sentences[menu]
