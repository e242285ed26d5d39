"""The fields of cards, and how cards are added, changed and removed by the universal methods."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from devportal import Portal
from tests.devportal.client import Caller

COMMON = {
    *("id", "createdTime", "updatedTime", "createdBy", "updatedBy", "assignedById", "opened", "webformId"),
    *("lastActivityBy", "lastActivityTime", "utmSource", "utmMedium", "utmCampaign", "utmContent", "utmTerm"),
}
DEAL = COMMON | {
    *("dateCreateShort", "dateModifyShort", "leadId", "companyId", "contactId", "quoteId", "title", "productId"),
    *("categoryId", "stageId", "stageSemanticId", "isNew", "isRecurring", "isReturnCustomer", "isRepeatedApproach"),
    *("closed", "typeId", "opportunity", "isManualOpportunity", "taxValue", "currencyId", "probability", "comments"),
    *("begindate", "begindateShort", "closedate", "closedateShort", "eventDate", "eventDateShort", "eventId"),
    *("eventDescription", "locationId", "sourceId", "sourceDescription", "originatorId", "originId"),
    *("additionalInfo", "searchContent", "orderStage", "movedBy", "movedTime", "isWork", "isWon", "isLose"),
    *("receivedAmount", "lostAmount", "hasProducts", "observers", "contactIds"),
}
FLAGS = ("isRequired", "isReadOnly", "isImmutable", "isMultiple", "isDynamic")


def fields_of(caller: Caller, entity_type_id: int) -> dict[str, Any]:
    fields: dict[str, Any] = caller.result("crm.item.fields", entityTypeId=entity_type_id)["fields"]
    return fields


def test_a_deal_has_the_documented_fields(employee: Caller) -> None:
    assert set(fields_of(employee, 2)) == DEAL
    item = employee.result("crm.item.get", entityTypeId=2, id=1)["item"]
    assert set(item) == DEAL | {"entityTypeId"}
    assert (item["opportunity"], item["stageSemanticId"], item["closed"], item["contactIds"]) == (18_400, "P", "N", [1])
    assert (item["isWon"], item["observers"], item["leadId"], item["companyId"]) == (None, [], None, 1)


@pytest.mark.parametrize(
    ("entity_type_id", "count", "own"),
    [
        (1, 65, ("statusDescription", "companyTitle", "phoneWork", "fm", "icq")),
        (3, 52, ("honorific", "photo", "export", "companyIds", "fm")),
        (4, 52, ("industry", "employees", "revenue", "isMyCompany", "ufStamp", "fm")),
        (7, 55, ("quoteNumber", "terms", "storageElementIds", "actualDate")),
        (31, 38, ("accountNumber", "previousStageId", "mycompanyId")),
        (1032, 38, ("xmlId", "opportunityAccount", "previousStageId")),
    ],
)
def test_every_kind_has_fields_of_its_own(
    employee: Caller, entity_type_id: int, count: int, own: tuple[str, ...]
) -> None:
    fields = fields_of(employee, entity_type_id)
    assert set(own) | COMMON <= set(fields)
    assert len(fields) == count


@pytest.mark.parametrize(
    ("entity_type_id", "name", "type_name", "flags", "more"),
    [
        (1032, "id", "integer", ["isReadOnly"], {"upperName": "ID", "title": "ID"}),
        (1032, "title", "string", [], {"upperName": "TITLE"}),
        (1032, "xmlId", "string", [], {"upperName": "XML_ID"}),
        (1032, "createdTime", "datetime", ["isReadOnly"], {"upperName": "CREATED_TIME"}),
        (1032, "createdBy", "user", ["isReadOnly"], {}),
        (1032, "assignedById", "user", [], {"upperName": "ASSIGNED_BY_ID"}),
        (1032, "opened", "boolean", ["isRequired"], {}),
        (1032, "begindate", "date", [], {"upperName": "BEGINDATE"}),
        (1032, "companyId", "crm_company", [], {"settings": {"parentEntityTypeId": 4}}),
        (1032, "contactId", "crm_contact", [], {"isDeprecated": True}),
        (1032, "contactIds", "crm_contact", ["isMultiple"], {"upperName": "CONTACT_IDS"}),
        (1032, "observers", "user", ["isMultiple"], {}),
        (1032, "movedTime", "datetime", ["isReadOnly"], {}),
        (1032, "stageId", "crm_status", [], {"statusType": "DYNAMIC_1032_STAGE_2"}),
        (1032, "previousStageId", "crm_status", ["isReadOnly"], {"statusType": "DYNAMIC_1032_STAGE_2"}),
        (1032, "sourceId", "crm_status", [], {"statusType": "SOURCE"}),
        (1032, "isManualOpportunity", "boolean", [], {"upperName": "IS_MANUAL_OPPORTUNITY"}),
        (1032, "opportunity", "double", [], {}),
        (2, "stageId", "crm_status", [], {"statusType": "DEAL_STAGE"}),
        (2, "typeId", "crm_status", [], {"statusType": "DEAL_TYPE"}),
        (2, "comments", "text", [], {}),
        (1, "stageId", "crm_status", [], {"statusType": "STATUS"}),
        (31, "stageId", "crm_status", [], {"statusType": "SMART_INVOICE_STAGE_1"}),
        (3, "fm", "crm_multifield", ["isMultiple"], {}),
    ],
)
def test_a_field_is_described_as_documented(
    employee: Caller, entity_type_id: int, name: str, type_name: str, flags: list[str], more: dict[str, Any]
) -> None:
    field = fields_of(employee, entity_type_id)[name]
    assert (field["type"], [flag for flag in FLAGS if field[flag]]) == (type_name, flags)
    assert more.items() <= field.items()


def test_a_new_card_has_the_documented_defaults(employee: Caller) -> None:
    item = employee.result("crm.item.add", entityTypeId=2, fields={})["item"]
    assert (item["id"], item["title"], item["categoryId"]) == (10, "Deal #10", 0)
    assert (item["assignedById"], item["createdBy"], item["updatedBy"], item["movedBy"]) == (7, 7, 7, 7)
    assert (item["stageId"], item["typeId"], item["sourceId"], item["currencyId"]) == ("NEW", "SALE", "WEB", "EUR")
    assert (item["opened"], item["isManualOpportunity"], item["isNew"], item["closed"]) == ("Y", "N", "Y", "N")
    closes, begins = (datetime.fromisoformat(item[name]) for name in ("closedate", "begindate"))
    assert closes - begins == timedelta(days=7)
    assert employee.result("crm.item.get", entityTypeId=2, id=10)["item"] == item


def test_values_are_stored_in_their_types(employee: Caller) -> None:
    given = {
        "title": "Ovens",
        "opportunity": "999.5",
        "isManualOpportunity": "Y",
        "probability": "50",
        "contactIds": ["4", 5],
        "observers": {"0": "1"},
        "begindate": "2026-03-01",
        "closed": "Y",
        "assignedById": 12,
        "noSuchField": "x",
        "createdBy": 1,
        "isWon": "Y",
        "comments": "[B]Ä[/B]",
    }
    item = employee.result("crm.item.add", entityTypeId=2, fields=given)["item"]
    assert (item["title"], item["opportunity"], item["isManualOpportunity"]) == ("Ovens", 999.5, "Y")
    assert (item["probability"], item["contactIds"], item["contactId"], item["observers"]) == (50, [4, 5], 4, [1])
    assert (item["begindate"], item["comments"]) == ("2026-03-01T00:00:00+01:00", "[B]Ä[/B]")
    assert (item["assignedById"], item["createdBy"], item["isWon"]) == (12, 7, None)
    assert "noSuchField" not in item


def test_a_change_touches_only_what_is_given(portal: Portal, employee: Caller, administrator: Caller) -> None:
    before = employee.result("crm.item.get", entityTypeId=2, id=1)["item"]
    portal.clock.advance(60)
    fields = {"stageId": "WON", "companyId": ""}
    after = administrator.result("crm.item.update", entityTypeId=2, id=1, fields=fields)["item"]
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"stageId", "stageSemanticId", "closed", "companyId", "movedTime", "updatedTime"}
    assert (after["stageSemanticId"], after["closed"], after["companyId"], after["movedBy"]) == ("S", "Y", 0, 1)
    assert datetime.fromisoformat(after["movedTime"]) > datetime.fromisoformat(before["movedTime"])


def test_a_smart_process_remembers_the_stage_before(employee: Caller) -> None:
    of = {"entityTypeId": 1032, "id": 1}
    item = employee.result("crm.item.update", **of, fields={"stageId": "DT1032_2:REVIEW"})["item"]
    assert (item["stageId"], item["previousStageId"]) == ("DT1032_2:REVIEW", "DT1032_2:PLANNING")


def test_telephone_numbers_are_added_changed_and_removed(employee: Caller) -> None:
    new = {"n0": {"typeId": "PHONE", "valueType": "WORK", "value": "+1 1"}, "n1": {"typeId": "EMAIL", "value": "a@b.c"}}
    item = employee.result("crm.item.add", entityTypeId=3, fields={"name": "Jo", "fm": new})["item"]
    phone, email = item["fm"]
    assert (phone["typeId"], phone["valueType"], phone["value"]) == ("PHONE", "WORK", "+1 1")
    assert (item["phone"], item["phoneWork"], item["hasPhone"], item["email"]) == ("+1 1", "+1 1", "Y", "a@b.c")
    change = {str(phone["id"]): {"valueType": "MOBILE", "value": "+2 2"}, str(email["id"]): {"value": ""}}
    of = {"entityTypeId": 3, "id": item["id"]}
    after = employee.result("crm.item.update", **of, fields={"fm": change})["item"]
    assert after["fm"] == [phone | {"valueType": "MOBILE", "value": "+2 2"}]
    assert (after["phoneMobile"], after["phoneWork"], after["email"], after["hasEmail"]) == ("+2 2", "", "", "N")
    more = employee.result("crm.item.update", **of, fields={"fm": [{"typeId": "WEB", "value": "b.c"}]})["item"]
    assert [one["typeId"] for one in more["fm"]] == ["PHONE", "WEB"]


@pytest.mark.parametrize("method", ["crm.item.add", "crm.item.update"])
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"opportunity": "much"}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ({"title": ["a"]}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ({"begindate": "soon"}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ({"companyId": "1a"}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ({"stageId": "NO_SUCH"}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ({"assignedById": 999}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ({"contactIds": "4"}, 100),
        ({"observers": 4}, 100),
        (None, 100),
        ("text", 100),
    ],
)
def test_values_that_cannot_be_stored_are_refused(employee: Caller, method: str, fields: Any, error: str | int) -> None:
    answer = employee.post(method, entityTypeId=2, id=1, fields=fields)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_only_who_may_edit_a_card_may_change_or_remove_it(reader: Caller) -> None:
    for method in ("crm.item.update", "crm.item.delete"):
        assert reader.error(method, entityTypeId=2, id=2, fields={"title": "x"}) == "ACCESS_DENIED"
    assert reader.result("crm.item.delete", entityTypeId=2, id=1) == []
    assert reader.error("crm.item.get", entityTypeId=2, id=1) == "NOT_FOUND"
    assert reader.error("crm.item.delete", entityTypeId=2, id=1) == "NOT_FOUND"
