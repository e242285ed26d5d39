"""Languages: which one a reader gets, how times look to him, and the tab's title in each.

Bitrix24 has codes of its own: ``la`` is Spanish, ``br`` Portuguese, ``ua`` Ukrainian, ``sc`` simplified Chinese.
"""

from datetime import UTC, datetime, tzinfo
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment

TAB_TITLES = {
    "en": "Logbook",
    "de": "Logbuch",
    "la": "Bitácora",
    "br": "Diário",
    "fr": "Journal",
    "pl": "Dziennik",
    "it": "Diario",
    "ru": "Журнал",
    "ua": "Журнал",
    "tr": "Günlük",
    "ar": "السجل",
    "sc": "日志",
    "tc": "日誌",
    "ja": "記録",
}


catalogue = NullTranslations()
gettext = catalogue.gettext


def zone_of(name: str) -> tzinfo:
    """The reader's time zone, or UTC where the portal names none that exists."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):
        return UTC


def prepare(templates: Environment) -> None:
    """Give the templates their words; there is one language so far, and the catalogue stands ready for more."""
    templates.add_extension("jinja2.ext.i18n")
    templates.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    templates.filters["moment"] = _moment


def _moment(moment: datetime) -> str:
    return format_datetime(moment, "medium", locale="en")
