"""Languages: choosing the reader's, its translations, and its formats of numbers and times.

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

# The first code of each language: browsers that ask for Portuguese get Brazilian.
NEAREST = {locale.partition("_")[0]: code for code, locale in reversed(LOCALES.items())}
# Subtags of Chinese that imply traditional characters.
TRADITIONAL = {"hant", "tw", "hk", "mo"}

_code: ContextVar[str] = ContextVar("language", default=ENGLISH)


def speak(code: str) -> None:
    """Answer this request in the language of a Bitrix24 code or a language tag."""
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
    """``gettext`` for templates, like Jinja2's extension: sentences are safe, values are escaped."""
    text = _markup(_code.get(), message)
    return text % values if values or "%" in text else text


@cache
def _markup(code: str, message: str) -> Markup:
    """A translated sentence as markup: translations are as safe as templates."""
    return Markup(catalogue(LOCALES[code]).gettext(message))  # noqa: S704


def marked(message: str) -> str:
    """Marks text for translation; it is translated where it is used."""
    return message


def in_every_language(message: str) -> dict[str, str]:
    """A marked text in all languages, by Bitrix24's codes, for portals to show to their readers."""
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
    """A date for use within a sentence; the time zone is the datetime's own.

    Arabic dates contain direction marks, which would break up text of the other direction around them.
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
    """A text normalized for searching: lower case without accents, ``Öztürk`` as ``ozturk``.

    Databases disagree about case: SQLite knows only ASCII.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return ACCENTS.sub("", plain).replace("ı", "i")


def own_name(code: str) -> str:
    """The native name of a language, by Bitrix24's code."""
    name = str(Locale.parse(OWN_NAMES.get(code, LOCALES[code])).get_display_name())
    return name[:1].upper() + name[1:]


def prepare(templates: Environment) -> None:
    """Add translations and formats of numbers and times to the templates."""
    templates.add_extension("jinja2.ext.i18n")
    templates.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    # The extension's own function searches the context for each of a page's many sentences.
    templates.globals["_"] = _gettext_of_template
    templates.filters.update(moment=moment, written=written)


@cache
def catalogue(locale: str) -> NullTranslations:
    """The translations of a locale, read once; the English text is in the code."""
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
    """A language's pattern that combines date and time."""
    return str(get_datetime_format("medium", locale=_parsed(tag))).replace("'", "")


# Cached: formatting is slow, and pages show many times of few days.
@lru_cache(2048)
def _day(tag: str, day: date) -> str:
    return str(format_date(day, "medium", _parsed(tag)))


def _hour(tag: str, hour: time) -> str:
    """A formatted time of day, to the minute to keep the cache small."""
    return _minute(tag, hour.replace(second=0, microsecond=0, tzinfo=None))


@lru_cache(4096)
def _minute(tag: str, minute: time) -> str:
    return str(format_time(minute, "short", locale=_parsed(tag)))


TAB_TITLE = marked("Logbook")


@cache
def tab_titles() -> dict[str, str]:
    """The tab's titles by Bitrix24's codes; portals show each reader the one in their language.

    Computed at first use, since this reads every catalogue.
    """
    return {code: str(catalogue(locale).gettext(TAB_TITLE)) for code, locale in LOCALES.items()}
