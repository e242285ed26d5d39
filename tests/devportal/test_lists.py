"""Lists of cards: filter, order, select and pages as documented."""

from typing import Any

import pytest

from devportal import Portal
from tests.devportal.client import Caller

LIST = "crm.item.list"


def found(caller: Caller, entity_type_id: int = 2, **parameters: Any) -> list[int]:
    """The ids in the order of the answer."""
    return [item["id"] for item in caller.result(LIST, entityTypeId=entity_type_id, **parameters)["items"]]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ({"id": 3}, [3]),
        ({"=id": "3"}, [3]),
        ({"!id": 3}, [1, 2, 4, 5, 6, 7, 8, 9]),
        ({"!=id": 3}, [1, 2, 4, 5, 6, 7, 8, 9]),
        ({">id": 7}, [8, 9]),
        ({">=id": 7}, [7, 8, 9]),
        ({"<id": 3}, [1, 2]),
        ({"<=id": 3}, [1, 2, 3]),
        ({"@id": [2, 4, 99]}, [2, 4]),
        ({"id": [2, 4]}, [2, 4]),
        ({"!@id": [1, 2, 3, 4, 5]}, [6, 7, 8, 9]),
        ({"%title": "OVEN"}, [1]),
        ({"=%title": "%glass"}, [3]),
        ({"%=title": "annual%"}, [3]),
        ({"=%title": "glass"}, []),
        ({"!%title": "e"}, []),
        ({"!=%title": "%s%"}, []),
        ({"!%=title": "%ov%"}, [2, 3, 4, 5, 6, 7, 8, 9]),
        ({">opportunity": 51_000, "<=opportunity": "62000"}, [2, 6]),
        ({"stageId": "NEW", "companyId": 4}, [9]),
        ({"title": "service CONTRACT 2026"}, [7]),
        ({"closed": "Y"}, [7]),
        ({"closed": 1}, [7]),
        ({"leadId": ""}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"!leadId": None}, []),
        ({"contactIds": 9}, [9]),
        ({"@contactIds": [8, 9]}, [8, 9]),
        ({"ID": 3}, [3]),
        ({">ID": 7, "COMPANY_ID": 4}, [9]),
        ({"0": {"logic": "OR", "0": {"id": 1}, "1": {"id": 9}}, "stageId": "NEW"}, [9]),
        ({"logic": "OR", "0": {"id": 1}, "1": {"id": 9}}, [1, 9]),
        ([{"logic": "OR", "0": {"id": 1}, "1": {"id": 9}}], [1, 9]),
        ({"logic": "OR", "id": 1, "%title": "glass"}, [1, 3]),
        ({"0": {"0": {"logic": "OR", "id": 1, ">id": 7}, "1": {"stageId": "NEW"}}}, [9]),
    ],
)
def test_a_filter_is_honoured(employee: Caller, condition: Any, ids: list[int]) -> None:
    assert found(employee, filter=condition) == ids


def test_a_filter_reads_forms_as_well(portal: Portal, employee: Caller) -> None:
    command = f"{LIST}?entityTypeId=2&filter[@id][]=2&filter[@id][]=4&order[id]=DESC&select[]=id"
    answer = employee.result("batch", cmd={"deals": command})
    assert answer["result"]["deals"]["items"] == [{"id": 4}, {"id": 2}]


def test_times_are_compared_as_times_in_any_zone(portal: Portal, employee: Caller) -> None:
    item = employee.result("crm.item.get", entityTypeId=2, id=3)["item"]
    assert found(employee, filter={"createdTime": item["createdTime"]}) == [3]
    assert found(employee, filter={">=createdTime": item["createdTime"]}) == [1, 2, 3]
    assert found(employee, filter={"<createdTime": "2000-01-01T00:00:00-05:00"}) == []
    assert len(found(employee, filter={">createdTime": "2000-01-01"})) == 9


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ({"id": "DESC"}, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"ID": "asc"}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"opportunity": "ASC"}, [7, 4, 9, 1, 8, 3, 6, 2, 5]),
        ({"stageId": "ASC", "id": "DESC"}, [8, 4, 1, 9, 6, 3, 5, 2, 7]),
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_an_order_is_honoured(employee: Caller, order: dict[str, str], ids: list[int]) -> None:
    assert found(employee, order=order) == ids


def test_only_selected_fields_are_returned(employee: Caller) -> None:
    rows = employee.result(LIST, entityTypeId=3, select=["id", "lastName", "noSuchField"], filter={"id": 1})["items"]
    assert rows == [{"id": 1, "lastName": "Silva"}]
    (row,) = employee.result(LIST, entityTypeId=3, select=["*"], filter={"id": 1})["items"]
    assert row == employee.result("crm.item.get", entityTypeId=3, id=1)["item"]
    assert row["fm"] == [{"id": row["fm"][0]["id"], "typeId": "EMAIL", "valueType": "WORK", "value": row["email"]}]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"filter": {">ddId": 1}}, "Invalid filter: field 'ddId' is not allowed in filter"),
        ({"filter": {"0": {"nothing": 1}}}, "Invalid filter: field 'nothing' is not allowed in filter"),
        ({"filter": {">id": "many"}}, "Invalid filter: field 'id' has invalid value"),
        ({"filter": {">createdTime": "yesterday"}}, "Invalid filter: field 'createdTime' has invalid value"),
        ({"order": {"ddId": "ASC"}}, "Invalid order: field 'ddId' is not allowed in order"),
        (
            {"order": {"id": "up"}},
            "Invalid order: allowed sort directions are `ASC, DESC`. But got 'up' for field 'id'",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(employee: Caller, parameters: dict[str, Any], words: str) -> None:
    answer = employee.post(LIST, entityTypeId=2, **parameters)
    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_ARG_VALUE")
    assert answer.json()["error_description"] == words


def test_the_filter_counts_before_the_pages_are_cut(portal: Portal, employee: Caller) -> None:
    for number in range(120):
        portal.add_item(1, title=f"Lead {number}")
    first = employee(LIST, entityTypeId=1, filter={"%title": "lead "}, order={"id": "DESC"}, select=["title"])
    assert (first["total"], first["next"], first["result"]["items"][0]) == (120, 50, {"title": "Lead 119"})
    last = employee(LIST, entityTypeId=1, filter={"%title": "lead "}, order={"id": "DESC"}, start=100)
    assert (len(last["result"]["items"]), "next" in last) == (20, False)


def test_a_list_can_be_walked_by_the_last_id_without_counting(portal: Portal, employee: Caller) -> None:
    for number in range(120):
        portal.add_item(1, title=f"Lead {number}")
    seen: list[int] = []
    while True:
        last = seen[-1] if seen else 0
        body = employee(LIST, entityTypeId=1, filter={">id": last}, order={"id": "ASC"}, start=-1)
        ids = [item["id"] for item in body["result"]["items"]]
        assert (body["total"], "next" in body) == (0, False)
        seen += ids
        if len(ids) < 50:
            break
    assert seen == list(range(1, 127))


def nested(depth: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"id": 1}
    for _ in range(depth):
        condition = {"0": condition}
    return condition


STRANGE = [
    "",
    "x",
    "\0",
    -1,
    10**400,
    1e308,
    True,
    None,
    [],
    {},
    [[]],
    {"": ""},
    {"0": "x"},
    {"%": 1},
    {"=%title": "%" * 99},
]


@pytest.mark.parametrize("strange", [*STRANGE, nested(60), nested(400), {">createdTime": "0001-01-01T00:00:00+14:00"}])
@pytest.mark.parametrize("method", [LIST, "crm.deal.list", "crm.status.list", "crm.activity.list", "crm.type.list"])
def test_nothing_that_can_be_asked_breaks_a_list(administrator: Caller, method: str, strange: Any) -> None:
    for name in ("filter", "order", "select", "start"):
        assert administrator.post(method, entityTypeId=2, **{name: strange}).status_code in (200, 400)


@pytest.mark.parametrize("strange", [*STRANGE, "NaN", "inf", "9999-12-31T23:59:59-12:00", [None], {"id": {}}])
@pytest.mark.parametrize("name", ["title", "opportunity", "begindate", "contactIds", "stageId", "assignedById", "fm"])
def test_nothing_that_can_be_given_breaks_a_card(
    portal: Portal, administrator: Caller, name: str, strange: Any
) -> None:
    for entity_type_id, method in ((2, "crm.item.add"), (3, "crm.item.update")):
        answer = administrator.post(method, entityTypeId=entity_type_id, id=1, fields={name: strange})
        assert answer.status_code in (200, 400)
    for item in administrator.result(LIST, entityTypeId=2, order={name: "ASC"} if name != "fm" else {})["items"]:
        assert item["contactIds"] is not None
