"""Formats the values of card fields for readers. Pure.

Docs: https://apidocs.bitrix24.com/api-reference/data-types.html and …/api-reference/crm/universal/crm-item-get.html
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from b24app import i18n
from b24app.bitrix24.calls import Json, as_flag, as_map, as_rows
from b24app.bitrix24.fields import CardField
from b24app.i18n import gettext as _
from b24app.services.access.people import shown_name

# Amounts, by the field that has their currency.
AMOUNTS = {
    **dict.fromkeys(("opportunity", "taxvalue", "revenue"), "currencyid"),
    **dict.fromkeys(("opportunityaccount", "taxvalueaccount"), "accountcurrencyid"),
}
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
# The markup of comments.
MARKUP = re.compile(
    r"</?[a-z][^<>]*>"
    r"|\[/?(?:p|b|i|u|s|url|img|list|quote|code|color|size|font|left|center|right|justify|table|tr|td|th|user|\*)"
    r"(?:=[^\[\]]*)?\]",
    re.IGNORECASE,
)
# The most values read of each field; the rest would be cut off anyway.
MOST_VALUES = 20
LONGEST_COMMENT = 20_000


@dataclass(frozen=True)
class Around:
    """What formatting needs: the reader's zone, the card's other fields, people's names by number, and the portal's
    names for codes and cards, by field. Field names are in lower case."""

    zone: tzinfo
    item: Mapping[str, Json]
    people: Mapping[int, str]
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """One value of a field; ``days`` are added to a date."""

    of: CardField
    json: Json
    days: int
    around: Around


def in_words(described: CardField, days: int, around: Around) -> str | None:
    """A field's value as text; empty if the field is empty, None if the value cannot be written as text."""
    given = around.item.get(described.name.lower())
    values = as_rows(given)[:MOST_VALUES] if isinstance(given, list) or described.is_multiple else [given]
    words = [_in_words(Value(described, value, days, around)) for value in values]
    said = [one for one in words if one]
    return None if None in words else ", ".join(said)


def _in_words(value: Value) -> str | None:
    if value.json in (None, "") or (value.json in (0, "0") and _is_reference(value.of.type)):
        return ""
    return WORDS.get(value.of.type, _plain)(value)


def _is_reference(type_name: str) -> bool:
    """Whether the type's zero stands for an empty value."""
    return type_name.startswith("crm_") or type_name in {"user", "employee", "enumeration"}


def _plain(value: Value) -> str | None:
    return None if isinstance(value.json, dict | list) else str(value.json)


def _text(value: Value) -> str | None:
    """A text; comments lose their markup."""
    return MARKUP.sub(" ", str(value.json)[:LONGEST_COMMENT])


def _flag(value: Value) -> str:
    return _("Yes") if as_flag(value.json) or value.json == "true" else _("No")


def _day(value: Value) -> str | None:
    """A date; it has no time zone."""
    moment = _later(value)
    return i18n.day(moment) if moment else None


def _moment(value: Value) -> str | None:
    moment = _later(value)
    # Direction marks would break up the text around them, as in i18n.day.
    return i18n.moment(moment.astimezone(value.around.zone)).replace("\u200f", "") if moment else None


def _later(value: Value) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value.json)) + timedelta(days=value.days)
        moment.astimezone(value.around.zone)
    except (ValueError, OverflowError):
        return None
    return moment


def _number(value: Value) -> str | None:
    amount = _finite(value.json)
    if amount is None:
        return _plain(value)
    currency = value.around.item.get(AMOUNTS.get(value.of.name.lower(), ""))
    return _amount(amount, str(currency or ""))


def _money(value: Value) -> str | None:
    """An amount with its currency, ``300|EUR``."""
    number, _bar, currency = str(value.json).partition("|")
    amount = _finite(number)
    return _plain(value) if amount is None else _amount(amount, currency)


def _amount(amount: float, currency: str) -> str:
    return i18n.money(amount, currency) if CURRENCY.fullmatch(currency) else i18n.written(amount)


def _finite(number: Json) -> float | None:
    try:
        amount = float(number)
    except (TypeError, ValueError, OverflowError):
        return None
    return amount if math.isfinite(amount) and abs(amount) < 1e18 else None


def _person(value: Value) -> str | None:
    """A person's name; we cannot read the names of people who have never opened Logbook."""
    number = str(value.json)
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return _plain(value)
    return value.around.people.get(int(number)) or shown_name("", int(number))


def _choice(value: Value) -> str | None:
    code = str(value.json)
    return value.of.choices.get(code) or value.around.names.get(value.of.name.lower(), {}).get(code) or _plain(value)


def _card(value: Value) -> str | None:
    name = value.around.names.get(value.of.name.lower(), {}).get(str(value.json))
    return name or (None if isinstance(value.json, dict | list) else f"#{value.json}")


def _address(value: Value) -> str | None:
    """An address, without the number of a place on the map."""
    return str(value.json).partition("|")[0]


def _contact(value: Value) -> str | None:
    """A telephone number, e-mail address or the like."""
    return str(as_map(value.json).get("value") or as_map(value.json).get("VALUE") or "")


WORDS: Mapping[str, Callable[[Value], str | None]] = {
    **dict.fromkeys(("boolean", "char"), _flag),
    **dict.fromkeys(("user", "employee"), _person),
    **dict.fromkeys(("enumeration", "crm_status"), _choice),
    **dict.fromkeys(("crm_company", "crm_contact", "crm_lead", "crm_deal", "crm_quote", "crm_entity"), _card),
    "date": _day,
    "datetime": _moment,
    "double": _number,
    "money": _money,
    "text": _text,
    "address": _address,
    "crm_multifield": _contact,
}
