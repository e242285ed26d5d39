"""Correcting one's own entry: the new one is added, then the old one is deleted; failures are reported."""

from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page

pytestmark = any_database

ADD = "crm.timeline.logmessage.add"
DELETE = "crm.timeline.logmessage.delete"
WORDS = {"icon": "comment", "title": "Caled", "text": "They agreed."}


def correct(logbook: Logbook, portal: Portal, *, entry: int = -1) -> Page:
    """Post an entry, unless there is one, and press the button beside it."""
    if not logbook.entries():
        assert logbook.post(logbook.open_tab(portal).form, **WORDS, happened="2026-11-20T09:05").outcome == "posted"
    form = {**logbook.open_tab(portal).form, "entry": str(logbook.entries()[entry].id)}
    return logbook.submit("/history/correct", form)


def titles(portal: Portal) -> list[str]:
    return [message.title for message in portal.timelines.of_card(2, 1)]


def test_it_opens_in_the_form_as_it_was_typed(installed: Logbook, portal: Portal) -> None:
    page = correct(installed, portal)
    assert (page.form["title"], page.form["text"], page.form["icon"]) == ("Caled", "They agreed.", "comment")
    assert page.one("#happened")["value"] == "2026-11-20T09:05"
    assert "You are correcting an entry." in page.one("[data-slot=taken-correcting]").text
    assert "You are correcting an entry." in installed.open_tab(portal).one("[data-slot=taken-correcting]").text


def test_posting_puts_the_new_one_in_the_place_of_the_old_one(installed: Logbook, portal: Portal) -> None:
    form = correct(installed, portal).form
    portal.calls.clear()
    page = installed.post(form, title="Called")
    assert (page.outcome, titles(portal)) == ("posted", ["Called"])
    assert "The entry before it is deleted." in page.one("[data-outcome]").text
    assert [call.method for call in portal.calls] == [ADD, DELETE]
    assert page.form["corrects"] == ""
    installed.work()
    assert [call.method for call in portal.calls] == [ADD, DELETE]
    assert installed.post(form, title="Called").outcome == "posted"
    assert titles(portal) == ["Called"]


def test_where_deleting_fails_both_are_shown_and_the_worker_tries_again(installed: Logbook, portal: Portal) -> None:
    form = correct(installed, portal).form
    portal.faults.refuse("ACCESS_DENIED", DELETE)
    page = installed.post(form, title="Called")
    assert (page.outcome, titles(portal)) == ("posted", ["Caled", "Called"])
    assert "could not be deleted: both are on the timeline" in page.one("[data-outcome]").text
    installed.pass_time(1)
    installed.work()
    assert titles(portal) == ["Called"]


def test_a_refused_correction_leaves_the_old_one(installed: Logbook, portal: Portal) -> None:
    form = correct(installed, portal).form
    portal.faults.refuse("ACCESS_DENIED", ADD)
    page = installed.post(form, title="Called")
    assert (page.outcome, titles(portal)) == ("refused", ["Caled"])
    assert installed.post(page.form, title="Called").outcome == "posted"
    assert titles(portal) == ["Called"]


def test_a_correction_that_waits_deletes_the_old_one_once_it_is_there(installed: Logbook, portal: Portal) -> None:
    form = correct(installed, portal).form
    portal.faults.reset(ADD, processed=True)
    page = installed.post(form, title="Called")
    assert page.outcome == "queued"
    assert "The entry before it will be deleted then." in page.one("[data-outcome]").text
    for _again in range(2):
        installed.pass_time(120)
        installed.work()
    assert titles(portal) == ["Called"]


def test_an_entry_corrected_in_another_tab_is_not_corrected_twice(installed: Logbook, portal: Portal) -> None:
    first, second = correct(installed, portal).form, correct(installed, portal).form
    assert installed.post(first, title="Called").outcome == "posted"
    page = installed.post(second, title="Rang up")
    assert (page.outcome, page.status, titles(portal)) == ("refused", 409, ["Called"])
    assert (page.form["title"], page.form["corrects"]) == ("Rang up", "")
    assert installed.post(page.form).outcome == "posted"
    assert titles(portal) == ["Called", "Rang up"]


def test_nobody_corrects_what_another_person_wrote(installed: Logbook, portal: Portal) -> None:
    correct(installed, portal)
    form = installed.send(portal.frame(portal.administrator)).form
    number = str(installed.entries()[0].id)
    assert installed.submit("/history/correct", {**form, "entry": number}).status == 404
    page = installed.post(form, **{**WORDS, "title": "Mine"}, corrects=number)
    assert (page.outcome, titles(portal)) == ("refused", ["Caled"])


def test_after_cancelling_a_correction_the_form_posts_a_new_entry(installed: Logbook, portal: Portal) -> None:
    page = installed.submit("/history/correct/stop", correct(installed, portal).form)
    assert (page.form["corrects"], page.form["title"]) == ("", "Caled")
    assert installed.post(page.form, title="Another").outcome == "posted"
    assert titles(portal) == ["Caled", "Another"]
