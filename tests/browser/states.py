"""Every state of Logbook that people can see, each brought about as in reality."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Demo
from tests.browser.crm import BEN, Crm, frame_of

ADD = "crm.timeline.logmessage.add"
LONG = "Offer sent &amp; discussed: they want two ovens, <b>by Friday</b>, with a long guarantee and a day for it"
MANY = "They asked for\nthe second offer.\nSee https://example.com [b]soon[/b] 👩‍👩‍👧 " + "x" * 300


def empty(_demo: Demo, crm: Crm) -> None:
    crm.open_deal(5)
    open_tab(crm)


def typed(demo: Demo, crm: Crm) -> None:
    empty(demo, crm)
    write(crm, LONG, MANY)


def searching(demo: Demo, crm: Crm) -> None:
    empty(demo, crm)
    crm.logbook.get_by_role("searchbox").fill("call")


def asking(demo: Demo, crm: Crm) -> None:
    typed(demo, crm)
    crm.logbook.get_by_role("textbox").first.press("Escape")
    expect(crm.logbook.get_by_role("dialog")).to_be_visible()


def invalid(demo: Demo, crm: Crm) -> None:
    empty(demo, crm)
    write(crm, "", "A text without a title")
    submit(crm)
    expect(outcome(crm, "invalid")).to_be_visible()


def posted(demo: Demo, crm: Crm) -> None:
    crm.open_deal(1)
    open_tab(crm)
    for title, text in (("First call", "Nobody answered."), (LONG, MANY)):
        write(crm, title, text)
        submit(crm)
        expect(crm.logbook.get_by_role("textbox").first).to_have_value("")
    expect(outcome(crm, "posted")).to_be_visible()


def deleting(demo: Demo, crm: Crm) -> None:
    posted(demo, crm)
    crm.logbook.locator("[data-delete-entry]").first.click()
    expect(crm.logbook.locator(".entry-undo")).to_be_visible()


def queued(demo: Demo, crm: Crm) -> None:
    crm.open_deal(6)
    open_tab(crm)
    demo.control(crm.address, "refuse", code="OVERLOAD_LIMIT", method=ADD, times=1)
    write(crm, "Waits", "For the portal")
    submit(crm)
    expect(outcome(crm, "queued")).to_be_visible()


def refused(demo: Demo, crm: Crm) -> None:
    crm.open_deal(2)
    open_tab(crm)
    demo.control(crm.address, "refuse", code="ACCESS_DENIED", method=ADD, times=1)
    write(crm, "May I?", "Perhaps not")
    submit(crm)
    expect(outcome(crm, "refused")).to_be_visible()


def expired(demo: Demo, crm: Crm) -> None:
    empty(demo, crm)
    write(crm, "Written last week", "and never sent")
    frame_of(crm.page).evaluate("document.querySelector('[name=session]').value = 'old'")
    submit(crm)
    expect(outcome(crm, "expired")).to_be_visible()


def unanswered(demo: Demo, crm: Crm) -> None:
    empty(demo, crm)
    write(crm, "Into the void", "Nobody there")
    crm.page.route("**/entries", lambda route: route.abort())
    submit(crm)
    expect(crm.logbook.get_by_role("alert")).to_be_visible()
    crm.page.unroute("**/entries")


def drafted(demo: Demo, crm: Crm) -> None:
    empty(demo, crm)
    with crm.page.expect_response("**/drafts"):
        write(crm, "Half a thought", "which goes on")
    empty(demo, crm)
    expect(crm.logbook.get_by_role("note")).to_be_visible()


def without_icons(demo: Demo, crm: Crm) -> None:
    other = Crm(crm.page, demo.new_portal())
    demo.control(other.address, "refuse", code="ACCESS_DENIED", method="crm.timeline.icon.list", times=0)
    other.install()
    other.speak(crm.language)
    other.open_deal(1)
    open_tab(other)


def gone(demo: Demo, crm: Crm) -> None:
    crm.open_deal(9)
    demo.control(crm.address, "remove-item", entity_type_id=2, entity_id=9)
    _refused(crm, "gone")


def unreadable(demo: Demo, crm: Crm) -> None:
    crm.open_deal(8)
    demo.control(crm.address, "refuse", code="ACCESS_DENIED", method="crm.item.get", times=1)
    _refused(crm, "refused")


def unreachable(demo: Demo, crm: Crm) -> None:
    crm.open_deal(8)
    demo.control(crm.address, "garbage", method="batch", times=1)
    _refused(crm, "unreachable")


def overstayed(demo: Demo, crm: Crm) -> None:
    crm.open_deal(8)
    demo.control(crm.address, "refuse", code="expired_token", method="batch", times=1)
    _refused(crm, "expired")


def installing(demo: Demo, crm: Crm) -> None:
    other = Crm(crm.page, demo.new_portal())
    other.speak(crm.language)
    demo.control(other.address, "refuse", code="OVERLOAD_LIMIT", method="placement.bind", times=1)
    crm.page.goto(f"{other.address}/market/")
    crm.page.get_by_role("main").locator("button").first.click()
    expect(crm.logbook.locator("form")).to_be_visible()


def welcome(_demo: Demo, crm: Crm) -> None:
    crm.page.goto(f"{crm.address}/marketplace/app/1/")
    with crm.page.expect_navigation():
        crm.page.get_by_label("Acting as").select_option(label=BEN)
    crm.speak(crm.language)
    crm.page.goto(f"{crm.address}/marketplace/app/1/")
    expect(crm.logbook.locator(".steps")).to_be_visible()


def _section(key: str) -> Callable[[Demo, Crm], None]:
    def reach(_demo: Demo, crm: Crm) -> None:
        crm.page.goto(f"{crm.address}/marketplace/app/1/")
        crm.logbook.locator(f"nav button[formaction='/settings/{key}']").click()
        expect(crm.logbook.locator(f"nav button[formaction='/settings/{key}']")).to_have_attribute(
            "aria-current", "page"
        )

    return reach


SECTIONS = ("places", "icons", "templates", "writers", "deliveries", "connection", "calls", "changes", "leave")


def overview(_demo: Demo, crm: Crm) -> None:
    crm.page.goto(f"{crm.address}/marketplace/app/1/")
    expect(crm.logbook.locator(".figures")).to_be_visible()


def setting_up_a_robot(_demo: Demo, crm: Crm) -> None:
    crm.page.goto(f"{crm.address}/automation/robot/logbook_entry/")
    write(crm, "Stage: {=Document:STAGE_ID}", "Worth {=Document:OPPORTUNITY}.")


def malformed(demo: Demo, crm: Crm) -> None:
    _knock(demo, crm, {"PLACEMENT": "CRM_DEAL_DETAIL_TAB"}, 400)


def not_installed(demo: Demo, crm: Crm) -> None:
    _knock(demo, crm, _frame(member_id="0" * 32), 403)


def belongs(demo: Demo, crm: Crm) -> None:
    crm.page.goto(f"{demo.logbook}/placement")


def confirming_a_portal(demo: Demo, crm: Crm) -> None:
    crm.page.goto(f"{demo.logbook}/oauth/start?domain={'long-name.' * 9}customer.example:8443")


def about(demo: Demo, crm: Crm) -> None:
    crm.page.goto(demo.logbook)


STATES: dict[str, Callable[[Demo, Crm], None]] = {
    state.__name__: state
    for state in (
        empty,
        typed,
        searching,
        asking,
        invalid,
        posted,
        deleting,
        queued,
        refused,
        expired,
        unanswered,
        drafted,
        without_icons,
        gone,
        unreadable,
        unreachable,
        overstayed,
        installing,
        overview,
        welcome,
        setting_up_a_robot,
        malformed,
        not_installed,
        belongs,
        confirming_a_portal,
        about,
    )
}

SETTINGS = {f"settings_{key}": _section(key) for key in SECTIONS}


def open_tab(crm: Crm) -> None:
    """Whatever the language: the tab behind the portal's own."""
    crm.page.get_by_role("tab").nth(1).click()
    crm.wait_for(crm.logbook.get_by_role("textbox").first)


def _refused(crm: Crm, kind: str) -> None:
    crm.page.get_by_role("tab").nth(1).click()
    expect(crm.logbook.locator(f"[data-refusal={kind}]")).to_be_visible()


def write(crm: Crm, title: str, text: str) -> None:
    """Whatever the language: the first two fields of the form."""
    crm.logbook.get_by_role("textbox").nth(0).fill(title)
    crm.logbook.get_by_role("textbox").nth(1).fill(text)


def submit(crm: Crm) -> None:
    crm.logbook.locator("form[data-composer] .form-end [data-words]").first.click()


def outcome(crm: Crm, kind: str) -> Locator:
    return crm.logbook.locator(f"[data-outcome={kind}]")


def _frame(**changes: str) -> dict[str, str]:
    fields = {"DOMAIN": "example.bitrix24.com", "AUTH_ID": "x" * 32, "member_id": "1" * 32}
    return {**fields, "PLACEMENT": "CRM_DEAL_DETAIL_TAB", "PLACEMENT_OPTIONS": '{"ID":"1"}', **changes}


def _knock(demo: Demo, crm: Crm, fields: dict[str, str], status: int) -> None:
    """What a portal's page does with its frame, in a whole window."""
    crm.page.goto(f"{crm.address}/market/")
    language = crm.page.get_by_label("Language").input_value()
    with crm.page.expect_response(lambda answer: answer.status == status):
        crm.page.evaluate(
            """([action, fields]) => {
                const form = Object.assign(document.createElement("form"), { method: "post", action });
                for (const [name, value] of Object.entries(fields)) {
                    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
                }
                document.body.append(form);
                form.submit();
            }""",
            [f"{demo.logbook}/placement?LANG={language}", fields],
        )
    expect(crm.page.get_by_role("heading", level=1)).to_be_visible()
