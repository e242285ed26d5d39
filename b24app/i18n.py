"""Languages: which one the reader gets, his words, and how numbers and times look to him.

Bitrix24 has codes of its own: ``la`` is Spanish, ``br`` Portuguese, ``ua`` Ukrainian, ``sc`` simplified Chinese.
Adding a language takes a file ``translations/<locale>.po`` and a line in LOCALES.
"""

import io
import re
import unicodedata
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import Environment

LOCALES = {
    "en": "en",
    "de": "de",
    "la": "es",
    "br": "pt_BR",
    "fr": "fr",
    "pl": "pl",
    "it": "it",
    "ru": "ru",
    "ua": "uk",
    "tr": "tr",
    "ar": "ar",
    "sc": "zh_Hans",
    "tc": "zh_Hans",  # traditional characters are not written yet; simplified ones are nearer than English
    "ja": "ja",
}
# Languages that borrow the words of another, by their own locale.
OWN_NAMES = {"tc": "zh_Hant"}
ENGLISH = "en"
ACCENTS = re.compile(r"[\u0300-\u036f]")
CATALOGUES = Path(__file__).parent / "translations"

# The first code of each language: a browser that asks for Portuguese gets Brazilian.
NEAREST = {locale.partition("_")[0]: code for code, locale in reversed(LOCALES.items())}
# Subtags of Chinese that mean traditional characters where the script is not named.
TRADITIONAL = {"hant", "tw", "hk", "mo"}

_code: ContextVar[str] = ContextVar("language", default=ENGLISH)


def speak(code: str) -> None:
    """From here on, answer this request in the language of a Bitrix24 code or, where it is none, of a language tag."""
    code = code.lower()
    _code.set(code if code in LOCALES else nearest(code) or ENGLISH)


def nearest(tag: str) -> str | None:
    """The code of our language that is nearest to a browser's tag, ``zh-TW`` or ``pt``; None where none is near."""
    language, *subtags = tag.lower().replace("_", "-").split("-")
    if language == "zh":
        return "tc" if TRADITIONAL.intersection(subtags) and "hans" not in subtags else "sc"
    return NEAREST.get(language)


def language() -> str:
    """Bitrix24's code of the reader's language."""
    return _code.get()


def language_tag() -> str:
    """As browsers know the language: ``pt-BR``."""
    return LOCALES[_code.get()].replace("_", "-")


def direction() -> str:
    """``rtl`` for languages that are written from right to left."""
    return str(_locale().text_direction)


def gettext(message: str) -> str:
    return str(catalogue(LOCALES[_code.get()]).gettext(message))


def ngettext(singular: str, plural: str, number: int) -> str:
    return str(catalogue(LOCALES[_code.get()]).ngettext(singular, plural, number))


def marked(message: str) -> str:
    """Marks words for the catalogues that are translated later, where they are used."""
    return message


def written(number: int) -> str:
    """A number with the separators of the reader's language."""
    return format_decimal(number, locale=_locale())


def moment(moment: datetime) -> str:
    """Date and time to the minute; the time zone is the datetime's own."""
    locale = _locale()
    frame = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    day, hour = format_date(moment, "medium", locale), format_time(moment, "short", locale=locale)
    return frame.replace("{0}", hour).replace("{1}", day)


def ago(age: timedelta) -> str:
    """How long ago something was, roughly."""
    return str(format_timedelta(-age, add_direction=True, locale=_locale()))


def day(moment: datetime) -> str:
    """The date alone, to stand among other words; the time zone is the datetime's own.

    Arabic dates bear marks of direction, which would tear them apart where the words around them go the other way.
    """
    return str(format_date(moment, "medium", _locale())).replace("\u200f", "")


def zone_of(name: str) -> tzinfo:
    """A time zone by its name or as ``+02:00``; UTC where the portal names none that exists."""
    try:
        if name[:1] in {"+", "-"}:
            return datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo or UTC
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC


def folded(text: str) -> str:
    """A text as every search compares it: without capitals and accents, ``Öztürk`` as ``ozturk``.

    Databases do not agree on capitals: SQLite knows those of ASCII alone, so no search is left to them.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return ACCENTS.sub("", plain).replace("ı", "i")


def own_name(code: str) -> str:
    """What a language of LOCALES calls itself, by Bitrix24's code."""
    name = str(Locale.parse(OWN_NAMES.get(code, LOCALES[code])).get_display_name())
    return name[:1].upper() + name[1:]


def prepare(templates: Environment) -> None:
    """Give the templates their words, numbers and times."""
    templates.add_extension("jinja2.ext.i18n")
    templates.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    templates.filters.update(moment=moment, written=written)


@cache
def catalogue(locale: str) -> NullTranslations:
    """The words of a locale, read once; English ones are those of the code."""
    path = CATALOGUES / f"{locale}.po"
    if locale == ENGLISH or not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale))
    compiled.seek(0)
    return Translations(compiled)


def _locale() -> Locale:
    return Locale.parse(LOCALES[_code.get()])


# What portals write on the tab; a portal takes the title of each reader's language.
TAB_TITLE = marked("Logbook")
TAB_TITLES = {code: str(catalogue(locale).gettext(TAB_TITLE)) for code, locale in LOCALES.items()}
