"""Templates with fields of the card: filled in with one request, shortened, and reported if the portal lacks them."""

from typing import Any

import pytest

from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.template_pages import DEAL, insert, open_tab, save, smart, stored

pytestmark = any_database

COMPANY = 4


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def inserted(admin: Admin, text: str, placement: str = "CRM_DEAL_DETAIL_TAB", card: str = "1") -> Page:
    """The form after a press on a template with this text."""
    chosen = [template["id"] for template in stored(admin)]
    save(admin, **({"template": chosen[0]} if chosen else {}), title="", text=text)
    return insert(admin, open_tab(admin, placement, card), text="")


def own_field(portal: Portal, name: str, type_name: str, value: Any, **more: Any) -> None:
    """A field that people have added to deals, as the documentation shows such fields."""
    described = {"type": type_name, "isMultiple": isinstance(value, list), "isDynamic": True, "title": name, **more}
    portal.state.own_fields.setdefault(DEAL, {})[name] = described
    portal.state.items[DEAL][1].values[name] = value


def said(page: Page) -> str:
    return page.one("[data-outcome]").get_text(" ", strip=True)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{field.opportunity}", "€18,400.00"),
        ("{field.stageId}, {field.sourceId}", "Negotiation, (empty)"),
        ("{field.title}/{field.id}", "Bakery ovens, second branch/1"),
        ("{company}: {field.companyId}", "Northwind Bakery: Northwind Bakery"),
        ("{field.contactIds}, {field.contactId}", "Marta Silva, Marta Silva"),
        ("{responsible}, {field.assignedById}", "Anna Keller, Anna Keller"),
        ("{field.opened}, {field.isRecurring}", "Yes, No"),
        ("{card} of {author} {{x}}", "Bakery ovens, second branch of Ben Okafor {x}"),
    ],
)
def test_a_deal_says_what_it_is_about(admin: Admin, text: str, filled: str) -> None:
    assert inserted(admin, text).form["text"] == filled


def test_all_of_it_takes_one_request_and_nothing_else_takes_any(admin: Admin, portal: Portal) -> None:
    save(
        admin,
        title="{company}",
        text="{field.stageId} {field.contactIds} {field.leadId} {responsible} {field.taxValue}",
    )
    page = open_tab(admin)
    portal.calls.clear()
    assert insert(admin, page).outcome == "inserted"
    assert [call.method for call in portal.calls] == ["batch"]
    save(admin, template=stored(admin)[0]["id"], text="{card} {today+3}", title="")
    page = open_tab(admin)
    portal.calls.clear()
    assert insert(admin, page).outcome == "inserted"
    assert list(portal.calls) == []


def test_fields_that_people_have_added_have_their_words(admin: Admin, portal: Portal) -> None:
    items = [{"ID": "79", "VALUE": "Gold"}, {"ID": "80", "VALUE": "Silver"}]
    own_field(portal, "ufCrm_1", "enumeration", ["79", "80"], items=items)
    own_field(portal, "ufCrm_2", "money", "1300|RUB")
    own_field(portal, "ufCrm_3", "boolean", True)
    own_field(portal, "ufCrm_4", "employee", portal.employee.id)
    own_field(portal, "ufCrm_5", "date", "2026-02-27T03:00:00+03:00")
    own_field(portal, "ufCrm_6", "string", "one\ntwo {card}")
    text = " / ".join(f"{{field.ufCrm_{number}}}" for number in (1, 2, 3, 4, 6)) + " / {field.ufCrm_5+2}"
    expected = "Gold, Silver / RUB1,300.00 / Yes / Ben Okafor / one two {card} / Mar 1, 2026"
    assert inserted(admin, text).form["text"].replace("\xa0", "") == expected


def test_placeholders_of_deleted_fields_stay_and_are_reported(admin: Admin, portal: Portal) -> None:
    own_field(portal, "ufCrm_1", "string", "Gold")
    assert inserted(admin, "{field.ufCrm_1}!").form["text"] == "Gold!"
    del portal.state.own_fields[DEAL]["ufCrm_1"]
    page = inserted(admin, "Mine: {field.ufCrm_1}, {author}")
    assert page.form["text"] == "Mine: {field.ufCrm_1}, Ben Okafor"
    assert "so it stays as it is written: {field.ufcrm_1}." in said(page)
    assert admin.logbook.post(page.form, title="x").outcome == "posted"


def test_what_is_empty_is_named(admin: Admin, portal: Portal) -> None:
    own_field(portal, "ufCrm_1", "string", None, title="Budget")
    page = inserted(admin, "Budget: {field.ufCrm_1}")
    assert page.form["text"] == "Budget: (empty)"
    assert "Empty on this card: Budget." in said(page)


def test_long_values_leave_the_entry_within_its_limits(admin: Admin, portal: Portal) -> None:
    own_field(portal, "ufCrm_1", "string", "x" * 1024 * 1024)
    fields = "".join(f"{{field.ufCrm_{number}}}" for number in range(1, 20))
    page = inserted(admin, fields)
    assert len(page.form["text"]) < 1000
    assert page.form["text"].startswith("x" * 499 + "…")


def test_more_fields_than_an_entry_has_room_for_are_not_saved(admin: Admin) -> None:
    page = save(admin, text="".join(f"{{field.uf{number}}} " for number in range(20)))
    assert "could become longer than 10,000 characters" in page.one("[data-error-for=text]").text


@pytest.mark.parametrize(
    ("placement", "card", "company"),
    [
        ("CRM_COMPANY_DETAIL_TAB", "2", "Hallberg Logistics"),
        ("CRM_CONTACT_DETAIL_TAB", "2", "Hallberg Logistics"),
        ("CRM_LEAD_DETAIL_TAB", "1", "(empty)"),
        ("CRM_QUOTE_DETAIL_TAB", "2", "Hallberg Logistics"),
        ("CRM_SMART_INVOICE_DETAIL_TAB", "2", "Hallberg Logistics"),
        ("CRM_ORDER_DETAIL_TAB", "1", "{company}"),
    ],
)
def test_every_kind_of_card_names_its_company(admin: Admin, placement: str, card: str, company: str) -> None:
    assert inserted(admin, "{company}", placement, card).form["text"] == company


def test_so_does_a_smart_process(admin: Admin) -> None:
    assert inserted(admin, "{company}", f"CRM_DYNAMIC_{smart(admin)}_DETAIL_TAB").form["text"] == "Northwind Bakery"


def test_a_company_that_its_reader_may_not_see_stays_unnamed(admin: Admin, portal: Portal) -> None:
    portal.cards.deny_read(portal.employee.id, COMPANY, 1)
    page = inserted(admin, "{company}: {field.opportunity}")
    assert page.form["text"] == "{company}: €18,400.00"
    assert "so it stays as it is written: {company}." in said(page)


@pytest.mark.parametrize("code", ["ACCESS_DENIED", "QUERY_LIMIT_EXCEEDED", "expired_token"])
def test_where_the_portal_refuses_nothing_is_inserted_and_nothing_is_lost(
    admin: Admin, portal: Portal, code: str
) -> None:
    save(admin, text="{field.opportunity}")
    page = open_tab(admin)
    portal.faults.refuse(code, "batch", times=None)
    page = insert(admin, page, text="Mine", title="Too")
    assert page.outcome == "failed"
    assert (page.form["title"], page.form["text"]) == ("Too", "Mine")
    portal.clear_faults()
    assert insert(admin, page).form["text"] == "Mine\n€18,400.00"


def test_a_deleted_card_is_reported(admin: Admin, portal: Portal) -> None:
    save(admin, text="{field.opportunity}")
    page = open_tab(admin)
    portal.remove_item(DEAL, 1)
    page = insert(admin, page, text="Mine")
    assert (page.outcome, page.form["text"]) == ("failed", "Mine")


def test_the_page_of_a_template_lists_the_fields_of_its_kinds(admin: Admin, portal: Portal) -> None:
    own_field(portal, "ufCrm_1", "string", None, title="Budget")
    page = admin.go("templates/edit")
    groups = [str(group["label"]) for group in page.soup.select("optgroup")]
    assert groups == ["Lead", "Deal", "Contact", "Company"]
    page = admin.go("templates/preview", name="x", text="{field.ufCrm_1}, {company}", kinds=[str(DEAL)], version="0")
    options = {str(one["value"]): one.text for one in page.soup.select("optgroup[label=Deal] option")}
    assert options["{field.ufCrm_1}"] == "Budget · {field.ufCrm_1}"
    assert "{field.utmSource}" not in options
    assert page.one("[data-preview] [data-part=text]").text == "Budget, Company", "nobody has written on a deal yet"
    admin.logbook.post({**open_tab(admin).form, "icon": "call", "title": "x", "text": "x"})
    page = admin.go("templates/preview", name="x", text="{field.opportunity}, {company}", kinds=["2"], version="0")
    assert page.one("[data-preview] [data-part=text]").text == "€18,400.00, Northwind Bakery"


def test_it_says_which_field_no_such_card_has(admin: Admin) -> None:
    page = save(admin, text="{field.ufGone} {field.post}", kinds=["3"])
    assert page.outcome == "saved"
    page = admin.go("templates/edit", template=stored(admin)[0]["id"])
    assert "so it stays as it is written: {field.ufgone}." in page.one("[data-slot=sample]").text


def test_a_portal_that_describes_no_fields_costs_only_the_list(admin: Admin, portal: Portal) -> None:
    portal.faults.refuse("ACCESS_DENIED", "crm.item.fields", times=None)
    page = admin.go("templates/edit")
    assert (page.status, page.soup.select("optgroup")) == (200, [])
    assert "Bitrix24 does not say which fields these cards have." in page.text
