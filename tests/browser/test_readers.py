"""Readers can delete their own entry, see the outcome, and keep their draft."""

from playwright.sync_api import expect

from tests.browser.crm import ANNA, BEN, Crm
from tests.browser.test_composer import title
from tests.browser.test_main_job import HEAR, heard


def open_as(crm: Crm, person: str) -> None:
    crm.open_deal(1)
    crm.act_as(person)
    crm.open_deal(1)
    crm.page.get_by_role("tab", name="Logbook").click()


def test_a_reader_keeps_his_draft_and_deletes_his_entry(crm: Crm) -> None:
    open_as(crm, BEN)
    crm.write("Call", "Too early", "Words")
    crm.post()
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    with crm.page.expect_response("**/drafts"):
        title(crm).fill("Half a thought")
    crm.act_as(ANNA)
    crm.open_settings("Who may write")
    crm.logbook.get_by_role("radio", name="Administrators of this Bitrix24").check()
    crm.press("Save")
    expect(crm.logbook.get_by_role("heading", name="Saved")).to_be_visible()

    crm.page.add_init_script(HEAR)
    open_as(crm, BEN)
    question = crm.logbook.get_by_role("alert")
    for answer in ("Keep it", "Delete"):
        crm.logbook.get_by_role("article").get_by_role("button", name="Delete").click()
        expect(question).to_contain_text("Delete this entry?")
        expect(question).to_be_focused()
        question.get_by_role("button", name=answer).click()
        expect(question).to_have_count(0)
        expect(title(crm)).to_have_value("Half a thought")
    expect(crm.logbook.get_by_role("status")).to_be_focused()
    assert "reloadData" in heard(crm)
