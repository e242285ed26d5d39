"""Answers to composer.js: less than the page, but everything that the script needs."""

import pytest

from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page

pytestmark = any_database

ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
TAKEN = (
    *("[data-outcome]", "[data-slot=outcome]", "[data-slot=history]", ".form-end [data-words]"),
    *("#title-error", "#text-error", "#icon-error", "input[name=session]", "input[name=form_key]", "#title", "#text"),
)


def open_tab(logbook: Logbook, portal: Portal) -> Page:
    return logbook.send(portal.frame(portal.employee))


def said(page: Page) -> str:
    return page.one("[data-outcome]").get_text(" ", strip=True)


def test_a_post_by_script_is_answered_with_what_changes(installed: Logbook, portal: Portal) -> None:
    form = open_tab(installed, portal).form
    answer = installed.post_by_script(form, **WORDS)
    assert (answer.status, answer.outcome) == (200, "posted")
    assert [part for part in TAKEN if not answer.soup.select_one(part)] == []
    assert answer.form["form_key"] != form["form_key"]
    assert "Called" in answer.history[0].get_text()
    assert answer.icons == ["comment"]
    assert len(answer.text) < len(open_tab(installed, portal).text) / 4


@pytest.mark.parametrize("words", [{"title": ""}, {"text": "x" * 10_001}, {"icon": "no-such"}])
def test_problems_are_shown_as_on_the_whole_page(installed: Logbook, portal: Portal, words: dict[str, str]) -> None:
    form = open_tab(installed, portal).form
    whole, parts = (post(form, **{**WORDS, **words}) for post in (installed.post, installed.post_by_script))
    assert (parts.status, parts.outcome, said(parts)) == (whole.status, whole.outcome, said(whole))
    for name in ("title", "text", "icon"):
        assert parts.one(f"#{name}-error").get_text() == whole.one(f"#{name}-error").get_text()
    assert {name: parts.form[name] for name in ("title", "text")} == {
        name: whole.form[name] for name in ("title", "text")
    }


def test_a_refused_entry_comes_back_with_its_words(installed: Logbook, portal: Portal) -> None:
    form = open_tab(installed, portal).form
    portal.faults.refuse("ACCESS_DENIED", ADD)
    answer = installed.post_by_script(form, **WORDS)
    assert (answer.status, answer.outcome) == (403, "refused")
    assert (answer.form["title"], answer.form["text"]) == (WORDS["title"], WORDS["text"])


def test_a_form_that_is_too_old_says_so_to_a_script_too(installed: Logbook) -> None:
    answer = installed.post_by_script({"session": "old", "form_key": "k"}, **WORDS)
    assert (answer.status, answer.outcome) == (401, "expired")
    assert answer.form["text"] == WORDS["text"]
