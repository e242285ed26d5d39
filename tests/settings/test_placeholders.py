"""Placeholders: filled in once, with any values."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app import i18n
from b24app.services.settings import placeholders
from b24app.services.settings.placeholders import LONGEST, Placeholder
from b24app.services.settings.templates import Template, problems

VALUES = {"card": "Two ovens", "number": "17", "author": "Ben Okafor", "today": "Nov 22, 2026"}
MORE = ["today+3", "responsible", "company", "field.opportunity", "field.closedate-7"]
ANYTHING = st.fixed_dictionaries({name: st.text(max_size=600) for name in [*VALUES, *MORE]})
WRITTEN = [f"{{{name}}}" for name in [*VALUES, *MORE]]
PARTS = st.sampled_from([*WRITTEN, "{{", "}}", "plain", " ", "{ Card }", "{field.no}"])


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("{card}, no. {number}: {author}, {today}", "Two ovens, no. 17: Ben Okafor, Nov 22, 2026"),
        ("{ Card }{NUMBER}", "Two ovens17"),
        ("{{card}} is {card}", "{card} is Two ovens"),
        ("{{{card}}}", "{Two ovens}"),
        ("}}{{", "}{"),
        ("no braces", "no braces"),
        ("{today + 3}{TODAY+3}", "Nov 25, 2026Nov 25, 2026"),
        ("{Field.Opportunity} by {field.closeDate}", "€5 by {field.closeDate}"),
    ],
)
def test_they_are_filled_in_and_doubled_braces_are_braces(written: str, filled: str) -> None:
    assert placeholders.problem(written) == ""
    more = {"today+3": "Nov 25, 2026", "field.opportunity": "€5"}
    assert placeholders.fill(written, {**VALUES, **more}, "text") == filled


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{card} {name}", "{name}"),
        ("{}", "{}"),
        ("{card.title}", "{card.title}"),
        ("{card+3}", "{card+3}"),
        ("{today+99999}", "{today+99999}"),
        ("{today+}", "{today+}"),
        ("{field.}", "{field.}"),
        ("{field.1}", "{field.1}"),
        ("{field." + "x" * 200 + "}", "{field." + "x" * 200 + "}"),
        ("{card", "brace"),
        ("card}", "brace"),
        ("{card {number}", "brace"),
    ],
)
def test_what_is_none_is_named(written: str, problem: str) -> None:
    assert placeholders.problem(written) == problem


def test_those_inside_values_are_words_like_others() -> None:
    card = "{author} {{today}} {number}"
    assert placeholders.fill("{card}", {**VALUES, "card": card, "author": "{card}"}, "text") == card
    assert placeholders.fill("{author}", {**VALUES, "card": card, "author": "{card}"}, "text") == "{card}"


@pytest.mark.parametrize(
    ("name", "filled"),
    [
        ("👩‍👩‍👧 Müller e\u0301", "👩‍👩‍👧 Müller e\u0301"),
        ("\u202eabc\u2066", "abc"),
        ("مخبز", "مخبز"),
        ("one\ntwo\tthree\x00", "one two three"),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_a_name_leaves_the_words_around_it_alone(name: str, filled: str) -> None:
    assert placeholders.fill("a {card} b", {"card": name}, "text") == f"a {filled} b"


def test_a_long_name_is_cut_in_a_title() -> None:
    filled = placeholders.fill("{card}", {"card": "x" * 255}, "title")
    assert (len(filled), filled[-1]) == (100, "…")
    assert placeholders.fill("{card}", {"card": "x" * 255}, "text") == "x" * 255


@given(st.lists(PARTS).map("".join), ANYTHING, st.sampled_from(["title", "text"]))
def test_what_may_be_saved_can_be_posted_whatever_the_names(written: str, values: dict[str, str], field: str) -> None:
    words: dict[str, Any] = {"text": "x", field: written.strip()}
    template = Template("id", "Name", **words)
    if not problems(template, [], []):
        filled = placeholders.fill(written, values, field)
        assert len(filled) <= {"title": 255, "text": 10_000}[field]
        assert not any(ord(sign) < 32 for sign in filled)


def test_a_title_has_room_for_what_every_card_has_at_once() -> None:
    assert sum(LONGEST["title"][name] for name in VALUES) < 255


def test_text_that_is_escaped_comes_out_as_it_was() -> None:
    text = "{card} {{x}} } {"
    assert placeholders.fill(placeholders.escaped(text), VALUES, "text") == text


def test_days_around_today_are_counted_in_the_readers_language_and_zone() -> None:
    i18n.speak("de")
    late = datetime(2026, 12, 31, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    wanted = [Placeholder("today"), Placeholder("today", days=1), Placeholder("today", days=-365), Placeholder("card")]
    assert placeholders.days(wanted, late) == {
        "today": "31.12.2026",
        "today+1": "01.01.2027",
        "today-365": "31.12.2025",
    }
    assert placeholders.days([Placeholder("today", days=-9999)], late).keys() == {"today-9999"}
    i18n.speak("en")
