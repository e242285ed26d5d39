"""The menus in the section "Where it shows": off by default, then in the portal's own menus."""

from typing import Any

import pytest
import requests

from b24app.bitrix24.entities import TYPE_IDS, Menu, menu_of, menu_place, type_id_of
from b24app.models import SavedSettings
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.cards import bound, card, menu_note, save
from tests.support.logbook import Logbook, Page
from tests.support.markup import parse

CARD, RECORD, ROW = "DETAIL_TOOLBAR", "ACTIVITY_TIMELINE_MENU", "LIST_MENU"
RECORDS = "CRM_DEAL_ACTIVITY_TIMELINE_MENU"
CALL = {
    "OWNER_TYPE_ID": 2,
    "OWNER_ID": 1,
    "TYPE_ID": 2,
    "RESPONSIBLE_ID": 1,
    "COMMUNICATIONS": [{"VALUE": "+1"}],
}


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def in_menus(portal: Portal) -> set[str]:
    return {code for code in bound(portal) if menu_of(code)}


def choices(portal: Portal, path: str) -> list[str]:
    return [str(link["href"]) for link in card(portal, path).select("details.menu a")]


def opened(logbook: Logbook, portal: Portal, address: str) -> Page:
    """What an employee sees who chooses that line of a menu."""
    cookies = {f"acting_{portal.member_id}": str(portal.employee.id)}
    form = parse(requests.get(portal.url + address, cookies=cookies, timeout=10).text).select_one(
        "form[data-opens-frame]"
    )
    assert form is not None
    fields = {str(one["name"]): str(one["value"]) for one in form.select("input")}
    path, _, query = str(form["action"]).partition("?")
    return logbook.submit(f"{path[path.index('/placement') :]}?{query}", fields)


def call_with(portal: Portal, subject: str) -> int:
    given = {**CALL, "SUBJECT": subject}
    with portal.lock:
        return portal.activities.add(given, portal.administrator).id


def from_record(logbook: Logbook, portal: Portal, **options: Any) -> Page:
    named = {"ENTITY_ID": "1", "ASSOCIATED_ENTITY_TYPE_ID": "6", **options}
    return logbook.send(portal.frame(portal.employee, RECORDS, named))


def title_in(page: Page) -> str:
    return str(page.form["title"])


@any_database
class TestSwitches:
    """One switch for each menu, for all kinds of cards that show Logbook and have that menu."""

    def test_none_is_bound_before_somebody_wants_it_nor_where_settings_are_older(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        assert in_menus(portal) == set()
        save(admin, off=("tab", 1))
        with installed.database() as session:
            assert "menus" not in session.query(SavedSettings).one().choices
        page = admin.go("places")
        assert [str(box["value"]) for box in page.soup.select("[name=menu]")] == [CARD, RECORD, ROW]
        assert page.soup.select("[name=menu][checked]") == []
        assert admin.go("connection/repair").outcome == "repaired"
        assert in_menus(portal) == set()

    @pytest.mark.parametrize(
        ("menu", "without"), [(CARD, {"ORDER"}), (RECORD, {"ORDER", "CONTACT", "COMPANY"}), (ROW, {"ORDER"})]
    )
    def test_each_is_bound_on_the_kinds_that_have_it_repaired_and_unbound(
        self, admin: Admin, portal: Portal, menu: str, without: set[str]
    ) -> None:
        page = save(admin, on=("menu", menu))
        assert (page.outcome, menu_note(page, menu)) == ("saved", "new")
        kinds = {*TYPE_IDS, "DYNAMIC_1032"} - without
        assert in_menus(portal) == {f"CRM_{kind}_{menu}" for kind in kinds}

        portal.state.placements[:] = [one for one in portal.placements if one.code != f"CRM_DEAL_{menu}"]
        assert menu_note(admin.go("places"), menu) == "Deal: missing"
        assert admin.go("connection/repair").outcome == "repaired"
        assert in_menus(portal) == {f"CRM_{kind}_{menu}" for kind in kinds}
        assert menu_note(admin.go("places"), menu) == "in place"

        page = save(admin, off=("menu", menu))
        assert (page.outcome, menu_note(page, menu)) == ("saved", "removed")
        assert in_menus(portal) == set()

    def test_a_kind_of_card_without_tab_and_button_is_left_alone(self, admin: Admin, portal: Portal) -> None:
        save(admin, on=("menu", ROW))
        save(admin, off=("tab", TYPE_IDS["DEAL"]))
        assert "CRM_DEAL_LIST_MENU" not in bound(portal)
        save(admin, on=("button", TYPE_IDS["DEAL"]))
        assert "CRM_DEAL_LIST_MENU" in bound(portal)

    def test_refusals_of_the_portal_are_shown_with_the_cards_name(self, admin: Admin, portal: Portal) -> None:
        portal.faults.refuse("ACCESS_DENIED", "placement.bind")
        page = save(admin, on=("menu", ROW))
        assert (page.outcome, menu_note(page, ROW)) == (
            "refused",
            "Lead: Bitrix24 refused it for your account.",
        )
        assert save(admin).outcome == "repaired"
        portal.faults.refuse("ACCESS_DENIED", "placement.unbind")
        page = save(admin, off=("menu", ROW))
        assert (page.outcome, len(in_menus(portal))) == ("refused", 1)
        assert "Bitrix24 refused it for your account." in menu_note(page, ROW)
        assert "still there" in menu_note(admin.go("places"), ROW)

    def test_a_name_that_is_no_menu_changes_nothing(self, admin: Admin, portal: Portal) -> None:
        page = save(admin, on=("menu", "DETAIL_TAB"))
        assert (page.outcome, page.soup.select("[name=menu][checked]")) == ("saved", [])
        assert in_menus(portal) == set()

    def test_the_connection_lists_them(self, admin: Admin) -> None:
        save(admin, on=("menu", CARD))
        listed = [
            item.get_text(" ", strip=True) for item in admin.go("connection").soup.select("[aria-labelledby=menus] li")
        ]
        assert "Deal: Menu of the card" in listed


@any_database
class TestInThePortal:
    """Somebody chooses Logbook in a menu, and writes on that card."""

    @pytest.mark.parametrize(
        ("menu", "path", "type_id"),
        [
            (CARD, "/crm/deal/details/1/", 2),
            (CARD, "/crm/type/1032/details/1/", 1032),
            (ROW, "/crm/deal/list/", 2),
            (ROW, "/crm/type/1032/list/", 1032),
        ],
    )
    def test_an_employee_writes_from_it(
        self, admin: Admin, installed: Logbook, portal: Portal, menu: str, path: str, type_id: int
    ) -> None:
        assert choices(portal, path) == []
        save(admin, on=("menu", menu))
        address = next(one for one in choices(portal, path) if "ID=1&" in one)
        page = opened(installed, portal, address)
        assert (page.status, page.heading) == (200, "New log entry")
        assert installed.post(page.form, icon="call", title="Called", text="From a menu").outcome == "posted"
        assert [entry.title for entry in portal.timeline(type_id, 1)] == ["Called"]

    def test_the_title_is_the_activitys_subject_and_costs_no_further_request(
        self, installed: Logbook, portal: Portal
    ) -> None:
        number = call_with(portal, "Call with\nMarta about the ovens")
        portal.calls.clear()
        page = from_record(installed, portal, ASSOCIATED_ENTITY_ID=str(number))
        assert title_in(page) == "Call with Marta about the ovens"
        assert [call.method for call in portal.calls] == ["batch"]

    def test_a_long_subject_is_cut_to_what_can_be_posted(self, installed: Logbook, portal: Portal) -> None:
        page = from_record(installed, portal, ASSOCIATED_ENTITY_ID=call_with(portal, "x" * 400))
        assert title_in(page) == "x" * 255
        assert installed.post(page.form, icon="call", text="Long").outcome == "posted"

    def test_a_draft_is_not_replaced_by_it(self, installed: Logbook, portal: Portal) -> None:
        page = from_record(installed, portal)
        installed.submit("/drafts", {**page.form, "title": "Half a sentence"})
        again = from_record(installed, portal, ASSOCIATED_ENTITY_ID=call_with(portal, "Call"))
        assert title_in(again) == "Half a sentence"

    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"ASSOCIATED_ENTITY_ID": "999"},
            {"ASSOCIATED_ENTITY_ID": "x"},
            {"ASSOCIATED_ENTITY_ID": ["1"]},
            {"ASSOCIATED_ENTITY_ID": "1", "ASSOCIATED_ENTITY_TYPE_ID": "2"},
            {"TYPE_ID": "7", "TYPE_CATEGORY_ID": "1", "TIMELINE_ITEM_ID": "3"},
        ],
    )
    def test_a_record_that_is_no_readable_activity_leaves_it_empty(
        self, installed: Logbook, portal: Portal, options: dict[str, Any]
    ) -> None:
        call_with(portal, "Call")
        page = from_record(installed, portal, **options)
        assert (page.status, title_in(page)) == (200, "")

    def test_an_activity_of_a_card_that_the_person_may_not_read_stays_unknown(
        self, installed: Logbook, portal: Portal
    ) -> None:
        number = call_with(portal, "Secret")
        portal.faults.refuse("ACCESS_DENIED", "crm.activity.get")
        page = from_record(installed, portal, ASSOCIATED_ENTITY_ID=str(number))
        assert (page.status, title_in(page)) == (200, "")


@pytest.mark.parametrize("menu", Menu)
def test_every_code_is_one_that_a_frame_may_name(menu: Menu) -> None:
    codes = {code: type_id for type_id in [*TYPE_IDS.values(), 1032] if (code := menu_place(menu, type_id))}
    assert {code: type_id_of(code) for code in codes} == codes
    assert {menu_of(code) for code in codes} == {menu}
