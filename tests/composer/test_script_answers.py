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


def said(page: Page) -> str:
    return page.one("[data-outcome]").get_text(" ", strip=True)


def test_a_post_by_script_is_answered_with_what_changes(installed: Logbook, portal: Portal) -> None:
    form = installed.open_tab(portal).form
    answer = installed.post_by_script(form, **WORDS)
    assert (answer.status, answer.outcome) == (200, "posted")
    assert [part for part in TAKEN if not answer.soup.select_one(part)] == []
    assert answer.form["form_key"] != form["form_key"]
    assert "Called" in answer.history[0].get_text()
    assert answer.icons == ["comment"]
    assert len(answer.text) < len(installed.open_tab(portal).text) / 4


def titles(page: Page) -> list[str]:
    return [entry.select_one("[data-part=title]").get_text() for entry in page.history]  # type: ignore[union-attr]


def test_it_gets_only_the_entries_that_its_page_does_not_show(installed: Logbook, portal: Portal) -> None:
    installed.post_by_script(installed.open_tab(portal).form, **WORDS)
    form = installed.open_tab(portal).form
    first = installed.post_by_script(form, **{**WORDS, "title": "First"})
    assert titles(first) == ["First"]
    second = installed.post_by_script({**form, **first.form}, **{**WORDS, "title": "Second"})
    assert titles(second) == ["Second"]
    assert titles(installed.post(form, **{**WORDS, "title": "Whole"})) == ["Whole", "Second", "First", "Called"]


def test_an_entry_that_got_its_number_late_is_among_them(installed: Logbook, portal: Portal) -> None:
    form = installed.open_tab(portal).form
    portal.faults.reset(ADD, processed=True, times=1)
    portal.faults.refuse("INTERNAL_SERVER_ERROR", "crm.timeline.logmessage.list")
    lost = installed.post_by_script(form, **{**WORDS, "title": "Lost"})
    assert lost.outcome == "queued"
    newer = installed.post_by_script({**form, **lost.form}, **{**WORDS, "title": "Newer"})
    portal.faults.clear()
    installed.pass_time(3600)
    installed.work()
    latest = installed.post_by_script({**form, **newer.form}, **{**WORDS, "title": "Latest"})
    assert titles(latest) == ["Latest", "Lost"]


@pytest.mark.parametrize("words", [{"title": ""}, {"text": "x" * 10_001}, {"icon": "no-such"}])
def test_problems_are_shown_as_on_the_whole_page(installed: Logbook, portal: Portal, words: dict[str, str]) -> None:
    form = installed.open_tab(portal).form
    whole, parts = (post(form, **{**WORDS, **words}) for post in (installed.post, installed.post_by_script))
    assert (parts.status, parts.outcome, said(parts)) == (whole.status, whole.outcome, said(whole))
    for name in ("title", "text", "icon"):
        assert parts.one(f"#{name}-error").get_text() == whole.one(f"#{name}-error").get_text()
    assert {name: parts.form[name] for name in ("title", "text")} == {
        name: whole.form[name] for name in ("title", "text")
    }


def test_a_refused_entry_comes_back_with_its_words(installed: Logbook, portal: Portal) -> None:
    form = installed.open_tab(portal).form
    portal.faults.refuse("ACCESS_DENIED", ADD)
    answer = installed.post_by_script(form, **WORDS)
    assert (answer.status, answer.outcome) == (403, "refused")
    assert (answer.form["title"], answer.form["text"]) == (WORDS["title"], WORDS["text"])


def test_a_form_that_is_too_old_says_so_to_a_script_too(installed: Logbook) -> None:
    answer = installed.post_by_script({"session": "old", "form_key": "k"}, **WORDS)
    assert (answer.status, answer.outcome) == (401, "expired")
    assert answer.form["text"] == WORDS["text"]
