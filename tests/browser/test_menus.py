"""Logbook in the portal's own menus, and pinning from there; by roles and names alone."""

from playwright.sync_api import FrameLocator, expect

from tests.browser.crm import BEN, Crm, frame_of
from tests.browser.test_access import violations

SWITCHES = ["Menu of the card", "Menu of an activity", "Menu of a row in lists"]


class InSlider(Crm):
    """Somebody who has opened Logbook from a menu, over the page."""

    @property
    def logbook(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title=Slider]").frame_locator("iframe")


def test_an_employee_opens_it_from_a_row_and_from_the_card_writes_and_pins(crm: Crm) -> None:
    crm.open_settings("Where it shows")
    for name in SWITCHES:
        crm.logbook.get_by_role("checkbox", name=name).check()
    assert violations(frame_of(crm.page)) == []
    crm.press("Save")
    expect(crm.logbook.get_by_role("status")).to_contain_text("Saved")
    expect(crm.logbook.get_by_role("checkbox", name=SWITCHES[0])).to_have_accessible_description(
        "Opens Logbook over the card, from the menu at its top. new"
    )
    assert violations(frame_of(crm.page)) == []

    slider = InSlider(crm.page, crm.address)
    slider.page.goto(f"{crm.address}/crm/deal/list/")
    slider.act_as(BEN)
    row = slider.page.get_by_role("row").filter(has=slider.page.get_by_role("cell", name="1", exact=True))
    row.locator("summary").click()
    row.get_by_role("listitem").get_by_role("link", name="Logbook").click()
    slider.write("Call", "From the list", "Without opening the card.")
    slider.post()
    expect(slider.logbook.get_by_role("heading", name="Posted")).to_be_visible()

    slider.open_deal(1)
    expect(slider.entry("From the list")).to_be_visible()
    slider.page.get_by_role("main").locator("details.menu summary").click()
    slider.page.get_by_role("main").get_by_role("link", name="Logbook").click()
    slider.press("Pin")
    expect(slider.logbook.get_by_role("status")).to_contain_text("Pinned")
    entry = slider.logbook.get_by_role("article")
    expect(entry.get_by_role("button", name="Unpin")).to_be_visible()
    slider.logbook.get_by_role("status").get_by_role("button", name="Unpin").click()
    expect(slider.logbook.get_by_role("status")).to_contain_text("It is in its usual place again.")
    expect(entry.get_by_role("button", name="Pin", exact=True)).to_be_visible()
