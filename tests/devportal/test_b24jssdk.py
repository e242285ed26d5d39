"""The official JavaScript SDK, its real browser build, inside a frame of the portal."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from devportal import Portal
from tests.devportal.chromium import Visitor
from tests.devportal.client import Caller, Listening

SDK = Path(__file__).parent / "node_modules/@bitrix24/b24jssdk/dist/umd/index.min.js"
PAGE = b"""<!doctype html><title>App</title><h1>Application</h1><script src="/sdk.js"></script><script>
window.ready = B24Js.initializeB24Frame().then((b24) => { window.b24 = b24; return b24; });
</script>"""
ADD = "crm.timeline.logmessage.add"
FIELDS = {"entityTypeId": 2, "entityId": 1, "title": "From the frame", "text": "x", "iconCode": "call"}


@pytest.fixture
def with_sdk(portal: Portal, application: Listening) -> Portal:
    assert SDK.exists(), "run `npm ci --ignore-scripts` in tests/devportal"
    application.page = PAGE
    application.files["/sdk.js"] = SDK.read_bytes()
    return portal


@pytest.fixture
def installed(with_sdk: Portal, administrator: Caller, application: Listening) -> Portal:
    administrator.result(
        "placement.bind", PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER=f"{application.url}/placement", TITLE="Logbook"
    )
    with_sdk.finish_install()
    return with_sdk


def act_as(page: Page, portal: Portal, person_id: int) -> None:
    page.context.add_cookies([{"name": f"acting_{portal.member_id}", "value": str(person_id), "url": portal.url}])


def open_tab(portal: Portal, page: Page) -> Frame:
    page.goto(f"{portal.url}/crm/deal/details/1/")
    page.get_by_role("tab", name="Logbook").click()
    return ready_frame(page)


def ready_frame(page: Page) -> Frame:
    """The application's frame, when the SDK says it is initialised."""
    expect(page.frame_locator("iframe").get_by_role("heading", name="Application")).to_be_visible()
    handle = page.locator("iframe").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame
    frame.wait_for_function("window.b24")
    return frame


def run(frame: Frame, body: str, argument: Any = None) -> Any:
    """The value of an asynchronous function body, which may use `b24` and `given`."""
    return frame.evaluate(f"async (given) => {{ {body} }}", argument)


def test_the_sdk_initialises_with_the_portals_data(installed: Portal, visitor: Visitor) -> None:
    act_as(visitor.page, installed, 7)
    frame = open_tab(installed, visitor.page)
    found = run(
        frame,
        """return {
            placement: b24.placement.placement, options: b24.placement.options, isDefault: b24.placement.isDefault,
            language: b24.getLang(), origin: b24.getTargetOrigin(), isAdmin: b24.auth.isAdmin,
            isFirstRun: b24.isFirstRun, isInstallMode: b24.isInstallMode, sid: b24.getAppSid(),
            auth: b24.auth.getAuthData(),
        }""",
    )
    auth, sid = found.pop("auth"), found.pop("sid")
    assert found == {
        "placement": "CRM_DEAL_DETAIL_TAB",
        "options": {"ID": "1", "URI": "/crm/deal/details/1/"},
        "isDefault": False,
        "language": "en",
        "origin": installed.url,
        "isAdmin": False,
        "isFirstRun": True,
        "isInstallMode": False,
    }
    assert (auth["domain"], auth["member_id"], auth["expires_in"]) == (installed.url, installed.member_id, 3600)
    assert installed.authority.pair(auth["access_token"])
    assert sid in (visitor.page.locator("iframe").get_attribute("name") or "")


def test_a_first_run_happens_once_per_person(installed: Portal, visitor: Visitor) -> None:
    open_tab(installed, visitor.page)
    again = open_tab(installed, visitor.page)
    assert run(again, "return b24.isFirstRun") is False
    act_as(visitor.page, installed, 7)
    assert run(open_tab(installed, visitor.page), "return b24.isFirstRun") is True


def test_a_call_goes_through_cors_and_comes_back_whole(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    found = run(
        frame,
        """const answer = await b24.actions.v2.call.make({ method: "crm.item.get", params: given });
        return { ok: answer.isSuccess, data: answer.getData() };""",
        {"entityTypeId": 2, "id": 1},
    )
    assert found["ok"] is True
    assert found["data"]["result"]["item"]["title"] == "Bakery ovens, second branch"
    assert {"start", "finish", "operating", "operating_reset_at"} <= set(found["data"]["time"])
    assert installed.calls[-1].parameters == {
        "entityTypeId": 2,
        "id": 1,
        **{key: value for key, value in installed.calls[-1].parameters.items() if key.startswith("bx24_")},
    }


def test_an_entry_written_by_a_call_appears_on_the_timeline(installed: Portal, visitor: Visitor) -> None:
    act_as(visitor.page, installed, 7)
    frame = open_tab(installed, visitor.page)
    run(frame, "await b24.actions.v2.call.make({ method: given[0], params: given[1] })", [ADD, {"fields": FIELDS}])
    (entry,) = installed.timeline(2, 1)
    assert (entry.title, entry.author_id) == ("From the frame", 7)
    run(frame, "await b24.placement.call('reloadData')")
    assert visitor.page.locator("[data-entry-id]").count() == 1


def test_a_refusal_is_thrown_with_the_portals_code(installed: Portal, visitor: Visitor) -> None:
    act_as(visitor.page, installed, 12)
    frame = open_tab(installed, visitor.page)
    caught = run(
        frame,
        """try { await b24.actions.v2.call.make({ method: given[0], params: given[1] }); return null; }
        catch (error) { return { code: error.code, status: error.status, words: error.message }; }""",
        [ADD, {"fields": FIELDS | {"entityId": 2}}],
    )
    assert (caught["code"], caught["status"]) == ("ACCESS_DENIED", 400)
    visitor.complaints.clear()


def test_a_batch_answers_named_and_listed(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    found = run(
        frame,
        """const named = await b24.actions.v2.batch.make({
            calls: { me: { method: "profile" }, card: { method: "crm.item.get", params: { entityTypeId: 2, id: 1 } } },
            options: { isHaltOnError: true, returnAjaxResult: false },
        });
        const listed = await b24.actions.v2.batch.make({
            calls: [["profile"], ["server.time"]], options: { isHaltOnError: true, returnAjaxResult: false },
        });
        return { named: named.getData(), listed: listed.getData() };""",
    )
    assert found["named"]["me"]["ID"] == "1"
    assert found["named"]["card"]["item"]["id"] == 1
    assert found["listed"][0]["ID"] == "1"


def test_tokens_are_refreshed_by_the_page_and_on_the_way(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    before = run(frame, "return b24.auth.getAuthData().access_token")
    fresh = run(frame, "return (await b24.auth.refreshAuth()).access_token")
    assert fresh != before
    installed.expire_access_tokens()
    found = run(frame, "return (await b24.actions.v2.call.make({ method: 'profile' })).getData().result")
    assert found["ID"] == "1"
    assert run(frame, "return b24.auth.getAuthData().access_token") not in (before, fresh)
    visitor.complaints.clear()


def test_the_page_is_resized_and_asked_for_its_interface(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    assert run(frame, "return await b24.placement.getInterface()") == {"command": ["reloadData"], "event": []}
    run(frame, "await b24.parent.resizeWindow(600, 444)")
    expect(visitor.page.locator("iframe")).to_have_css("height", "444px")
    run(frame, "await b24.parent.fitWindow()")
    assert run(frame, "return await b24.placement.call('reloadData')") == ""
    assert run(frame, "return await b24.placement.call('noSuchCommand')") == {"isSafely": True}


def test_options_are_set_and_read_again(installed: Portal, administrator: Caller, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    run(frame, "await b24.options.appSet('colour', 'red'); await b24.options.userSet('size', 'big')")
    assert run(frame, "return [b24.options.appGet('colour'), b24.options.userGet('size')]") == ["red", "big"]
    assert administrator.result("app.option.get") == {"colour": "red"}
    frame = open_tab(installed, visitor.page)
    assert run(frame, "return [b24.options.appGet('colour'), b24.options.userGet('size')]") == ["red", "big"]


def test_a_card_opens_in_a_slider(installed: Portal, visitor: Visitor) -> None:
    page = visitor.page
    frame = open_tab(installed, page)
    frame.evaluate("void (window.opened = b24.slider.openPath(b24.slider.getUrl('/crm/deal/details/2/'), 950))")
    inside = page.get_by_role("dialog").locator("iframe").content_frame
    expect(inside.get_by_role("heading", level=1)).to_have_text("Route planning for 40 trucks")
    page.get_by_role("button", name="Close").click()
    assert frame.evaluate("window.opened") == {"isOpenAtNewWindow": False, "isClose": True}
    refused = run(
        frame,
        "return b24.slider.openPath(b24.slider.getUrl('/no/such/')).then(() => 'opened', (error) => error.message)",
    )
    assert refused == "PATH_NOT_AVAILABLE"


def test_the_installer_finishes_with_the_sdk(with_sdk: Portal, application: Listening, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{with_sdk.url}/market/")
    page.get_by_role("button", name="Install").click()
    frame = ready_frame(page)
    assert run(frame, "return [b24.isInstallMode, b24.isFirstRun, b24.placement.isDefault]") == [True, True, True]
    with page.expect_navigation():
        frame.evaluate("void b24.installFinish()")
    frame = ready_frame(page)
    assert with_sdk.state.installations[with_sdk.application.client_id].is_finished
    refused = run(frame, "return b24.installFinish().then(() => 'done', (error) => error.message)")
    assert "previously installed" in refused
    assert [heard.path for heard in application.heard] == ["/install", "/"]


def test_people_are_chosen_and_titles_set(installed: Portal, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{installed.url}/marketplace/app/1/")
    frame = ready_frame(page)
    frame.evaluate("void (window.chosen = b24.dialog.selectUser())")
    page.get_by_role("radio", name="Clara Lindqvist").check()
    page.get_by_role("button", name="Select").click()
    assert frame.evaluate("window.chosen")["id"] == "12"
    run(frame, "await b24.parent.setTitle('From the SDK')")
    expect(page.get_by_role("heading", level=1)).to_have_text("From the SDK")


def test_long_lists_are_read_to_their_end(installed: Portal, visitor: Visitor) -> None:
    for number in range(120):
        installed.add_item(1, title=f"Lead {number}")
    frame = open_tab(installed, visitor.page)
    params = {"entityTypeId": 1, "select": ["id"], "filter": {">id": 2, "=%title": "lead %"}}
    options = {"method": "crm.item.list", "params": params, "idKey": "id", "customKeyForResult": "items"}
    whole, chunks = run(
        frame,
        """const whole = (await b24.actions.v2.callList.make(given)).getData();
        const chunks = [];
        for await (const chunk of b24.actions.v2.fetchList.make(given)) chunks.push(chunk.length);
        return [whole.map((row) => row.id), chunks];""",
        options,
    )
    assert (whole, chunks) == (list(range(7, 127)), [50, 50, 20])
