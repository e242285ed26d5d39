"""Placeholders: filled in once, by values that may hold anything."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.services.settings import placeholders
from b24app.services.settings.placeholders import LONGEST, Values
from b24app.services.settings.templates import Template, problems

VALUES = Values(card="Two ovens", number="17", author="Ben Okafor", today="Nov 22, 2026")
ANYTHING = st.builds(Values, *[st.text(max_size=400)] * 4)
PARTS = st.sampled_from(["{card}", "{number}", "{author}", "{today}", "{{", "}}", "plain", " ", "{ Card }"])


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("{card}, no. {number}: {author}, {today}", "Two ovens, no. 17: Ben Okafor, Nov 22, 2026"),
        ("{ Card }{NUMBER}", "Two ovens17"),
        ("{{card}} is {card}", "{card} is Two ovens"),
        ("{{{card}}}", "{Two ovens}"),
        ("}}{{", "}{"),
        ("no braces", "no braces"),
    ],
)
def test_they_are_filled_in_and_doubled_braces_are_braces(written: str, filled: str) -> None:
    assert placeholders.problem(written) == ""
    assert placeholders.fill(written, VALUES, "text") == filled


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{card} {name}", "{name}"),
        ("{}", "{}"),
        ("{card.title}", "{card.title}"),
        ("{card", "brace"),
        ("card}", "brace"),
        ("{card {number}", "brace"),
    ],
)
def test_what_is_none_is_named(written: str, problem: str) -> None:
    assert placeholders.problem(written) == problem


def test_those_inside_values_are_words_like_others() -> None:
    card = "{author} {{today}} {number}"
    assert placeholders.fill("{card}", Values(card, "1", "{card}", "{today}"), "text") == card
    assert placeholders.fill("{author}", Values(card, "1", "{card}", "{today}"), "text") == "{card}"


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
    assert placeholders.fill("a {card} b", Values(name, "1", "x", "x"), "text") == f"a {filled} b"


def test_a_long_name_is_cut_in_a_title() -> None:
    filled = placeholders.fill("{card}", Values("x" * 255, "1", "x", "x"), "title")
    assert (len(filled), filled[-1]) == (100, "…")
    assert placeholders.fill("{card}", Values("x" * 255, "1", "x", "x"), "text") == "x" * 255


@given(st.lists(PARTS).map("".join), ANYTHING, st.sampled_from(["title", "text"]))
def test_what_may_be_saved_can_be_posted_whatever_the_names(written: str, values: Values, field: str) -> None:
    words: dict[str, Any] = {"text": "x", field: written.strip()}
    template = Template("id", "Name", **words)
    if not problems(template, [], []):
        filled = placeholders.fill(written, values, field)
        assert len(filled) <= {"title": 255, "text": 10_000}[field]
        assert not any(ord(sign) < 32 for sign in filled)


def test_a_title_has_room_for_all_of_them_at_once() -> None:
    assert sum(LONGEST["title"].values()) < 255
