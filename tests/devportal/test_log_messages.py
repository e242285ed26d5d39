"""Log messages: who may write, read and delete them, and how they are listed."""

from datetime import UTC, datetime, timedelta

import pytest

from devportal import Box, Portal
from tests.devportal.client import Caller

FIELDS = {"entityTypeId": 2, "entityId": 1, "title": "t", "text": "x", "iconCode": "info"}


def test_an_entry_has_its_authors_name(portal: Portal, employee: Caller) -> None:
    message = employee.write("Called the client")["result"]["logMessage"]
    assert set(message) == {"id", "created", "authorId", "title", "text", "iconCode"}
    (entry,) = portal.timeline(2, 1)
    assert (entry.id, entry.title, entry.author_id, entry.icon_code) == (message["id"], "Called the client", 7, "call")
    assert entry.client_id == portal.application.client_id
    assert abs(entry.created - datetime.now(UTC)) < timedelta(seconds=5)
    assert datetime.fromisoformat(message["created"]) == entry.created


def test_an_order_takes_entries_although_it_cannot_be_read(employee: Caller) -> None:
    assert "result" in employee.write(entity=(14, 1))


def test_only_who_may_edit_the_card_may_write_on_it(portal: Portal, employee: Caller, reader: Caller) -> None:
    assert "result" in reader.write(entity=(2, 1))
    assert reader.write(entity=(2, 2))["error"] == "ACCESS_DENIED"
    assert reader.error("crm.timeline.logmessage.list", entityTypeId=2, entityId=2) is None
    portal.deny_edit(portal.employee, 2, 1)
    assert employee.write()["error"] == "ACCESS_DENIED"
    portal.allow_edit(portal.employee, 2, 1)
    assert "result" in employee.write()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title": None}, 100),
        ({"text": None}, 100),
        ({"iconCode": None}, 100),
        ({"entityId": None}, 100),
        ({"entityTypeId": "two"}, 100),
        ({"entityId": 0}, "OWNER_NOT_FOUND"),
        ({"entityId": -1}, "OWNER_NOT_FOUND"),
        ({"entityId": 999}, "OWNER_NOT_FOUND"),
        ({"entityTypeId": 999}, "OWNER_NOT_FOUND"),
    ],
)
def test_a_missing_field_or_card_is_refused(
    portal: Portal, employee: Caller, changes: dict[str, object], error: object
) -> None:
    answer = employee.post("crm.timeline.logmessage.add", fields=FIELDS | changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert portal.timeline(2, 1) == []


def test_empty_texts_and_unknown_icons_pass_as_they_are(portal: Portal, employee: Caller) -> None:
    employee.write(" padded ", text="", iconCode="no-such-icon")
    (entry,) = portal.timeline(2, 1)
    assert (entry.title, entry.text, entry.icon_code) == (" padded ", "", "no-such-icon")


def test_the_list_comes_in_pages_of_ten_newest_first(employee: Caller) -> None:
    for number in range(1, 13):
        employee.write(f"Entry {number}")
    first = employee("crm.timeline.logmessage.list", entityTypeId=2, entityId=1)
    assert [one["title"] for one in first["result"]["logMessages"]][:2] == ["Entry 12", "Entry 11"]
    assert (len(first["result"]["logMessages"]), first["next"], first["total"]) == (10, 10, 12)
    second = employee("crm.timeline.logmessage.list", entityTypeId=2, entityId=1, offset=10, start=10)
    assert [one["title"] for one in second["result"]["logMessages"]] == ["Entry 2", "Entry 1"]
    assert "next" not in second


def test_the_order_is_read_in_lower_case_only(employee: Caller) -> None:
    for number in range(3):
        employee.write(f"Entry {number}")

    def first(order: dict[str, str]) -> str:
        rows = employee.result("crm.timeline.logmessage.list", entityTypeId=2, entityId=1, order=order)["logMessages"]
        return str(rows[0]["title"])

    assert first({"id": "asc"}) == first({"created": "asc"}) == "Entry 0"
    assert first({"id": "desc"}) == first({"ID": "asc"}) == first({"id": "ASC"}) == first({}) == "Entry 2"


def test_one_entry_can_be_read_again(employee: Caller) -> None:
    message = employee.write()["result"]["logMessage"]
    assert employee.result("crm.timeline.logmessage.get", id=message["id"]) == {"logMessage": message}
    gone = employee("crm.timeline.logmessage.get", id=77)
    assert (gone["error"], gone["error_description"]) == ("NOT_FOUND", "Timeline logmessage not found for id 77")


def test_entries_of_a_card_that_may_not_be_read_stay_hidden(portal: Portal, employee: Caller) -> None:
    number = employee.write()["result"]["logMessage"]["id"]
    portal.deny_read(portal.employee, 2, 1)
    assert employee.error("crm.timeline.logmessage.list", entityTypeId=2, entityId=1) == "ACCESS_DENIED"
    assert employee.error("crm.timeline.logmessage.get", id=number) == "NOT_FOUND"


def test_an_entry_is_deleted_by_its_own_application_only(box: Box, portal: Portal, employee: Caller) -> None:
    number = employee.write()["result"]["logMessage"]["id"]
    other = box.add_application("local.other.2", "other", app_url="http://127.0.0.1:9")
    stranger = Caller(portal, portal.administrator, app=other)
    assert stranger.error("crm.timeline.logmessage.delete", id=number) == "REMOVING_DISABLED"
    assert stranger.result("crm.timeline.logmessage.get", id=number)
    portal.deny_edit(portal.employee, 2, 1)
    assert employee.error("crm.timeline.logmessage.delete", id=number) == "ACCESS_DENIED"
    portal.allow_edit(portal.employee, 2, 1)
    assert employee.result("crm.timeline.logmessage.delete", id=number) is True
    assert employee.error("crm.timeline.logmessage.delete", id=number) == "NOT_FOUND"
    assert portal.timeline(2, 1) == []


def test_entries_survive_an_uninstall(portal: Portal, employee: Caller) -> None:
    employee.write("Still here")
    portal.finish_install()
    portal.uninstall(clean=True)
    assert [entry.title for entry in portal.timeline(2, 1)] == ["Still here"]
