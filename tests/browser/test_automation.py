"""Automation in the portal in a box: the robot is set up in our frame, runs, and its entry appears on the card."""

from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.crm import Crm, frame_of
from tests.browser.test_access import violations

ROBOT = "Add a log entry, robot"


def test_the_robot_is_set_up_runs_and_writes(crm: Crm) -> None:
    page = crm.page
    page.goto(f"{crm.address}/automation/")
    page.get_by_role("region", name=ROBOT).get_by_role("link", name="Set up").click()
    dialog = crm.logbook
    dialog.get_by_role("searchbox", name="Find an icon").fill("wallet")
    dialog.get_by_role("searchbox", name="Find an icon").press("Enter")
    dialog.get_by_role("textbox", name="Title", exact=True).fill("Now at ")
    dialog.get_by_role("combobox", name="Title: Insert a field").select_option(label="Stage")
    expect(dialog.get_by_role("textbox", name="Title", exact=True)).to_have_value("Now at {=Document:STAGE_ID}")
    dialog.get_by_role("textbox", name="Text", exact=True).fill("By the robot.")
    assert violations(frame_of(page)) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Title", exact=True)).to_have_value("Now at {=Document:STAGE_ID}")
    expect(dialog.get_by_role("radio", name="Wallet")).to_be_checked()

    page.get_by_role("link", name="Automation").first.click()
    robot = page.get_by_role("region", name=ROBOT)
    robot.get_by_role("combobox", name="Card").select_option("DEAL_1")
    robot.get_by_role("checkbox", name="the workflow waits").check()
    robot.get_by_role("button", name="Run").click()
    expect(page.get_by_role("region", name="Runs")).to_contain_text("DEAL_1")
    crm.open_deal(1)
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("Now at NEGOTIATION")


def test_a_portal_that_ignores_our_frame_shows_the_properties(demo: Demo, crm: Crm) -> None:
    demo.control(crm.address, "dialect-robot-dialogs", value="plain")
    crm.page.goto(f"{crm.address}/automation/robot/logbook_entry/")
    assert crm.page.locator("iframe").count() == 0
    crm.page.get_by_label("Title").fill("Plain")
    crm.page.get_by_label("Icon").select_option("sum")
    crm.page.get_by_role("button", name="Save").click()
    expect(crm.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(crm.page.get_by_label("Title")).to_have_value("Plain")
