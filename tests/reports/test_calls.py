"""The log of calls as administrators read it."""

import csv
import io
import shlex
from datetime import UTC, datetime

import pytest

from b24app.models import RestCall
from b24app.services.access import portals as known_portals
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.attacker import install
from tests.support.logbook import Logbook, Page

WORDS = {"icon": "comment", "title": "It's <b>mine</b>", "text": "'; rm -rf / #"}
ADD = "crm.timeline.logmessage.add"


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    form = installed.send(portal.frame(portal.employee)).form
    assert installed.post(form, **WORDS).outcome == "posted"
    portal.faults.refuse("ACCESS_DENIED", ADD)
    assert installed.post(form, **{**WORDS, "title": "Again"}).outcome == "refused"
    return Admin(installed, portal)


def methods(page: Page) -> list[str]:
    return [row.select_one("summary code").text for row in page.soup.select("li.call")]  # type: ignore[union-attr]


def test_opening_it_takes_one_request_to_the_portal(admin: Admin, portal: Portal) -> None:
    portal.calls.clear()
    assert admin.go("calls").status == 200
    assert len(portal.calls) == 1


def test_one_opens_with_what_was_asked_and_answered(admin: Admin) -> None:
    row = admin.go("calls", method=ADD).soup.select("li.call")[1]
    assert "Ben Okafor" in row.text
    asked, answered = (pre.text for pre in row.select("pre")[:2])
    assert '"title": "It\'s <b>mine</b>"' in asked
    assert '"authorId"' in answered
    assert "\n" in asked
    assert "200 ok" in row.text


def test_the_command_is_one_for_a_shell_without_a_secret(admin: Admin, portal: Portal) -> None:
    page = admin.go("calls", method=ADD)
    words = shlex.split(page.soup.select("li.call")[1].select_one("[data-copied]").text)  # type: ignore[union-attr]
    assert words[:4] == ["curl", "-X", "POST", f"{portal.client_endpoint}{ADD}"]
    assert "Authorization: Bearer $TOKEN" in words
    assert WORDS["text"] in words[-1]
    for token in (portal.frame(portal.employee).fields["AUTH_ID"], "client_secret"):
        assert token not in page.text


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"method": ADD}, [ADD, ADD]),
        ({"code": "any"}, [ADD]),
        ({"code": "ACCESS_DENIED", "method": ADD}, [ADD]),
        ({"author": "Okafor", "method": ADD}, [ADD, ADD]),
        ({"author": "Anna", "method": ADD}, []),
        ({"method": "no.such.method"}, []),
    ],
)
def test_filters(admin: Admin, fields: dict[str, str], found: list[str]) -> None:
    page = admin.go("calls", **fields)
    assert methods(page) == found
    assert found or "No calls match." in page.text
    chosen = [str(option["value"]) for option in page.soup.select("option[selected]")]
    assert all(value in [*chosen, page.one("#author")["value"]] for value in fields.values())


@any_database
def test_an_unknown_name_is_reported_and_stays_in_the_filter(admin: Admin) -> None:
    for address in ("calls", "calls/export"):
        page = admin.go(address, author="<i>Nobody</i>")
        assert (page.status, page.outcome) == (422, "invalid")
        assert page.one("#author")["value"] == "<i>Nobody</i>"


def test_the_choices_are_what_was_called(admin: Admin) -> None:
    page = admin.go("calls")
    assert [str(one["value"]) for one in page.soup.select("#method option")] == ["", "batch", ADD]
    assert [str(one["value"]) for one in page.soup.select("#code option")] == ["", "any", "ACCESS_DENIED"]


def test_a_batch_that_was_refused_in_part_is_an_error_too(installed: Logbook, portal: Portal, admin: Admin) -> None:
    """The worker sends in batches, so a search for an error must find commands, too."""
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    assert installed.post(form, **WORDS).outcome == "queued"
    portal.faults.refuse("OWNER_NOT_FOUND", ADD)
    installed.work()
    page = admin.go("calls", code="OWNER_NOT_FOUND")
    assert methods(page) == ["batch"]
    assert ADD in page.one("li.call").text


def test_pages_and_table_have_all_of_them(installed: Logbook, portal: Portal, admin: Admin) -> None:
    with installed.database() as session:
        ours = known_portals.known(session, portal.member_id)
        row = {"portal_id": ours.id, "called_at": datetime.now(UTC), "request_id": "r", "code": "ok", "status": 200}
        session.add_all(
            RestCall(**row, method="many.calls", milliseconds=number, parameters="=1+1", answer="not {json")
            for number in range(45)
        )
        session.commit()
    page, seen = admin.go("calls", method="many.calls"), []
    while True:
        seen += methods(page)
        key = page.soup.select_one("input[name=before]")
        if key is None:
            break
        page = admin.go("calls", method="many.calls", before=str(key["value"]))
    assert len(seen) == 45
    table = admin.go("calls/export", method="many.calls")
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [row["milliseconds"] for row in rows] == [str(number) for number in range(44, -1, -1)]
    assert rows[0]["parameters"] == "'=1+1"


@any_database
def test_another_portals_calls_are_not_shown(installed: Logbook, box: Box, admin: Admin) -> None:
    second = box.add_portal()
    install(installed, second)
    foreign = Admin(installed, second)
    assert ADD not in foreign.go("calls").text
    assert ADD not in foreign.go("calls/export").text
