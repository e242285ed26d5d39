"""The settings' lists in a browser: retrying a waiting entry, and downloading a table."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo, Witness
from tests.browser.crm import Crm, frame_of
from tests.browser.states import ADD
from tests.browser.test_access import violations


@pytest.fixture
def crm(demo: Demo, composer: Crm) -> Crm:
    """The settings of a portal in which one entry waits for long, and another is on the timeline."""
    demo.control(composer.address, "refuse", code="ACCESS_DENIED", method=ADD, times=1)
    for title in ("Refused", "=SUM(1)"):
        composer.write("Call", title, "A <b>text</b>")
        with composer.page.expect_response("**/entries"):
            composer.post()
    composer.open_settings()
    open_section(composer, "Deliveries")
    return composer


def open_section(crm: Crm, name: str) -> None:
    crm.logbook.get_by_role("navigation", name="Settings of Logbook").get_by_role("button", name=name).click()
    expect(crm.logbook.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_a_refused_entry_is_retried_and_appears_on_the_timeline(crm: Crm) -> None:
    row = crm.logbook.get_by_role("listitem").filter(has_text="The author may not write on this card.")
    expect(row).to_contain_text("Refused")
    row.get_by_role("button", name="Try again").click()
    expect(crm.logbook.get_by_role("status")).to_contain_text("1 entry is tried again now.")
    with crm.page.expect_popup() as opened:
        crm.logbook.get_by_role("button", name="On the timeline").click()
        crm.logbook.get_by_role("link", name="Deal 1").first.click()
    card = Crm(opened.value, crm.address)
    expect(card.entry("Refused")).to_be_attached()


def test_a_filter_that_is_not_clear_says_why_and_keeps_what_was_typed(crm: Crm) -> None:
    crm.logbook.get_by_label("Card", exact=True).fill("https://elsewhere.example/crm/deal/details/5/")
    crm.logbook.get_by_role("button", name="Find").click()
    expect(crm.logbook.get_by_role("alert")).to_contain_text("This address is not of this Bitrix24.")
    expect(crm.logbook.get_by_label("Card", exact=True)).to_have_value("https://elsewhere.example/crm/deal/details/5/")
    assert violations(frame_of(crm.page)) == []


def test_a_table_is_downloaded_and_the_page_goes_on_working(crm: Crm, witness: Witness, tmp_path: Path) -> None:
    crm.logbook.get_by_role("combobox", name="State").select_option("All entries")
    crm.logbook.get_by_role("button", name="Find").click()
    expect(crm.logbook.get_by_role("heading", name="All entries")).to_be_visible()
    assert violations(frame_of(crm.page)) == []
    for _ in range(2):
        with crm.page.expect_download() as download:
            crm.logbook.get_by_role("button", name="Download as a table (CSV)").click()
        assert download.value.suggested_filename.endswith("-entries.csv")
    download.value.save_as(tmp_path / "table.csv")
    assert "'=SUM(1)" in (tmp_path / "table.csv").read_text("utf-8-sig")
    open_section(crm, "Log of calls")
    crm.logbook.get_by_role("group").first.locator("summary").click()
    crm.logbook.get_by_role("button", name="Copy").first.click()
    expect(crm.logbook.get_by_role("button", name="Copied")).to_be_visible()
    assert violations(frame_of(crm.page)) == []
    open_section(crm, "Export and leaving")
    assert violations(frame_of(crm.page)) == []
    with crm.page.expect_download() as download:
        crm.logbook.get_by_role("button", name="Download everything (JSON lines)").click()
    assert download.value.suggested_filename.endswith("-everything.jsonl")
    assert [line for line in witness.console if "403" not in line] == []
