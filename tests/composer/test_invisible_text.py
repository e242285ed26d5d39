"""Invisible text counts as empty in every field."""

import unicodedata

import pytest

from b24app.services import text_rules
from b24app.services.text_rules import TextProblem
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.cards import save, tabs
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline, post

BLANKS = [
    " ",
    "\u200b",
    "\ufeff",
    "\u2060",
    "&nbsp;",
    "&#8203;&ZeroWidthSpace;",
    "\u00ad \u3164",
    "\u2800",
    "\ufe0f\u200d",
]


@pytest.mark.parametrize("blank", BLANKS)
def test_they_are_empty(blank: str) -> None:
    assert text_rules.problem(text_rules.tidied(f"{blank}\r\n{blank}"), 255) == TextProblem.EMPTY
    assert text_rules.one_line(blank) == ""


@pytest.mark.parametrize("words", ["&amp;nbsp;", "a\u200bb", "👩\u200d👩", "\u200e7", ".", "&"])
def test_what_shows_anything_stays_as_it_is(words: str) -> None:
    assert text_rules.tidied(f" {words}\r\n") == words


def test_control_characters_are_those_of_unicode() -> None:
    signs = [chr(number) for number in range(0x3000)]
    control = [sign for sign in signs if unicodedata.category(sign) == "Cc"]
    assert [sign for sign in signs if text_rules.is_control(sign)] == control
    assert [sign for sign in signs if text_rules.problem(f"a{sign}", 2)] == [sign for sign in control if sign != "\n"]


@pytest.mark.parametrize(("has_lines", "problem"), [(True, None), (False, TextProblem.CONTROL)])
def test_line_breaks_are_control_characters_where_there_are_no_lines(
    has_lines: bool, problem: TextProblem | None
) -> None:
    assert text_rules.problem("a\nb", 255, has_lines=has_lines) == problem
    assert text_rules.problem("a\x85b", 255, has_lines=has_lines) == TextProblem.CONTROL


@any_database
@pytest.mark.parametrize("field", ["title", "text"])
def test_an_entry_of_such_words_is_not_posted(installed: Logbook, portal: Portal, field: str) -> None:
    page = post(installed, portal, 1, **{field: "\u200b&nbsp;"})
    assert (page.status, page.outcome, on_timeline(portal)) == (422, "invalid", [])


@any_database
def test_a_tab_with_such_a_title_has_its_usual_one(installed: Logbook, portal: Portal) -> None:
    assert save(Admin(installed, portal), title_en="\u2060").outcome == "saved"
    assert tabs(portal) == ["General", "Logbook"]
