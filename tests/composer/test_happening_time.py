"""When something happened: parsed in the person's zone, stored with the entry, shown in front of the text."""

from datetime import UTC, datetime

import pytest

from b24app.i18n import zone_of
from b24app.services.delivery import happening_time
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page

pytestmark = any_database

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def moment_in(page: Page) -> str:
    return str(page.one("#happened").get("value", ""))


def text_on_timeline(portal: Portal) -> str:
    return portal.timelines.of_card(2, 1)[-1].text


def test_it_is_shown_in_front_of_the_text_and_in_the_history(installed: Logbook, portal: Portal) -> None:
    page = installed.post(installed.open_tab(portal).form, **WORDS, happened="2026-11-20T09:05")
    assert page.outcome == "posted"
    assert text_on_timeline(portal).replace("\u202f", " ") == "Nov 20, 2026, 9:05 AM · They agreed."
    assert "Nov 20, 2026" in installed.open_tab(portal).history[0].text
    (entry,) = installed.entries()
    assert entry.happened_at == datetime(2026, 11, 20, 9, 5, tzinfo=zone_of(portal.employee.time_zone)).astimezone(UTC)
    assert moment_in(page) == ""


def test_without_a_moment_the_text_is_as_typed(installed: Logbook, portal: Portal) -> None:
    installed.post(installed.open_tab(portal).form, **WORDS)
    assert text_on_timeline(portal) == WORDS["text"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("9999-12-31T23:59", "It cannot have happened in the future."),
        ("1969-07-20T20:17", "It cannot have happened before 1970."),
        ("soon", "Enter when it happened as a date and a time, or leave it empty."),
    ],
)
def test_impossible_times_are_refused_and_nothing_is_sent(
    installed: Logbook, portal: Portal, typed: str, sentence: str
) -> None:
    page = installed.post(installed.open_tab(portal).form, **WORDS, happened=typed)
    assert (page.outcome, page.status) == ("invalid", 422)
    assert page.one("#happened-error").text == sentence
    assert page.one("details.extra").has_attr("open")
    assert (page.form["title"], moment_in(page)) == (WORDS["title"], typed)
    assert installed.entries() == []


def test_the_same_form_twice_is_one_entry_and_another_moment_is_another(installed: Logbook, portal: Portal) -> None:
    form = installed.open_tab(portal).form
    for moment in ("2026-11-20T09:05", "2026-11-20T09:05", "2026-11-21T09:05"):
        assert installed.post(form, **WORDS, happened=moment).outcome == "posted"
    assert len(installed.entries()) == 2


def test_a_draft_keeps_the_moment(installed: Logbook, portal: Portal) -> None:
    form = installed.open_tab(portal).form
    installed.submit("/drafts", {**form, **WORDS, "happened": "2026-11-20T09:05"})
    page = installed.open_tab(portal)
    assert moment_in(page) == "2026-11-20T09:05"
    assert page.one("details.extra").has_attr("open")


def test_words_taken_back_into_the_form_are_as_typed(installed: Logbook, portal: Portal) -> None:
    installed.post(installed.open_tab(portal).form, **WORDS, happened="2026-11-20T09:05")
    (entry,) = installed.entries()
    page = installed.submit("/history/words", {**installed.open_tab(portal).form, "entry": str(entry.id)})
    assert (page.form["text"], moment_in(page)) == (WORDS["text"], "2026-11-20T09:05")


def test_the_preview_shows_it(installed: Logbook, portal: Portal) -> None:
    page = installed.submit("/preview", {**installed.open_tab(portal).form, **WORDS, "happened": "2026-11-20T09:05"})
    assert "Nov 20, 2026" in page.one("[data-preview] [data-part=text]").text


def test_administrators_choose_the_pattern_and_may_turn_it_off(installed: Logbook, portal: Portal) -> None:
    admin = Admin(installed, portal)
    version = admin.go("extras").one("input[name=version]")["value"]
    page = admin.go("extras/save", version=version, has_moment="on", pattern="On {happened}:")
    assert page.outcome == "saved"
    installed.post(installed.open_tab(portal, language="de").form, **WORDS, happened="2026-11-20T09:05", language="de")
    assert text_on_timeline(portal) == "On 20.11.2026, 09:05: They agreed."
    version = page.one("input[name=version]")["value"]
    assert admin.go("extras/save", version=version, pattern="On {happened}:").outcome == "saved"
    assert installed.open_tab(portal).soup.select("[name=happened]") == []


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("When it happened:", "Write {happened} where the date and time should be."),
        ("{happened}" + "x" * 100, "The pattern is longer than 100 characters."),
    ],
)
def test_a_pattern_that_cannot_be_used_is_not_saved(
    installed: Logbook, portal: Portal, pattern: str, sentence: str
) -> None:
    admin = Admin(installed, portal)
    page = admin.go("extras/save", version="0", has_moment="on", pattern=pattern)
    assert (page.outcome, page.one("#pattern-error").text) == ("invalid", sentence)
    assert page.one("input[name=pattern]")["value"] == pattern
    assert admin.go("extras").one("input[name=pattern]")["value"] == happening_time.PATTERN


def test_a_lost_answer_is_found_with_the_moment_in_front(installed: Logbook, portal: Portal) -> None:
    form = installed.open_tab(portal).form
    portal.faults.reset("crm.timeline.logmessage.add", processed=True)
    assert installed.post(form, **WORDS, happened="2026-11-20T09:05").outcome == "queued"
    installed.pass_time(120)
    installed.work()
    assert len(portal.timelines.of_card(2, 1)) == 1
    assert installed.entries()[0].bitrix_id
