"""The BX24 library that the portal serves itself, in a frame of it: no application needs the internet."""

from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from devportal import Portal
from tests.devportal.chromium import Visitor
from tests.devportal.client import Caller, Listening

PAGE = """<!doctype html><title>App</title><h1>Application</h1><script src="{portal}/api/v1/"></script><script>
window.steps = [];
BX24.install(() => window.steps.push("install"));
BX24.init(() => {{ window.steps.push("init"); document.body.dataset.ready = "1"; }});
window.ask = (run) => new Promise(run);
</script>"""


@pytest.fixture
def served(portal: Portal, application: Listening) -> Portal:
    application.page = PAGE.format(portal=portal.url).encode()
    return portal


@pytest.fixture
def installed(served: Portal, administrator: Caller, application: Listening) -> Portal:
    handler = f"{application.url}/placement"
    administrator.result("placement.bind", PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER=handler, TITLE="App")
    served.finish_install()
    return served


def frame_of(page: Page, *, is_ready: bool = True) -> Frame:
    inner = page.frame_locator("iframe")
    expect(inner.locator("body[data-ready]" if is_ready else "h1")).to_be_visible()
    handle = page.locator("iframe").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame
    return frame


def open_tab(portal: Portal, page: Page) -> Frame:
    page.goto(f"{portal.url}/crm/deal/details/1/")
    page.get_by_role("tab", name="App").click()
    return frame_of(page)


def ask(frame: Frame, body: str) -> Any:
    """The value that `done` is called with."""
    return frame.evaluate(f"() => new Promise((done) => {{ {body} }})")


def test_an_installation_is_finished_by_the_library(
    served: Portal, administrator: Caller, application: Listening, visitor: Visitor
) -> None:
    administrator.result("event.bind", event="ONAPPINSTALL", handler=f"{application.url}/events")
    visitor.page.goto(f"{served.url}/marketplace/app/1/")
    frame = frame_of(visitor.page, is_ready=False)
    frame.wait_for_function("window.steps.length > 0")
    assert frame.evaluate("window.steps") == ["install"]
    # It reloads the page that the frame is in, so its own answer may be lost.
    with visitor.page.expect_navigation():
        frame.evaluate("void setTimeout(() => BX24.installFinish())")
    assert frame_of(visitor.page).evaluate("window.steps") == ["init"]
    assert "ONAPPINSTALL" in application.events


def test_a_frame_knows_where_it_is_and_who_looks(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    info = frame.evaluate("BX24.placement.info()")
    assert (info["placement"], info["options"]["ID"]) == ("CRM_DEAL_DETAIL_TAB", "1")
    assert frame.evaluate("[BX24.isAdmin(), BX24.getLang(), BX24.getDomain()]") == [True, "en", installed.host]
    auth = frame.evaluate("BX24.getAuth()")
    assert (auth["member_id"], auth["domain"]) == (installed.member_id, installed.host)
    renewed = ask(frame, "BX24.refreshAuth(done)")
    assert renewed["access_token"] not in ("", auth["access_token"])
    assert frame.evaluate("BX24.getAuth()") == renewed


def test_methods_and_batches_are_called_and_paged(installed: Portal, visitor: Visitor) -> None:
    for number in range(60):
        installed.add_item(1, title=f"Lead {number}")
    frame = open_tab(installed, visitor.page)
    told = ask(
        frame,
        """
        const seen = [];
        BX24.callMethod("crm.lead.list", { filter: { ">ID": 6 }, order: { ID: "ASC" }, select: ["ID"] }, (result) => {
          seen.push([result.data().length, result.total(), result.more(), result.error()]);
          if (!result.next()) done(seen);
        });
        """,
    )
    assert told == [[50, 60, True, False], [10, 60, False, False]]
    refused = ask(
        frame,
        """BX24.callMethod("crm.item.get", { entityTypeId: 2, id: 999 }, (r) =>
             done([r.error().status, r.error().ex.error, r.error_description()]));""",
    )
    assert refused == [400, "NOT_FOUND", "Element not found"]
    (complaint,) = visitor.complaints
    assert "400" in complaint
    visitor.complaints.clear()
    batch = ask(
        frame,
        """BX24.callBatch({
             deal: ["crm.item.get", { entityTypeId: 2, id: 1 }],
             gone: { method: "crm.item.get", params: { entityTypeId: 2, id: 999 } },
             leads: ["crm.lead.list", { select: ["ID"] }],
           }, (r) => done([r.deal.data().item.id, r.gone.error().ex.error, r.leads.total(), r.leads.more()]));""",
    )
    assert batch == [1, "NOT_FOUND", 66, True]
    assert ask(frame, 'BX24.callBatch([["profile", {}]], (r) => done([r.length, r[0].data().ID]));') == [1, "1"]


def test_options_window_and_placement_are_reached(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    ask(frame, 'BX24.appOption.set("colour", "red", done)')
    ask(frame, 'BX24.userOption.set("size", "big", done)')
    assert frame.evaluate('[BX24.appOption.get("colour"), BX24.userOption.get("size")]') == ["red", "big"]
    (installation,) = installed.state.installations.values()
    assert (installation.options, installation.user_options[1]) == ({"colour": "red"}, {"size": "big"})
    size = ask(frame, 'BX24.resizeWindow("100%", 321, done)')
    assert size["height"] == 321
    assert "reloadData" in ask(frame, "BX24.placement.getInterface(done)")["command"]
    assert ask(frame, 'BX24.placement.call("reloadData", {}, () => done("reloaded"))') == "reloaded"
