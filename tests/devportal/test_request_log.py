"""The request log shows what happened, how to repeat it, and no secret."""

import requests
from playwright.sync_api import expect

from devportal import Box, Portal
from tests.devportal.chromium import Visitor
from tests.devportal.client import Caller, Listening
from tests.devportal.conftest import CLIENT_ID, CLIENT_SECRET


def make_traffic(box: Box, portal: Portal, application: Listening) -> list[str]:
    """One of everything; returns all secrets that went by."""
    caller = Caller(portal, portal.administrator)
    caller.result("event.bind", event="ONAPPINSTALL", handler=f"{application.url}/events")
    portal.finish_install()
    caller.write("Logged")
    caller("no.such.method")
    renewal = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": caller.frame.fields["REFRESH_ID"],
    }
    renewed = requests.post(f"{box.authority_url}/oauth/token/", data=renewal, timeout=10).json()
    told = application.heard[0].fields
    return [
        caller.token,
        caller.frame.fields["REFRESH_ID"],
        caller.frame.fields["APPLICATION_TOKEN"],
        renewed["access_token"],
        renewed["refresh_token"],
        told["auth[access_token]"],
        told["auth[refresh_token]"],
        CLIENT_SECRET,
    ]


def test_every_call_and_event_is_a_line_with_a_curl_to_copy(
    box: Box, portal: Portal, application: Listening, visitor: Visitor
) -> None:
    make_traffic(box, portal, application)
    page = visitor.page
    page.goto(f"{portal.url}/_box/log")
    summaries = page.locator("summary")
    expect(summaries).to_have_count(5)
    expect(summaries.filter(has_text="oauth/token")).to_contain_text("200")
    expect(summaries.filter(has_text="ONAPPINSTALL")).to_contain_text(f"{application.url}/events")
    expect(summaries.filter(has_text="no.such.method")).to_contain_text("404 ERROR_METHOD_NOT_FOUND")
    line = summaries.filter(has_text="crm.timeline.logmessage.add")
    expect(line).to_contain_text("Anna Keller")
    line.click()
    details = line.locator("xpath=..")
    expect(details).to_contain_text('"title": "Logged"')
    expect(details.locator("[data-curl]")).to_contain_text(
        f"curl -X POST {portal.url}/rest/crm.timeline.logmessage.add -H 'Content-Type: application/json'"
    )
    page.get_by_label("Filter").fill("no.such")
    page.get_by_role("button", name="Show").click()
    expect(summaries).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Nothing has been asked yet.")).to_be_visible()


def test_the_log_shows_no_secret(box: Box, portal: Portal, application: Listening) -> None:
    secrets = make_traffic(box, portal, application)
    for path in ("/_box/log", "/_box/calls"):
        text = requests.get(portal.url + path, timeout=10).text
        assert "***" in text
        assert [secret for secret in secrets if secret in text] == []


def test_a_program_can_read_the_calls_too(portal: Portal, employee: Caller) -> None:
    employee("batch", cmd={"a": "profile"})
    (line,) = requests.get(f"{portal.url}/_box/calls", timeout=10).json()
    assert (line["name"], line["who"], line["status"]) == ("batch (profile)", "Ben Okafor", 200)
