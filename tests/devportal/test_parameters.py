"""Parameters are read as PHP reads them."""

import string
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devportal.apps.events import flattened
from devportal.rest.parameters import is_true, of_json, parse_brackets, to_integer

NAMES = st.text(string.ascii_letters + "_", min_size=1, max_size=6)
TEXTS = st.text(max_size=10)
TREES = st.recursive(TEXTS, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=8)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a=1&b=", {"a": "1", "b": ""}),
        ("fields[TITLE]=x&fields[PHONE][0][VALUE]=1", {"fields": {"TITLE": "x", "PHONE": [{"VALUE": "1"}]}}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[5]=x", {"a": {"5": "x"}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=1&a=2", {"a": "2"}),
        ("a%5Bb%5D=caf%C3%A9", {"a": {"b": "café"}}),
        ("a[b=1", {"a[b": "1"}),
        ("[x]=1", {"[x]": "1"}),
        ("a[b]c=1", {"a": {"b": "1"}}),
    ],
)
def test_bracket_keys_become_nested_values(query: str, expected: dict[str, Any]) -> None:
    assert parse_brackets(query) == expected


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_what_is_flattened_to_brackets_comes_back_whole(values: dict[str, Any]) -> None:
    pairs = [pair for name, value in values.items() for pair in flattened(name, value).items()]
    assert parse_brackets(urlencode(pairs)) == values


@given(st.text())
def test_no_query_makes_the_parser_fail(text: str) -> None:
    parse_brackets(text)
    parse_brackets(f"a{text}=1&a[{text}]=2")


def test_nesting_without_end_is_cut_off() -> None:
    assert parse_brackets("a" + "[b]" * 5_000 + "=1")


@given(st.binary(max_size=40))
def test_broken_json_is_an_empty_body(body: bytes) -> None:
    assert isinstance(of_json(body), dict)


@pytest.mark.parametrize(
    ("value", "number"), [(5, 5), ("5", 5), (" 7 ", 7), ("-1", -1), ("", None), ("8061abc", None), ("1e9", None)]
)
def test_whole_numbers_come_as_numbers_or_digits(value: object, number: int | None) -> None:
    assert to_integer(value) == number


@pytest.mark.parametrize("value", ["1", "false", "Y", 1, True, ["x"]])
def test_anything_but_emptiness_is_true_even_the_word_false(value: object) -> None:
    assert is_true(value)


@pytest.mark.parametrize("value", ["", "0", 0, None, False, [], {}])
def test_emptiness_is_false(value: object) -> None:
    assert not is_true(value)
