"""Languages: which one the reader gets, its translations, and how it formats numbers and times.

Bitrix24 has codes of its own: ``la`` is Spanish, ``br`` Portuguese, ``ua`` Ukrainian, ``sc`` simplified Chinese.
Adding a language takes a file ``translations/<locale>.po`` and a line in LOCALES.
"""

import io
import re
import unicodedata
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import Environment
from markupsafe import Markup

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
    "tc": "zh_Hans",  # there is no traditional Chinese yet; simplified is closer than English
    "ja": "ja",
}
# Languages that use the translations of another, by their own locale.
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
    """Answer this request in the language of a Bitrix24 code or, if it is none, of a language tag."""
    code = code.lower()
    _code.set(code if code in LOCALES else nearest(code) or ENGLISH)


def nearest(tag: str) -> str | None:
    """The code of our language closest to a browser's tag, ``zh-TW`` or ``pt``; None if there is none."""
    language, *subtags = tag.lower().replace("_", "-").split("-")
    if language == "zh":
        return "tc" if TRADITIONAL.intersection(subtags) and "hans" not in subtags else "sc"
    return NEAREST.get(language)


def language() -> str:
    """Bitrix24's code of the reader's language."""
    return _code.get()


def language_tag() -> str:
    """The language as a tag for browsers: ``pt-BR``."""
    return LOCALES[_code.get()].replace("_", "-")


def direction() -> str:
    """``rtl`` for languages that are written from right to left."""
    return str(_locale().text_direction)


def gettext(message: str) -> str:
    return str(catalogue(LOCALES[_code.get()]).gettext(message))


def ngettext(singular: str, plural: str, number: int) -> str:
    return str(catalogue(LOCALES[_code.get()]).ngettext(singular, plural, number))


def _gettext_of_template(message: str, **values: object) -> Markup:
    """Like the extension: sentences are safe, values are escaped, percent signs are doubled."""
    text = _markup(_code.get(), message)
    return text % values if values or "%" in text else text


@cache
def _markup(code: str, message: str) -> Markup:
    """Translated sentences are as safe as templates; the cache is limited by their number."""
    return Markup(catalogue(LOCALES[code]).gettext(message))  # noqa: S704


def marked(message: str) -> str:
    """Marks text for translation; it is translated where it is used."""
    return message


def in_every_language(message: str) -> dict[str, str]:
    """A marked text by Bitrix24's language codes, for portals that show it to each reader."""
    return {code: str(catalogue(locale).gettext(message)) for code, locale in LOCALES.items()}


def written(number: float) -> str:
    """A number with the separators of the reader's language."""
    return format_decimal(number, locale=_locale())


def money(amount: float, currency: str) -> str:
    """An amount with its currency, by the code of ISO 4217; for use within a sentence, like ``day``."""
    return str(format_currency(amount, currency, locale=_locale())).replace("\u200f", "")


def moment(moment: datetime) -> str:
    """Date and time to the minute; the time zone is the datetime's own."""
    tag = LOCALES[_code.get()]
    return _frame(tag).replace("{0}", _hour(tag, moment.time())).replace("{1}", _day(tag, moment.date()))


def ago(age: timedelta) -> str:
    """How long ago something was, roughly."""
    return str(format_timedelta(-age, add_direction=True, locale=_locale()))


def day(moment: datetime) -> str:
    """The date alone, for use within a sentence; the time zone is the datetime's own.

    Arabic dates contain direction marks, which would break them up within text of the other direction.
    """
    return _day(LOCALES[_code.get()], moment.date()).replace("\u200f", "")


def zone_of(name: str) -> tzinfo:
    """A time zone by its name or as ``+02:00``; UTC if there is none with that name."""
    try:
        if name[:1] in {"+", "-"}:
            return datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo or UTC
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC


def folded(text: str) -> str:
    """A text normalized for searching: without case and accents, ``Öztürk`` as ``ozturk``.

    Searches are not left to databases, which disagree about case: SQLite only knows ASCII.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return ACCENTS.sub("", plain).replace("ı", "i")


def own_name(code: str) -> str:
    """The native name of each language of LOCALES, by Bitrix24's code."""
    name = str(Locale.parse(OWN_NAMES.get(code, LOCALES[code])).get_display_name())
    return name[:1].upper() + name[1:]


def prepare(templates: Environment) -> None:
    """Give the templates translations, numbers and times."""
    templates.add_extension("jinja2.ext.i18n")
    templates.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    # The extension's own function walks the context again for each of a page's dozens of sentences.
    templates.globals["_"] = _gettext_of_template
    templates.filters.update(moment=moment, written=written)


@cache
def catalogue(locale: str) -> NullTranslations:
    """The translations of a locale, read once; English text is in the code."""
    path = CATALOGUES / f"{locale}.po"
    if locale == ENGLISH or not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale))
    compiled.seek(0)
    return Translations(compiled)


def _locale() -> Locale:
    return _parsed(LOCALES[_code.get()])


@cache
def _parsed(tag: str) -> Locale:
    return Locale.parse(tag)


@cache
def _frame(tag: str) -> str:
    """The pattern that combines date and time."""
    return str(get_datetime_format("medium", locale=_parsed(tag))).replace("'", "")


# Cached, since formatting is slow and a page shows many times of few days.
@lru_cache(2048)
def _day(tag: str, day: date) -> str:
    return str(format_date(day, "medium", _parsed(tag)))


def _hour(tag: str, hour: time) -> str:
    """To the minute, to limit their number."""
    return _minute(tag, hour.replace(second=0, microsecond=0, tzinfo=None))


@lru_cache(4096)
def _minute(tag: str, minute: time) -> str:
    return str(format_time(minute, "short", locale=_parsed(tag)))


TAB_TITLE = marked("Logbook")


@cache
def tab_titles() -> dict[str, str]:
    """The titles of the tab by Bitrix24's code; a portal shows the one in each reader's language.

    Made at first use, since it reads every catalogue.
    """
    return {code: str(catalogue(locale).gettext(TAB_TITLE)) for code, locale in LOCALES.items()}
