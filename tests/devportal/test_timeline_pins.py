"""Log messages at the top of a card's timeline."""

import requests

from devportal import Portal
from tests.devportal.client import Caller

PIN, UNPIN = "crm.timeline.item.pin", "crm.timeline.item.unpin"
DEAL = {"ownerTypeId": 2, "ownerId": 1}


def written(caller: Caller, count: int) -> list[int]:
    return [int(caller.write(f"Entry {number}")["result"]["logMessage"]["id"]) for number in range(count)]


def pinned(portal: Portal) -> list[int]:
    return [message.id for message in portal.timeline(2, 1) if [2, 1] in message.pinned_on]


def test_pinning_and_unpinning_answer_nothing_and_may_be_repeated(portal: Portal, employee: Caller) -> None:
    (number,) = written(employee, 1)
    for _time in range(2):
        assert employee(PIN, id=number, **DEAL)["result"] is None
        assert pinned(portal) == [number]
    page = requests.get(f"{portal.url}/crm/deal/details/1/", timeout=10).text
    assert page.count(">Pinned<") == 1
    for _time in range(2):
        assert employee(UNPIN, id=number, **DEAL)["result"] is None
        assert pinned(portal) == []


def test_a_card_has_room_for_three_or_for_seven(portal: Portal, employee: Caller) -> None:
    numbers = written(employee, 8)
    for number in numbers[:3]:
        employee.result(PIN, id=number, **DEAL)
    answer = employee(PIN, id=numbers[3], **DEAL)
    assert (answer["error"], answer["error_description"]) == (0, "Only three events can be added to favorites")
    portal.state.dialect.pins = "seven"
    for number in numbers[3:7]:
        employee.result(PIN, id=number, **DEAL)
    assert employee.error(PIN, id=numbers[7], **DEAL) == 0
    employee.result(UNPIN, id=numbers[0], **DEAL)
    employee.result(PIN, id=numbers[7], **DEAL)
    assert pinned(portal) == numbers[1:]


def test_what_is_not_on_the_card_or_not_allowed_is_refused(portal: Portal, employee: Caller) -> None:
    (number,) = written(employee, 1)
    for method in (PIN, UNPIN):
        assert employee.error(method, id=number, ownerTypeId=2, ownerId=2) == "NOT_FOUND"
        assert employee.error(method, id=999, **DEAL) == "NOT_FOUND"
        assert employee.error(method, id=number, ownerTypeId=2, ownerId=999) == "OWNER_NOT_FOUND"
        assert employee.error(method, **DEAL) == 100
    portal.deny_edit(portal.employee, 2, 1)
    assert employee.error(PIN, id=number, **DEAL) == "ACCESS_DENIED"
