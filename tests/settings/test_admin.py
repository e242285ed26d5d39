"""The application's main page: the settings' overview for administrators, a welcome for everybody else."""

from devportal import Box, Portal
from tests.conftest import any_database
from tests.delivery.test_heartbeats import beat
from tests.delivery.test_worker import queue_one
from tests.support.administrator import Admin
from tests.support.logbook import Logbook


def test_an_administrator_sees_at_a_glance_that_it_works(installed: Logbook, portal: Portal) -> None:
    page = Admin(installed, portal).page
    assert page.status == 200
    assert portal.url in page.text
    assert "Everything is in place" in page.text
    figures = [figure.get_text(" ", strip=True) for figure in page.soup.select(".figures div")]
    assert figures == ["Kinds of cards with Logbook 8", "Entries waiting 0", "Entries refused 0"]


def test_what_needs_attention_is_shown_with_a_link(installed: Logbook, portal: Portal) -> None:
    del portal.state.placements[0]
    page = Admin(installed, portal).page
    assert page.one(".tasks li p").text == "1 place is not set up."
    assert page.one(".tasks form")["action"] == "/settings/connection"


def test_it_takes_one_request_to_the_portal(installed: Logbook, box: Box, portal: Portal) -> None:
    box.authority_calls.clear()
    Admin(installed, portal)
    assert [call.method for call in portal.calls] == ["batch"]
    assert list(box.authority_calls) == []


def test_only_the_proved_portal_may_frame_it(installed: Logbook, portal: Portal) -> None:
    headers = Admin(installed, portal).page.headers
    assert headers["Content-Security-Policy"].endswith(f"frame-ancestors {portal.url}")
    assert not {"X-Frame-Options", "Set-Cookie"} & set(headers)


def test_others_read_what_logbook_does_and_where_to_find_it(installed: Logbook, portal: Portal) -> None:
    page = installed.send(portal.frame(portal.employee, placement="DEFAULT"))
    assert page.status == 200
    assert "tab" in page.one("main").text
    assert [form["action"] for form in page.soup.select("form")] == ["/several", "/keys"]
    assert portal.member_id not in page.text


def test_options_of_the_portals_own_page_are_no_card(installed: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.administrator, placement="DEFAULT", options={"any": "thing", "ID": "nonsense"})
    assert installed.send(frame).status == 200


@any_database
def test_the_overview_says_that_no_worker_sends_what_waits(installed: Logbook, portal: Portal) -> None:
    sentence = "What waits is not being sent at the moment."
    assert sentence not in Admin(installed, portal).page.text
    queue_one(installed, portal)
    assert sentence in Admin(installed, portal).page.text
    beat(installed)
    assert sentence not in Admin(installed, portal).page.text
    beat(installed, seconds_ago=80)
    assert sentence in Admin(installed, portal).page.text
