"""Log messages on further cards."""

import pytest

from devportal import Portal
from tests.devportal.client import Caller

BIND, UNBIND, LIST = (f"crm.timeline.bindings.{name}" for name in ("bind", "unbind", "list"))


def fields(number: int, kind: object = "company", entity_id: object = 1) -> dict[str, object]:
    return {"OWNER_ID": number, "ENTITY_ID": entity_id, "ENTITY_TYPE": kind}


def write(caller: Caller) -> int:
    return int(caller.write("Called")["result"]["logMessage"]["id"])


def listed(caller: Caller, type_id: int, entity_id: int) -> list[int]:
    rows = caller("crm.timeline.logmessage.list", entityTypeId=type_id, entityId=entity_id)["result"]["logMessages"]
    return [row["id"] for row in rows]


def test_one_message_appears_on_both_cards_and_is_deleted_from_both(employee: Caller) -> None:
    number = write(employee)
    for _again in range(2):
        assert employee(BIND, fields=fields(number, "COMPANY"))["result"] is True
    assert listed(employee, 4, 1) == listed(employee, 2, 1) == [number]
    rows = employee(LIST, filter={"OWNER_ID": number})["result"]
    assert [(row["ENTITY_TYPE"], row["ENTITY_ID"]) for row in rows] == [("deal", "1"), ("company", "1")]
    employee("crm.timeline.logmessage.delete", id=number)
    assert listed(employee, 4, 1) == listed(employee, 2, 1) == []


def test_unbinding_the_origin_moves_it(employee: Caller) -> None:
    number = write(employee)
    employee(BIND, fields=fields(number, "dynamic_1032"))
    assert employee(UNBIND, fields=fields(number, "deal"))["result"] is True
    assert (listed(employee, 2, 1), listed(employee, 1032, 1)) == ([], [number])
    assert employee.error(UNBIND, fields=fields(number, "deal")) == "NOT_FOUND"


def test_without_the_right_to_the_card_the_answer_is_false_or_a_refusal(portal: Portal, employee: Caller) -> None:
    number = write(employee)
    portal.deny_edit(portal.employee, 4, 1)
    assert employee(BIND, fields=fields(number))["result"] is False
    portal.state.dialect.bindings = "old"
    assert employee.error(BIND, fields=fields(number)) == "ACCESS_DENIED"


@pytest.mark.parametrize(
    "wrong", [{"OWNER_ID": 0}, {"ENTITY_ID": "x"}, {"ENTITY_TYPE": "requisite"}, {"ENTITY_TYPE": "dynamic_x"}]
)
def test_what_is_wrong_is_named(employee: Caller, wrong: dict[str, object]) -> None:
    answer = employee(BIND, fields={**fields(write(employee)), **wrong})
    assert answer["error_description"] == f"{next(iter(wrong))} is not defined or invalid."


def test_older_portals_know_five_kinds_of_card(portal: Portal, employee: Caller) -> None:
    number = write(employee)
    portal.state.dialect.bindings = "old"
    assert employee(BIND, fields=fields(number, "contact"))["result"] is True
    assert "error" in employee(BIND, fields=fields(number, "quote"))


def test_some_portals_do_not_list_what_was_bound_later(portal: Portal, employee: Caller) -> None:
    number = write(employee)
    employee(BIND, fields=fields(number))
    portal.state.dialect.bound_rows = "untold"
    assert listed(employee, 4, 1) == []


def test_unbinding_needs_the_right_to_the_card_and_binding_again_brings_it_back(
    portal: Portal, employee: Caller
) -> None:
    number = write(employee)
    employee(BIND, fields=fields(number))
    employee(UNBIND, fields=fields(number, "deal"))
    portal.deny_edit(portal.employee, 4, 1)
    assert employee(UNBIND, fields=fields(number))["result"] is False
    assert employee(BIND, fields=fields(number, "deal"))["result"] is True
    assert listed(employee, 2, 1) == [number]


def test_a_list_needs_its_message_and_a_binding_its_fields(employee: Caller) -> None:
    assert "OWNER_ID" in employee(LIST)["error_description"]
    assert employee.error(BIND) == "ERROR_ARGUMENT"
