"""Who may write, chosen by an administrator in the portal's own window, and the effect on a card."""

import pytest
from playwright.sync_api import expect

from tests.browser.crm import BEN, CLARA, Crm, frame_of
from tests.browser.test_access import violations


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A portal's administrator in the section of the settings."""
    crm.open_settings("Who may write")
    return crm


def test_chosen_people_write_and_the_others_read(crm: Crm) -> None:
    crm.logbook.get_by_role("radio", name="Chosen people").check()
    crm.press("Save")
    alert = crm.logbook.get_by_role("alert").filter(has_text="Choose at least one person, or let everybody write.")
    expect(alert).to_be_visible()
    crm.press("Choose from Bitrix24…")
    crm.page.get_by_role("dialog").get_by_label(BEN).check()
    crm.page.get_by_role("dialog").get_by_role("button", name="Select").click()
    expect(crm.logbook.get_by_role("checkbox", name=BEN)).to_be_checked()
    expect(crm.logbook.get_by_role("status").filter(has_text="1 chosen")).to_be_visible()
    assert violations(frame_of(crm.page)) == []
    crm.press("Save")
    expect(crm.logbook.get_by_role("heading", name="Saved")).to_be_visible()
    crm.open_deal(1)
    crm.act_as(CLARA)
    crm.open_deal(1)
    crm.page.get_by_role("tab", name="Logbook").click()
    expect(crm.logbook.get_by_role("heading", name="You may read here, but not write")).to_be_visible()
    assert violations(frame_of(crm.page)) == []
    crm.act_as(BEN)
    crm.open_deal(1)
    crm.open_tab()
    crm.write("Call", "Chosen", "I may.")
    crm.post()
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()


def test_words_survive_the_right_to_write(crm: Crm) -> None:
    ben = Crm(crm.page.context.new_page(), crm.address)
    ben.open_deal(1)
    ben.act_as(BEN)
    ben.open_deal(1)
    ben.open_tab()
    ben.write("Call", "Half a thought", "which goes on")
    crm.page.bring_to_front()
    crm.act_as("Anna Keller")
    crm.page.goto(f"{crm.address}/marketplace/app/1/")
    crm.press("Who may write")
    crm.logbook.get_by_role("radio", name="Administrators of this Bitrix24").check()
    crm.press("Save")
    expect(crm.logbook.get_by_role("heading", name="Saved")).to_be_visible()
    ben.page.bring_to_front()
    ben.post()
    expect(ben.logbook.get_by_role("alert")).to_contain_text("Only administrators of this Bitrix24 write with Logbook.")
    expect(ben.logbook.get_by_label("Title")).to_have_value("Half a thought")
    expect(ben.logbook.get_by_label("Text")).to_have_value("which goes on")


def test_nothing_waits_for_a_window_that_never_opens(crm: Crm) -> None:
    crm.page.add_init_script("window.addEventListener('message', (event) => event.stopImmediatePropagation(), true)")
    crm.page.goto(f"{crm.address}/marketplace/app/1/")
    crm.press("Who may write")
    crm.logbook.get_by_role("radio", name="Chosen people").check()
    crm.press("Choose from Bitrix24…")
    crm.logbook.get_by_role("checkbox", name="Anna Keller").check()
    crm.press("Save")
    expect(crm.logbook.get_by_role("heading", name="Saved")).to_be_visible()
