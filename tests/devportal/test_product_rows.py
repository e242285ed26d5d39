"""The product rows of leads and deals by the older methods, as documented."""

from typing import Any

import pytest

from tests.devportal.client import Caller


@pytest.mark.parametrize(("kind", "code"), [("lead", "L"), ("deal", "D")])
def test_rows_replace_those_that_were_there(employee: Caller, kind: str, code: str) -> None:
    rows = [{"PRODUCT_NAME": "Oven", "PRICE": "12.50", "QUANTITY": 2, "SORT": 10}, {"PRODUCT_ID": 8, "PRICE": 5}]
    assert employee.result(f"crm.{kind}.productrows.set", id=1, rows=[{"PRODUCT_NAME": "Gone"}]) is True
    assert employee.result(f"crm.{kind}.productrows.set", id=1, rows=rows) is True
    oven, other = employee.result(f"crm.{kind}.productrows.get", id=1)
    told = {"OWNER_ID": "1", "OWNER_TYPE": code, "PRODUCT_ID": 0, "PRODUCT_NAME": "Oven", "PRICE": 12.5}
    told |= {"PRICE_NETTO": 12.5, "PRICE_ACCOUNT": "12.50000000", "QUANTITY": 2, "DISCOUNT_TYPE_ID": 2, "SORT": 10}
    assert {name: oven[name] for name in told} == told
    assert (other["PRODUCT_NAME"], other["QUANTITY"], other["TAX_INCLUDED"]) == (f"[{other['ID']}]", 1, "N")
    assert employee.result(f"crm.{kind}.productrows.set", id=1, rows=[]) is True
    assert employee.result(f"crm.{kind}.productrows.get", id=1) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"DISCOUNT_TYPE_ID": 2}, "Discount Rate (DISCOUNT_RATE) is required"),
        ({"DISCOUNT_TYPE_ID": 2, "DISCOUNT_RATE": 100}, "Discount Sum (DISCOUNT_SUM) is required if Percentage"),
        ({"DISCOUNT_TYPE_ID": 1}, "Discount Sum (DISCOUNT_SUM) is required if Monetary"),
    ],
)
def test_a_discount_without_its_number_is_refused_and_nothing_changes(
    employee: Caller, row: dict[str, Any], words: str
) -> None:
    body = employee("crm.lead.productrows.set", id=1, rows=[{"PRICE": 1}, row])
    assert (body["error"], words in body["error_description"]) == ("ERROR_CORE", True)
    assert employee.result("crm.lead.productrows.get", id=1) == []


def test_rows_need_a_card_and_the_right_to_it(employee: Caller, reader: Caller) -> None:
    assert "invalid or not defined" in employee("crm.lead.productrows.get", id="x")["error_description"]
    assert "must be array" in employee("crm.lead.productrows.set", id=1, rows="x")["error_description"]
    assert employee("crm.lead.productrows.set", id=999, rows=[])["error_description"] == "Not found"
    assert reader("crm.deal.productrows.set", id=2, rows=[])["error_description"] == "Access denied."
    assert reader.result("crm.deal.productrows.get", id=2) == []


def test_rows_go_with_their_card(employee: Caller) -> None:
    number = employee.result("crm.lead.add", fields={"TITLE": "With rows"})
    employee.result("crm.lead.productrows.set", id=number, rows=[{"PRICE": 1}])
    employee.result("crm.lead.update", id=number, fields={"TITLE": "Changed"})
    assert len(employee.result("crm.lead.productrows.get", id=number)) == 1
    employee.result("crm.lead.delete", id=number)
    assert employee("crm.lead.productrows.get", id=number)["error_description"] == "Not found"
