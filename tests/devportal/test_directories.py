"""Directories, pipelines, and the owners of telephone numbers, as documented."""

from typing import Any

import pytest

from devportal import Portal
from tests.devportal.client import Caller


def codes(caller: Caller, **parameters: Any) -> list[str]:
    return [row["STATUS_ID"] for row in caller.result("crm.status.list", **parameters)]


def test_the_stages_of_a_deal_are_returned_with_their_meaning(employee: Caller) -> None:
    body = employee("crm.status.list", filter={"ENTITY_ID": "DEAL_STAGE"}, order={"SORT": "ASC"})
    first, *_, won, lost = body["result"]
    assert body["total"] == len(body["result"]) == 6
    assert {name: first[name] for name in ("STATUS_ID", "NAME", "SORT", "SYSTEM", "SEMANTICS", "CATEGORY_ID")} == {
        "STATUS_ID": "NEW",
        "NAME": "New",
        "SORT": "10",
        "SYSTEM": "Y",
        "SEMANTICS": None,
        "CATEGORY_ID": None,
    }
    assert (first["EXTRA"]["SEMANTICS"], won["EXTRA"]["SEMANTICS"], lost["EXTRA"]["SEMANTICS"]) == (
        *("process", "success", "failure"),
    )
    assert (won["SEMANTICS"], lost["SEMANTICS"]) == ("S", "F")


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"filter": {"ENTITY_ID": "DEAL_TYPE"}}, ["SALE", "COMPLEX", "GOODS", "SERVICE"]),
        ({"filter": {"ENTITY_ID": "DEAL_TYPE"}, "order": {"SORT": "DESC"}}, ["SERVICE", "GOODS", "COMPLEX", "SALE"]),
        (
            {"filter": {"ENTITY_ID": "DEAL_TYPE"}, "order": {"STATUS_ID": "asc"}},
            ["COMPLEX", "GOODS", "SALE", "SERVICE"],
        ),
        ({"filter": {"ENTITY_ID": "SOURCE", "STATUS_ID": "WEB"}}, ["WEB"]),
        ({"filter": {"SEMANTICS": "S", "ENTITY_ID": "DYNAMIC_1032_STAGE_2"}}, ["DT1032_2:SUCCESS"]),
        ({"filter": {"ENTITY_ID": "NO_SUCH"}}, []),
    ],
)
def test_directories_are_filtered_and_sorted(employee: Caller, parameters: dict[str, Any], found: list[str]) -> None:
    assert codes(employee, **parameters) == found


@pytest.mark.parametrize("entity_type_id", [1, 2, 3, 4, 7, 31, 1032])
def test_every_directory_that_a_field_names_exists_and_has_the_values_of_the_cards(
    portal: Portal, employee: Caller, entity_type_id: int
) -> None:
    fields = employee.result("crm.item.fields", entityTypeId=entity_type_id)["fields"]
    items = employee.result("crm.item.list", entityTypeId=entity_type_id, select=["*"])["items"]
    for name, field in fields.items():
        if field["type"] == "crm_status":
            known = codes(employee, filter={"ENTITY_ID": field["statusType"]})
            assert known
            assert {item[name] for item in items} <= {*known, None}


def test_every_kind_with_pipelines_has_one(portal: Portal, employee: Caller) -> None:
    def categories(number: int) -> Any:
        return employee.result("crm.category.list", entityTypeId=number)["categories"]

    assert categories(2) == [{"id": 0, "name": "General", "sort": 300, "entityTypeId": 2, "isDefault": "Y"}]
    for number in (31, 1032, portal.add_type("Repairs")):
        (category,) = categories(number)
        item = employee.result("crm.item.add", entityTypeId=number, fields={"title": "New"})["item"]
        assert item["categoryId"] == category["id"] > 0
        assert item["stageId"].startswith(f"DT{number}_{category['id']}:")
    assert employee.error("crm.category.list", entityTypeId=1) == "ENTITY_TYPE_NOT_SUPPORTED"
    assert employee.error("crm.category.list", entityTypeId=999) == "NOT_FOUND"
    assert employee.error("crm.category.list") == 100


@pytest.fixture
def shared(employee: Caller) -> Caller:
    """A lead, a contact and a company with one telephone number."""
    for kind in ("lead", "contact", "company"):
        employee.result(f"crm.{kind}.add", fields={"NAME": "Jo", "TITLE": "Jo", "PHONE": [{"VALUE": "+1 (23) 45-6"}]})
    return employee


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"type": "PHONE", "values": ["+123456"]}, {"LEAD": [7], "CONTACT": [10], "COMPANY": [7]}),
        ({"type": "phone", "values": ["+123456"], "entity_type": "CONTACT"}, {"CONTACT": [10]}),
        ({"type": "EMAIL", "values": ["MARTA.SILVA@mail.example", "x@y.z"]}, {"CONTACT": [1]}),
        ({"type": "EMAIL", "values": ["x@y.z"]}, []),
    ],
)
def test_cards_with_a_number_or_an_address_are_found(shared: Caller, parameters: dict[str, Any], found: Any) -> None:
    assert shared.result("crm.duplicate.findbycomm", **parameters) == found


def test_twenty_of_one_kind_end_the_search(employee: Caller) -> None:
    for kind, count in (("lead", 20), ("contact", 1)):
        for _ in range(count):
            employee.result(f"crm.{kind}.add", fields={"NAME": "Jo", "EMAIL": [{"VALUE": "jo@y.z"}]})
    found = employee.result("crm.duplicate.findbycomm", type="EMAIL", values=["jo@y.z"])
    assert {name: len(numbers) for name, numbers in found.items()} == {"LEAD": 20}


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"values": ["1"]}, "Communication type is not defined"),
        ({"type": "IM", "values": ["1"]}, "Communication type 'IM' is not supported in current context"),
        ({"type": "PHONE"}, "Communication values is not defined"),
    ],
)
def test_a_search_without_its_words_is_refused(employee: Caller, parameters: dict[str, Any], error: str) -> None:
    assert employee.error("crm.duplicate.findbycomm", **parameters) == error
