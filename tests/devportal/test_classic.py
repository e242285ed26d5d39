"""The older methods of leads, deals, contacts and companies: fields in capitals, values as texts."""

from typing import Any

import pytest

from devportal import Portal
from tests.devportal.client import Caller

KINDS = ("lead", "deal", "contact", "company")


def ids(caller: Caller, method: str, **parameters: Any) -> list[str]:
    return [row["ID"] for row in caller.result(method, **parameters)]


def test_a_deal_is_returned_as_texts(employee: Caller) -> None:
    deal = employee.result("crm.deal.get", id=1)
    assert (deal["ID"], deal["TITLE"], deal["OPPORTUNITY"], deal["CURRENCY_ID"]) == (
        *("1", "Bakery ovens, second branch", "18400.00", "EUR"),
    )
    assert (deal["STAGE_ID"], deal["STAGE_SEMANTIC_ID"], deal["CLOSED"], deal["COMPANY_ID"]) == (
        *("NEGOTIATION", "P", "N", "1"),
    )
    assert (deal["LEAD_ID"], deal["ASSIGNED_BY_ID"], deal["CREATED_BY_ID"], deal["UTM_TERM"]) == (None, "1", "1", None)
    assert "CONTACT_IDS" not in deal
    item = employee.result("crm.item.get", entityTypeId=2, id=1)["item"]
    assert (deal["DATE_CREATE"], deal["MOVED_TIME"]) == (item["createdTime"], item["movedTime"])


@pytest.mark.parametrize(
    ("kind", "count", "examples"),
    [
        ("lead", 57, {"STATUS_ID": ("crm_status", "STATUS"), "ADDRESS_CITY": ("string", None)}),
        ("deal", 45, {"STAGE_ID": ("crm_status", "DEAL_STAGE"), "IS_NEW": ("char", None)}),
        ("contact", 49, {"TYPE_ID": ("crm_status", "CONTACT_TYPE"), "PHONE": ("crm_multifield", None)}),
        ("company", 57, {"COMPANY_TYPE": ("crm_status", "COMPANY_TYPE"), "REVENUE": ("double", None)}),
    ],
)
def test_fields_are_described_as_documented(
    employee: Caller, kind: str, count: int, examples: dict[str, tuple[str, str | None]]
) -> None:
    fields = employee.result(f"crm.{kind}.fields")
    assert len(fields) == count
    for name, (type_name, directory) in examples.items():
        assert (fields[name]["type"], fields[name].get("statusType")) == (type_name, directory)
    assert (fields["ID"]["isReadOnly"], fields["DATE_CREATE"]["isReadOnly"]) == (True, True)
    assert set(employee.result(f"crm.{kind}.get", id=1)) <= set(fields)


@pytest.mark.parametrize("kind", KINDS)
def test_a_card_is_added_changed_and_removed(employee: Caller, kind: str) -> None:
    fields = {"TITLE": "New", "NAME": "Jo", "LAST_NAME": "Doe", "COMMENTS": "x"}
    number = employee.result(f"crm.{kind}.add", fields=fields, params={"REGISTER_SONET_EVENT": "Y"})
    assert isinstance(number, int)
    card = employee.result(f"crm.{kind}.get", id=number)
    assert {name: card[name] for name in fields if name in card} == {n: v for n, v in fields.items() if n in card}
    assert employee.result(f"crm.{kind}.update", ID=number, fields={"COMMENTS": "y"}) is True
    assert employee.result(f"crm.{kind}.get", ID=number) == card | {
        "COMMENTS": "y",
        "DATE_MODIFY": employee.result(f"crm.{kind}.get", id=number)["DATE_MODIFY"],
    }
    assert employee.result(f"crm.{kind}.delete", id=number) is True
    assert employee(f"crm.{kind}.get", id=number)["error_description"] == "Not found"


def test_telephone_numbers_of_a_contact_are_entries_of_their_own(employee: Caller) -> None:
    given = [{"VALUE": "+1 1", "VALUE_TYPE": "HOME"}, {"VALUE": "+2 2"}]
    number = employee.result("crm.contact.add", fields={"NAME": "Jo", "PHONE": given})
    first, second = employee.result("crm.contact.get", id=number)["PHONE"]
    assert (first["VALUE"], first["VALUE_TYPE"], first["TYPE_ID"]) == ("+1 1", "HOME", "PHONE")
    change = [{"ID": first["ID"], "VALUE": "+3 3"}, {"ID": second["ID"], "DELETE": "Y"}]
    employee.result("crm.contact.update", id=number, fields={"PHONE": change})
    contact = employee.result("crm.contact.get", id=number)
    assert contact["PHONE"] == [first | {"VALUE": "+3 3"}]
    assert (contact["HAS_PHONE"], contact["HAS_EMAIL"], "EMAIL" in contact) == ("Y", "N", False)
    assert ids(employee, "crm.contact.list", filter={"PHONE": "+3 3"}) == [str(number)]
    assert employee.result("crm.contact.list", filter={"ID": number}, select=["ID", "PHONE"]) == [
        {"ID": str(number), "PHONE": contact["PHONE"]}
    ]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"filter": {">ID": 7}}, ["8", "9"]),
        ({"filter": {"@STAGE_ID": ["WON", "INVOICE"]}}, ["7", "8"]),
        ({"filter": {"=%TITLE": "%glass"}}, ["3"]),
        ({"FILTER": {">OPPORTUNITY": 51_000}, "ORDER": {"OPPORTUNITY": "desc"}}, ["5", "2", "6"]),
        ({"filter": {"!STAGE_ID": "NEW", "CLOSED": "N"}, "order": {"ID": "DESC"}}, ["8", "5", "4", "2", "1"]),
        ({"filter": {"NO_SUCH_FIELD": 1, "ID": 1}}, ["1"]),
        ({"filter": {">ID": "many"}}, []),
        ({"filter": {"ID": ["1", "3"]}, "start": -1}, ["1", "3"]),
    ],
)
def test_filter_and_order_are_honoured(employee: Caller, parameters: dict[str, Any], found: list[str]) -> None:
    assert ids(employee, "crm.deal.list", **parameters) == found


def test_a_selection_is_honoured(employee: Caller) -> None:
    rows = employee.result("crm.lead.list", select=["ID", "NAME"], filter={"ID": 1})
    assert rows == [{"ID": "1", "NAME": "Nora"}]
    (whole,) = employee.result("crm.company.list", select=["*", "PHONE"], filter={"ID": 1})
    assert whole == {**employee.result("crm.company.list", filter={"ID": 1})[0], "PHONE": whole["PHONE"]}
    assert whole["PHONE"][0]["VALUE"] == "+49 30 5550 101"


def test_long_lists_come_in_pages_of_fifty(portal: Portal, employee: Caller) -> None:
    for number in range(60):
        portal.add_item(1, title=f"Lead {number}")
    first = employee("crm.lead.list", select=["ID"])
    assert (len(first["result"]), first["next"], first["total"]) == (50, 50, 66)
    last = employee("crm.lead.list", select=["ID"], start=50)
    assert (len(last["result"]), "next" in last) == (16, False)


@pytest.mark.parametrize(
    ("method", "parameters", "words"),
    [
        ("crm.deal.get", {}, "ID is not defined or invalid."),
        ("crm.deal.get", {"id": "x"}, "ID is not defined or invalid."),
        ("crm.deal.get", {"id": 999}, "Not found"),
        ("crm.deal.update", {"id": 2, "fields": {}}, "Access denied."),
        ("crm.deal.delete", {"id": 2}, "Access denied."),
        ("crm.deal.add", {"fields": "x"}, "Parameter 'fields' must be array."),
        ("crm.deal.add", {"fields": {}, "params": "x"}, "Parameter 'params' must be array."),
        ("crm.deal.list", {"filter": "x"}, "Parameter 'filter' must be array."),
        ("crm.deal.list", {"order": "x"}, "Parameter 'order' must be array."),
    ],
)
def test_refusals_have_words_and_no_code(reader: Caller, method: str, parameters: dict[str, Any], words: str) -> None:
    answer = reader.post(method, **parameters)
    assert (answer.status_code, answer.json()["error"], answer.json()["error_description"]) == (400, "", words)


def test_who_may_not_read_a_card_does_not_find_it(portal: Portal, employee: Caller) -> None:
    portal.deny_read(portal.employee, 2, 1)
    assert employee("crm.deal.get", id=1)["error_description"] == "Access denied."
    assert "1" not in ids(employee, "crm.deal.list")
