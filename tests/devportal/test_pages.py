"""A person can use the portal: lists, cards, the live timeline, the switches, the market."""

import pytest
from playwright.sync_api import Locator, Page, expect

from devportal import Box, Portal
from tests.devportal.chromium import Visitor
from tests.devportal.client import Caller, Listening

TAB = "CRM_DEAL_DETAIL_TAB"


@pytest.fixture
def installed(portal: Portal, administrator: Caller, application: Listening) -> Portal:
    """The application installed, with its tab on deals."""
    application.page = b"<h1>Hello from the application</h1>"
    languages = {"en": {"TITLE": "Logbook"}, "de": {"TITLE": "Logbuch"}}
    administrator.result("placement.bind", PLACEMENT=TAB, HANDLER=f"{application.url}/placement", LANG_ALL=languages)
    portal.finish_install()
    return portal


def entries(page: Page) -> Locator:
    return page.get_by_role("region", name="Timeline").locator("[data-entry-id]")


def act_as(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_label("Acting as").select_option(label=name)
    expect(page.locator(".switches .face")).to_have_text("".join(word[0] for word in name.split()))


def test_every_kind_of_card_can_be_found_from_the_menu(portal: Portal, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(portal.url)
    for name in ("Leads", "Deals", "Contacts", "Companies", "Estimates", "Invoices", "Orders", "Onboarding projects"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        link = page.get_by_role("table").get_by_role("link").first
        title = link.inner_text()
        link.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.get_by_role("tab", name="General")).to_have_attribute("aria-selected", "true")
    assert visitor.origins == {portal.url}


def test_a_new_entry_appears_in_an_open_timeline_by_itself(portal: Portal, employee: Caller, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{portal.url}/crm/deal/details/1/")
    expect(entries(page)).to_have_count(0)
    employee.write("First")
    expect(entries(page)).to_have_count(1)
    employee.write("Second")
    expect(entries(page).first).to_contain_text("Second")
    expect(entries(page).first.get_by_label("Ben Okafor")).to_be_visible()


def test_an_entry_is_drawn_as_a_portal_draws_it(portal: Portal, employee: Caller, visitor: Visitor) -> None:
    employee.write("<b>T</b> [b]x[/b]", text="one\ntwo &lt;i&gt; <script>alert(1)</script>", iconCode="call")
    employee.write("A title that goes on " * 20, iconCode="no-such-icon")
    page = visitor.page
    page.goto(f"{portal.url}/crm/deal/details/1/")
    entry = page.locator("[data-entry-id='1']")
    expect(entry.locator(".entry-title b")).to_have_text("<b>T</b> [b]x[/b]")
    expect(entry.locator(".entry-text")).to_have_text("one two <i> <script>alert(1)</script>")
    expect(entry.locator("svg")).to_have_count(1)
    style = "element => { const s = getComputedStyle(element); return [s.backgroundColor, s.borderColor, s.padding] }"
    assert entry.locator(".entry-body").evaluate(style) == ["rgb(248, 250, 251)", "rgb(223, 224, 227)", "12px 16px"]
    unknown = page.locator("[data-entry-id='2']")
    expect(unknown.locator("svg, img")).to_have_count(0)
    assert unknown.locator(".entry-title b").evaluate("e => e.scrollWidth > e.clientWidth && e.clientHeight < 30")


def test_a_tab_opens_the_application_with_everything_it_is_promised(
    installed: Portal, application: Listening, visitor: Visitor
) -> None:
    page = visitor.page
    page.goto(f"{installed.url}/crm/deal/details/2/")
    page.get_by_role("tab", name="Logbook").click()
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Hello from the application")
    frame = page.locator("iframe")
    (heard,) = application.heard
    assert heard.path == "/placement"
    assert set(heard.query) == {"DOMAIN", "PROTOCOL", "LANG", "APP_SID"}
    assert set(heard.fields) == {
        "AUTH_ID",
        "AUTH_EXPIRES",
        "REFRESH_ID",
        "SERVER_ENDPOINT",
        "APPLICATION_TOKEN",
        "APPLICATION_SCOPE",
        "member_id",
        "status",
        "PLACEMENT",
        "PLACEMENT_OPTIONS",
    }
    assert heard.fields["PLACEMENT_OPTIONS"] == '{"ID":"2","URI":"\\/crm\\/deal\\/details\\/2\\/"}'
    sid = heard.query["APP_SID"]
    expect(frame).to_have_attribute("name", f"{installed.host}|0|{sid}")
    expect(frame).to_have_attribute("allow", "geolocation *; microphone *; camera *; autoplay *;")
    assert frame.get_attribute("sandbox") is None
    assert visitor.origins == {installed.url, application.url}


def test_each_opening_is_a_fresh_render(installed: Portal, application: Listening, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{installed.url}/crm/deal/details/1/")
    for count in (1, 2):
        page.get_by_role("tab", name="Logbook").click()
        application.wait_for(count)
        page.get_by_role("tab", name="General").click()
        expect(page.get_by_role("region", name="Timeline")).to_be_visible()
    first, second = application.heard
    assert first.fields["AUTH_ID"] != second.fields["AUTH_ID"]
    assert first.query["APP_SID"] != second.query["APP_SID"]


@pytest.mark.parametrize("visitor", [False], indirect=True)
def test_a_tab_opens_without_script_by_a_button(installed: Portal, application: Listening, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{installed.url}/crm/deal/details/1/")
    page.get_by_role("tab", name="Logbook").click()
    page.get_by_role("button", name="Open Logbook").click()
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Hello from the application")


def test_person_and_language_can_be_switched(installed: Portal, application: Listening, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{installed.url}/crm/deal/details/2/")
    act_as(page, "Clara Lindqvist")
    expect(page.get_by_text("Read only for you")).to_be_visible()
    with page.expect_navigation():
        page.get_by_label("Language").select_option("de")
    page.get_by_role("tab", name="Logbuch").click()
    (heard,) = application.wait_for(1)
    assert heard.query["LANG"] == "de"
    caller = Caller(installed, installed.reader)
    caller.frame.fields["AUTH_ID"] = heard.fields["AUTH_ID"]
    assert caller.result("profile")["ID"] == "12"


def test_two_portals_have_their_own_acting_person(box: Box, portal: Portal, visitor: Visitor) -> None:
    other = box.add_portal(kind="on-premise", name="Workshop")
    page = visitor.page
    page.goto(portal.url)
    act_as(page, "Ben Okafor")
    page.goto(other.url)
    expect(page.locator(".switches .face")).to_have_text("AK")
    page.goto(portal.url)
    expect(page.locator(".switches .face")).to_have_text("BO")


def test_a_card_that_may_not_be_read_or_is_gone_says_so(portal: Portal, visitor: Visitor) -> None:
    portal.deny_read(portal.employee, 2, 1)
    page = visitor.page
    page.goto(portal.url)
    act_as(page, "Ben Okafor")
    expect(page.get_by_role("link", name="Bakery ovens, second branch")).to_have_count(0)
    page.goto(f"{portal.url}/crm/deal/details/1/")
    expect(page.get_by_text("You do not have permission")).to_be_visible()
    page.goto(f"{portal.url}/crm/deal/details/99/")
    expect(page.get_by_text("does not exist or was deleted")).to_be_visible()
    visitor.complaints.clear()


def test_an_administrator_installs_opens_and_uninstalls(
    portal: Portal, application: Listening, visitor: Visitor
) -> None:
    application.page = b"<h1>Installer</h1>"
    page = visitor.page
    page.goto(portal.url)
    page.get_by_role("link", name="Applications").click()
    page.get_by_role("button", name="Install").click()
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Installer")
    (heard,) = application.heard
    assert (heard.path, heard.fields["PLACEMENT"]) == ("/install", "DEFAULT")
    assert "PLACEMENT_OPTIONS" not in heard.fields
    portal.finish_install()
    page.goto(f"{portal.url}/market/")
    page.get_by_role("button", name="Open").click()
    application.wait_for(2)
    assert application.heard[1].path == "/"
    page.goto(f"{portal.url}/market/")
    page.get_by_label("delete settings and data").check()
    page.get_by_role("button", name="Uninstall").click()
    expect(page.get_by_text("Not installed")).to_be_visible()
    assert portal.application_token is None


def test_others_wait_until_the_installation_is_finished(
    portal: Portal, administrator: Caller, application: Listening, visitor: Visitor
) -> None:
    administrator.result("placement.bind", PLACEMENT=TAB, HANDLER=f"{application.url}/placement", TITLE="Logbook")
    page = visitor.page
    page.goto(f"{portal.url}/crm/deal/details/1/")
    expect(page.get_by_role("tab")).to_have_count(1)
    act_as(page, "Ben Okafor")
    page.get_by_role("link", name="Logbook").click()
    expect(page.get_by_text("not fully installed")).to_be_visible()
    page.get_by_role("link", name="Applications").click()
    expect(page.get_by_role("button", name="Uninstall")).to_be_disabled()


def test_who_lost_access_sees_neither_tab_nor_page(installed: Portal, visitor: Visitor) -> None:
    installed.withdraw_access(installed.employee)
    page = visitor.page
    page.goto(f"{installed.url}/crm/deal/details/1/")
    act_as(page, "Ben Okafor")
    expect(page.get_by_role("tab")).to_have_count(1)
    page.goto(f"{installed.url}/marketplace/app/1/")
    expect(page.get_by_text("You do not have access to this application")).to_be_visible()
