"""Formatting the values of a card's fields, whatever a portal stores in them."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app import i18n
from b24app.bitrix24.fields import CardField
from b24app.services.settings.field_values import WORDS, Around, in_words

CHOICES = {"79": "Gold", "80": "Silver"}
TYPES = [*WORDS, "string", "integer", "url", "something-new"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)


def words(type_name: str, value: Any, *, days: int = 0, name: str = "x", **item: Any) -> str | None:
    described = CardField(name, type_name, "X", choices=CHOICES)
    names = {name: {"NEW": "Just begun", "4": "Vetro Glassworks"}}
    zone = ZoneInfo("America/New_York")
    around = Around(zone, {name.lower(): value, **item}, {7: "Ben Okafor"}, names)
    return in_words(described, days, around)


@pytest.mark.parametrize(
    ("type_name", "value", "said"),
    [
        ("string", "Two ovens", "Two ovens"),
        ("integer", 4711, "4711"),
        ("integer", 0, "0"),
        ("double", 1234.5, "1,234.5"),
        ("double", "18400.00", "18,400"),
        ("double", "a lot", "a lot"),
        ("money", "1300|RUB", "RUB1,300.00"),
        ("money", "1300.5|EUR", "€1,300.50"),
        ("money", "1300", "1,300"),
        ("boolean", "Y", "Yes"),
        ("boolean", False, "No"),
        ("boolean", 1, "Yes"),
        ("date", "2026-03-08T03:00:00+03:00", "Mar 8, 2026"),
        ("datetime", "2026-03-08T03:00:00+03:00", "Mar 7, 2026, 7:00 PM"),
        ("datetime", "yesterday", None),
        ("user", 7, "Ben Okafor"),
        ("employee", "7", "Ben Okafor"),
        ("user", 12, "User 12"),
        ("user", 0, ""),
        ("enumeration", "79", "Gold"),
        ("enumeration", 80, "Silver"),
        ("enumeration", "81", "81"),
        ("crm_status", "NEW", "Just begun"),
        ("crm_status", "GONE", "GONE"),
        ("crm_company", 4, "Vetro Glassworks"),
        ("crm_company", 5, "#5"),
        ("crm_company", 0, ""),
        ("text", "[p][b]Call[/b] back[/p]<br>[urgent]", "Call  back  [urgent]"),
        ("address", "5 Rue de Rivoli|48.8;2.3|17", "5 Rue de Rivoli"),
        ("url", "https://example.com/", "https://example.com/"),
        ("string", {"a": "b"}, None),
        ("string", None, ""),
        ("string", "", ""),
    ],
)
def test_each_type_has_its_words(type_name: str, value: Any, said: str | None) -> None:
    i18n.speak("en")
    told = words(type_name, value)
    assert (told and told.replace("\xa0", " ").replace("\u202f", " ").strip()) == said


def test_several_values_are_a_list_of_words() -> None:
    i18n.speak("en")
    assert words("enumeration", ["79", "80", ""]) == "Gold, Silver"
    assert words("user", {"3": 7, "5": 12}) is None
    assert words("date", ["2026-01-01", "2026-01-02"], days=1) == "Jan 2, 2026, Jan 3, 2026"
    assert words("string", []) == ""
    assert words("crm_multifield", [{"typeId": "PHONE", "value": "+49 30 5550"}, {"VALUE": "a@b.c"}]) == (
        "+49 30 5550, a@b.c"
    )


def test_an_amount_has_the_currency_of_its_card() -> None:
    i18n.speak("de")
    assert words("double", 18400, name="opportunity", currencyid="EUR") == "18.400,00\xa0€"
    assert words("double", 18400, name="opportunity", currencyid="€€€") == "18.400"
    i18n.speak("ar")
    assert "\u200f" not in (words("money", "300|EUR") or "")
    i18n.speak("en")


@pytest.mark.parametrize(("days", "said"), [(3, "Nov 30, 2026"), (-27, "Oct 31, 2026"), (0, "Nov 27, 2026")])
def test_days_are_added_to_dates(days: int, said: str) -> None:
    i18n.speak("en")
    assert words("date", "2026-11-27", days=days) == said


def test_beyond_the_end_of_all_years_there_is_no_day() -> None:
    assert words("date", "9999-12-31", days=1) is None
    assert words("datetime", "0001-01-01T00:00:00+14:00") is None


@given(value=ANYTHING)
def test_whatever_a_portal_answers_there_are_words_or_none(value: Any) -> None:
    for type_name in TYPES:
        described = CardField("x", type_name, "X", is_multiple=True)
        for item in ({"x": value}, {"x": [value]}):
            said = in_words(described, 1, Around(UTC, item, {}))
            assert said is None or isinstance(said, str), type_name
