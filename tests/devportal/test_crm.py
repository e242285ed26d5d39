"""Cards, kinds of cards, and who may read them."""

import pytest

from devportal import Portal
from tests.devportal.client import Caller


@pytest.mark.parametrize("entity_type_id", [1, 2, 3, 4, 7, 31, 1032])
def test_each_kind_of_card_can_be_read(employee: Caller, entity_type_id: int) -> None:
    item = employee.result("crm.item.get", entityTypeId=entity_type_id, id=1)["item"]
    assert (item["id"], item["entityTypeId"]) == (1, entity_type_id)
    assert item["name" if entity_type_id == 3 else "title"]
    fields = employee.result("crm.item.fields", entityTypeId=entity_type_id)["fields"]
    assert set(item) - {"entityTypeId"} == set(fields)


def test_a_contact_is_named_by_its_parts(employee: Caller) -> None:
    item = employee.result("crm.item.get", entityTypeId=3, id=1)["item"]
    assert (item["name"], item["lastName"]) == ("Marta", "Silva")


@pytest.mark.parametrize("method", ["crm.item.get", "crm.item.list", "crm.item.fields"])
@pytest.mark.parametrize("entity_type_id", [14, 5])
def test_orders_and_old_invoices_have_no_item_methods(employee: Caller, method: str, entity_type_id: int) -> None:
    answer = employee.post(method, entityTypeId=entity_type_id, id=1)
    assert (answer.status_code, answer.json()["error"]) == (400, "ENTITY_TYPE_NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"entityTypeId": 2, "id": 999}, "NOT_FOUND"),
        ({"entityTypeId": 999, "id": 1}, "NOT_FOUND"),
        ({"entityTypeId": 2}, 100),
        ({"id": 1}, 100),
        ({"entityTypeId": 2, "id": "8061abc"}, 100),
    ],
)
def test_a_card_that_is_not_there_or_not_named_is_refused(
    employee: Caller, parameters: dict[str, object], error: str | int
) -> None:
    answer = employee.post("crm.item.get", **parameters)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_person_without_the_right_cannot_read_a_card(portal: Portal, employee: Caller, administrator: Caller) -> None:
    portal.deny_read(portal.employee, 2, 1)
    assert employee.error("crm.item.get", entityTypeId=2, id=1) == "ACCESS_DENIED"
    assert employee.result("crm.item.list", entityTypeId=2)["items"][0]["id"] == 2
    assert administrator.error("crm.item.get", entityTypeId=2, id=1) is None
    portal.allow_read(portal.employee, 2, 1)
    assert employee.error("crm.item.get", entityTypeId=2, id=1) is None


def test_lists_come_in_pages_of_fifty(portal: Portal, employee: Caller) -> None:
    for number in range(100):
        portal.add_item(1, title=f"Lead {number}")
    first = employee("crm.item.list", entityTypeId=1)
    assert (len(first["result"]["items"]), first["next"], first["total"]) == (50, 50, 106)
    last = employee("crm.item.list", entityTypeId=1, start=100)
    assert (len(last["result"]["items"]), last.get("next")) == (6, None)
    uncounted = employee("crm.item.list", entityTypeId=1, start=-1)
    assert (len(uncounted["result"]["items"]), uncounted["total"], uncounted.get("next")) == (50, 0, None)


def test_smart_processes_are_listed_for_crm_administrators_and_named_for_all(
    portal: Portal, administrator: Caller, employee: Caller
) -> None:
    body = administrator("crm.type.list")
    (smart,) = body["result"]["types"]
    assert (smart["entityTypeId"], smart["title"], body["total"]) == (1032, "Onboarding projects", 1)
    assert administrator.result("crm.type.get", id=smart["id"])["type"] == smart
    answer = employee.post("crm.type.list")
    assert (answer.status_code, answer.json()["error"]) == (400, "ACCESS_DENIED")
    names = {one["ID"]: one for one in employee.result("crm.enum.ownertype")}
    assert names[1032] == {
        "ID": 1032,
        "NAME": "Onboarding projects",
        "SYMBOL_CODE": "DYNAMIC_1032",
        "SYMBOL_CODE_SHORT": "T408",
    }
    assert names[31]["SYMBOL_CODE"] == "SMART_INVOICE"


def test_a_smart_process_may_come_and_go_while_the_portal_runs(portal: Portal, administrator: Caller) -> None:
    number = portal.add_type("Repairs")
    item = portal.add_item(number, title="A broken oven")
    assert number >= 128
    assert administrator.result("crm.item.get", entityTypeId=number, id=item)["item"]["title"] == "A broken oven"
    code = f"CRM_DYNAMIC_{number}_DETAIL_TAB"
    assert administrator.result("placement.bind", PLACEMENT=code, HANDLER="http://127.0.0.1:9/placement")
    portal.remove_type(number)
    assert administrator.error("crm.item.get", entityTypeId=number, id=item) == "NOT_FOUND"
    assert administrator.result("placement.get") == []
    assert administrator.error("placement.bind", PLACEMENT=code, HANDLER="http://127.0.0.1:9/p") == (
        "ERROR_PLACEMENT_NOT_FOUND"
    )
    assert portal.add_type("Rentals") != number


def test_smart_processes_can_be_filtered_and_sorted(portal: Portal, administrator: Caller) -> None:
    portal.add_type("Repairs")
    portal.add_type("Rentals")

    def titles(**parameters: object) -> list[str]:
        return [smart["title"] for smart in administrator.result("crm.type.list", **parameters)["types"]]

    assert titles(order={"title": "DESC"}) == ["Repairs", "Rentals", "Onboarding projects"]
    assert titles(filter={"%title": "re"}, order={"id": "DESC"}) == ["Rentals", "Repairs"]
    assert titles(filter={"logic": "OR", "entityTypeId": 1032, "title": "Rentals"}) == [
        "Onboarding projects",
        "Rentals",
    ]
    assert titles(filter={"isAutomationEnabled": "Y", "isPaymentsEnabled": "Y"}) == []
    assert administrator.error("crm.type.list", filter={"colour": 1}) == "INVALID_ARG_VALUE"
    assert administrator.error("crm.type.list", order={"id": "sideways"}) == "INVALID_ARG_VALUE"


def test_a_smart_process_lists_all_its_options(administrator: Caller) -> None:
    (smart,) = administrator.result("crm.type.list")["types"]
    switches = {name for name, value in smart.items() if value in ("Y", "N")}
    assert switches == {
        *("isCategoriesEnabled", "isStagesEnabled", "isBeginCloseDatesEnabled", "isClientEnabled"),
        *("isUseInUserfieldEnabled", "isLinkWithProductsEnabled", "isMycompanyEnabled", "isDocumentsEnabled"),
        *("isSourceEnabled", "isObserversEnabled", "isRecyclebinEnabled", "isAutomationEnabled"),
        *("isBizProcEnabled", "isSetOpenPermissions", "isPaymentsEnabled", "isCountersEnabled"),
    }
