"""The entries beside the form while answers are late, lost or refused, and somebody keeps typing meanwhile."""

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Demo
from tests.browser.crm import Crm
from tests.browser.states import ADD
from tests.browser.test_composer import history, icon, text, title
from tests.browser.test_main_job import HEAR, heard

LIST = "crm.timeline.logmessage.list"


def articles(crm: Crm) -> Locator:
    return history(crm).get_by_role("article")


def write_many(demo: Demo, crm: Crm, count: int) -> None:
    """What the form would send, so many times."""
    session = crm.logbook.locator("[name=session]").input_value()
    for number in range(count):
        words = {"icon": "call", "title": f"Entry {number}", "text": "Words"}
        form: dict[str, str | float | bool] = {"session": session, "form_key": f"key-{number}", **words}
        assert crm.page.request.post(f"{demo.logbook}/entries", form=form).ok


def reopen(crm: Crm) -> None:
    crm.open_deal(1)
    crm.open_tab()


@pytest.fixture
def patient(crm: Crm) -> Crm:
    """The composer before a clock that can be put forward."""
    crm.page.clock.install()
    crm.page.add_init_script(HEAR)
    reopen(crm)
    return crm


def test_a_late_answer_brings_nothing_old_back(demo: Demo, composer: Crm) -> None:
    held: list[Route] = []
    demo.control(composer.address, "refuse", code="OVERLOAD_LIMIT", method=ADD, times=0)
    composer.write("Call", "Waits", "Words")
    composer.post()
    expect(composer.logbook.get_by_role("heading", name="Saved, waiting to be sent")).to_be_visible()
    demo.control(composer.address, "calm")

    composer.page.route("**/history/retry", lambda route: held.append(route))
    with composer.page.expect_request("**/history/retry"):
        composer.logbook.get_by_role("button", name="Try again").click()
    composer.page.route("**/entries", lambda route: held.append(route), times=1)
    composer.write("Call", "Nobody there", "Words")
    with composer.page.expect_request("**/entries"):
        composer.post()
    composer.write("Document", "Nobody there", "Another time")
    late_retry, late_post = held
    late_post.continue_()
    expect(articles(composer).filter(has_text="Nobody there")).to_have_count(1)
    expect(text(composer)).to_have_value("Another time")
    expect(icon(composer, "Document")).to_be_checked()

    composer.write("Call", "Nobody there", "Words")
    with composer.page.expect_response("**/history/retry"):
        late_retry.continue_()
    expect(articles(composer).filter(has_text="Waits")).not_to_contain_text("Waiting to be sent")
    composer.post()
    expect(title(composer)).to_have_value("")
    expect(composer.entry("Nobody there")).to_have_count(2)


def test_deleting_disturbs_nobody_who_types(demo: Demo, patient: Crm) -> None:
    write_many(demo, patient, 1)
    reopen(patient)
    delete = articles(patient).get_by_role("button", name="Delete")

    patient.page.route("**/history/delete/confirmed", lambda route: route.abort())
    delete.click()
    expect(patient.logbook.get_by_role("button", name="Undo")).to_be_visible()
    text(patient).focus()
    patient.page.clock.fast_forward(6000)
    alert = patient.logbook.get_by_role("alert")
    expect(alert).to_contain_text("Logbook did not answer")
    expect(alert).not_to_contain_text("post again")
    expect(articles(patient)).to_have_count(1)
    expect(text(patient)).to_be_focused()

    patient.page.unroute("**/history/delete/confirmed")
    delete.click()
    expect(patient.logbook.get_by_role("button", name="Undo")).to_be_visible()
    text(patient).focus()
    patient.page.clock.fast_forward(6000)
    expect(patient.logbook.get_by_role("heading", name="Deleted")).to_be_visible()
    expect(text(patient)).to_be_focused()
    expect(history(patient).get_by_role("heading", name="Nothing written yet")).to_be_visible()
    assert "reloadData" in heard(patient)

    patient.write("Call", "The next one", "Words")
    patient.post()
    expect(articles(patient)).to_have_count(1)
    expect(history(patient).get_by_role("heading", name="Nothing written yet")).to_have_count(0)


def test_a_refused_entry_that_is_being_deleted_stays_away_until_that_is_undone(demo: Demo, composer: Crm) -> None:
    demo.control(composer.address, "refuse", code="OVERLOAD_LIMIT", method=ADD, times=0)
    composer.write("Call", "Refused", "Words")
    composer.post()
    expect(composer.logbook.get_by_role("heading", name="Saved, waiting to be sent")).to_be_visible()
    composer.open_settings("Deliveries")
    composer.press("Give up")
    expect(composer.logbook.get_by_role("heading", name="Given up")).to_be_visible()
    demo.control(composer.address, "calm")
    reopen(composer)
    composer.write("Call", "The next one", "Words")
    articles(composer).get_by_role("button", name="Delete").click()
    composer.post()
    expect(articles(composer)).to_contain_text(["The next one"])
    composer.logbook.get_by_role("button", name="Undo").click()
    expect(articles(composer)).to_contain_text(["Refused", "The next one"])
    expect(articles(composer).filter(has_text="Refused").get_by_role("button", name="Delete")).to_be_focused()


def test_an_entry_whose_answer_was_lost_takes_its_place_when_it_is_found(demo: Demo, composer: Crm) -> None:
    demo.control(composer.address, "reset", processed=True, method=ADD, times=1)
    demo.control(composer.address, "refuse", code="INTERNAL_SERVER_ERROR", method=LIST, times=0)
    for name in ("Lost", "Found at once"):
        composer.write("Call", name, "Words")
        composer.post()
        expect(articles(composer).filter(has_text=name)).to_have_count(1)
    expect(articles(composer)).to_contain_text(["Waiting to be sent", "Found at once"])
    demo.control(composer.address, "calm")
    for _ in range(50):
        with composer.page.expect_response("**/history/retry") as answer:
            composer.logbook.get_by_role("button", name="Try again").click()
        if 'data-outcome="posted"' in answer.value.text():
            break
    expect(articles(composer)).to_contain_text(["Found at once", "Lost"])
    expect(history(composer).get_by_text("Waiting to be sent")).to_have_count(0)


def test_people_are_told_if_there_are_no_older_entries(demo: Demo, composer: Crm) -> None:
    write_many(demo, composer, 10)
    reopen(composer)
    composer.logbook.get_by_role("button", name="Show older entries").click()
    expect(composer.logbook.get_by_text("There are no older ones.")).to_be_focused()
    expect(articles(composer)).to_have_count(10)


def test_the_search_is_there_as_soon_as_a_card_has_its_first_entry(composer: Crm) -> None:
    search = history(composer).get_by_role("button", name="Search")
    expect(search).to_have_count(0)
    composer.write("Call", "Called", "They agreed.")
    composer.post()
    expect(articles(composer)).to_have_count(1)
    search.click()
    expect(composer.logbook.get_by_role("searchbox", name="Title or text contains")).to_be_focused()
