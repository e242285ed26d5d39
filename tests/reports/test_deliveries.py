"""What administrators see of waiting and past entries, and how they find them."""

from datetime import UTC, datetime

import pytest

from b24app.bitrix24.card_urls import card_at, path_of
from b24app.bitrix24.entities import Entity
from b24app.services.reports import deliveries
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook
from tests.support.outboxes import WORDS, figures, post, refused, titles, unsure, waiting, write_many

HOSTILE = '<script>alert("x")</script>=1+1'


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


class TestTheList:
    """What is shown, before anything is done about it."""

    def test_an_empty_one_says_what_to_do_first(self, admin: Admin) -> None:
        assert "everything that was written has arrived" in admin.go("deliveries").text
        assert "write the first entry" in admin.go("deliveries", state="all").text

    def test_opening_it_takes_one_request_to_the_portal(self, admin: Admin, portal: Portal) -> None:
        portal.calls.clear()
        assert admin.go("deliveries").status == 200
        assert [call.method for call in portal.calls] == ["batch"]

    def test_each_entry_is_listed_with_author_card_age_and_reason(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        waiting(installed, portal, title="Waits")
        unsure(installed, portal, stands=True, title="Perhaps")
        refused(installed, portal, title="Refused")
        post(installed, portal, title="Arrived")
        page = admin.go("deliveries")
        assert titles(page) == ["Refused", "Perhaps", "Waits"]
        assert figures(page) == {"waiting": "1", "unsure": "1", "failed": "1", "sent": "1", "deleted": "0"}
        text = page.soup.select("li.delivery")[2].get_text(" ", strip=True)
        assert "Ben Okafor" in text
        assert "Deal 1" in text
        assert "ago" in text
        assert "Bitrix24 is busy" in text
        link = page.one("li.delivery a")
        assert (link["href"], link["target"]) == (f"{portal.url}/crm/deal/details/1/", "_blank")
        assert "The author may not write on this card." in page.text
        assert "looked for before it is sent again" in page.text

    def test_html_in_an_entry_is_words(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        waiting(installed, portal, title=HOSTILE, text=HOSTILE)
        page = admin.go("deliveries")
        assert titles(page) == [HOSTILE]
        assert "<script>alert" not in page.text

    def test_a_smart_process_is_called_as_the_portal_calls_it(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        type_id = portal.add_type("Repairs")
        write_many(installed, portal, 1, entity_type_id=type_id, entity_id=7)
        page = admin.go("deliveries")
        assert page.one("li.delivery a").text == "Repairs 7"
        assert page.one("li.delivery a")["href"] == f"{portal.url}/crm/type/{type_id}/details/7/"

    @any_database
    def test_a_portal_that_does_not_name_its_kinds_costs_only_the_names(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        write_many(installed, portal, 1, entity_type_id=1040, entity_id=7)
        portal.faults.refuse("ACCESS_DENIED", "crm.enum.ownertype")
        assert admin.go("deliveries").one("li.delivery a").text == "Smart process 1040 7"

    def test_what_is_very_much_is_not_counted_to_the_end(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        write_many(installed, portal, deliveries.MOST_COUNTED + 5)
        assert figures(admin.go("deliveries"))["failed"] == "more than 10,000"
        assert "more than 10,000 entries were refused" in admin.submit("/settings", {}).text


SEARCHES: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["Annas", "Zweites", "Übergabe 100%"]),
    ({"author": "okafor"}, ["Zweites", "Übergabe 100%"]),
    ({"author": "Anna Keller (1)"}, ["Annas"]),
    ({"kind": "2", "card": "3"}, ["Zweites"]),
    ({"card": "/crm/deal/details/3/"}, ["Zweites"]),
    ({"words": "ÜBERGABE"}, ["Übergabe 100%"]),
    ({"words": "u\u0308bergabe"}, ["Übergabe 100%"]),
    ({"author": "ÅNNA"}, ["Annas"]),
    ({"words": "100%"}, ["Übergabe 100%"]),
    ({"words": "n_g"}, ["Übergabe 100%"]),
    ({"words": "n%g"}, []),
    ({"words": "FETT", "author": "Ben", "kind": "2", "card": "3"}, ["Zweites"]),
    ({"since": "2001-01-01", "until": "2001-01-02"}, []),
    ({"since": "2001-01-01"}, ["Annas", "Zweites", "Übergabe 100%"]),
    ({"until": "2001-01-01"}, []),
]


class TestSearching:
    """By person, card, date and words; what is not clear is said, and stays typed."""

    @pytest.fixture
    def three(self, admin: Admin, installed: Logbook, portal: Portal) -> Admin:
        post(installed, portal, title="Übergabe 100%", text="An_gela")
        post(installed, portal, card=3, title="Zweites", text="<b>fett</b>")
        form = installed.send(portal.frame(portal.administrator)).form
        installed.post(form, **{**WORDS, "title": "Annas"})
        return admin

    def test_finds(self, three: Admin) -> None:
        for fields, found in SEARCHES:
            page = three.go("deliveries", state="all", **fields)
            assert (page.status, titles(page)) == (200, found), fields
            assert ("No entries match." in page.text) == (not found)

    @any_database
    @pytest.mark.parametrize(("zone", "offset"), [("Pacific/Auckland", None), ("", 12 * 3600)])
    def test_a_day_is_a_day_where_the_administrator_is(
        self, admin: Admin, installed: Logbook, portal: Portal, zone: str, offset: int | None
    ) -> None:
        portal.administrator.time_zone, portal.administrator.time_zone_offset = zone, offset
        for hour in (10, 12):
            at = datetime(2026, 6, 1, hour, 30, tzinfo=UTC)
            write_many(installed, portal, 1, written_at=at, title=f"At {hour}")
        admin = Admin(installed, portal)
        assert titles(admin.go("deliveries", since="2026-06-01", until="2026-06-01")) == ["At 10"]
        assert titles(admin.go("deliveries", since="2026-06-02", until="2026-06-02")) == ["At 12"]

    @any_database
    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            ("since", "yesterday", "This is no day"),
            ("until", "9999-12-31", "This is no day"),
            ("until", "0001-01-01", "This is no day"),
            ("card", "five", "neither a number nor the address"),
            ("card", "5", "Choose what kind of card"),
            ("card", "https://evil.example/crm/deal/details/5/", "not of this Bitrix24"),
            ("card", "/crm/deal/list/", "does not show a card"),
            ("card", "http://[", "does not show a card"),
            ("card", "9" * 30, "neither a number nor the address"),
            ("author", "<b>Nobody</b>", "Nobody of this name"),
            ("author", "(999)", "Nobody of this name"),
            ("words", "w" * 300, "more than 255 characters"),
        ],
    )
    def test_an_unclear_filter_is_explained_and_stays(
        self, admin: Admin, portal: Portal, field: str, typed: str, said: str
    ) -> None:
        for address in ("deliveries", "deliveries/export", "deliveries/again/all", "deliveries/give-up/all"):
            page = admin.go(address, **{"state": "all", field: typed})
            assert (page.status, page.outcome) == (422, "invalid")
            assert said in page.one(f"#{field}-error").text
            assert page.one(f"#{field}")["value"] == typed

    @any_database
    def test_days_in_the_wrong_order_are_reported(self, admin: Admin) -> None:
        page = admin.go("deliveries", since="2026-02-02", until="2026-02-01")
        assert "before the first one" in page.one("#until-error").text

    @any_database
    def test_a_state_or_a_key_that_nobody_offers_is_none(self, admin: Admin) -> None:
        assert admin.go("deliveries", state="'; DROP", before="-1", kind="x").status == 200

    def test_a_filter_stays_over_the_pages(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        write_many(installed, portal, 45)
        page, seen = admin.go("deliveries", state="failed", words="title"), 0
        while True:
            seen += len(titles(page))
            older = [form for form in page.soup.select("form.pager") if form.select_one("[name=before]")]
            if not older:
                break
            fields = {str(field["name"]): str(field["value"]) for field in older[0].select("input")}
            assert fields["words"] == "title"
            page = admin.submit("/settings/deliveries", fields)
        assert seen == 45


@pytest.mark.parametrize(
    ("card", "path"),
    [
        (Entity(1, 5), "/crm/lead/details/5/"),
        (Entity(4, 5), "/crm/company/details/5/"),
        (Entity(7, 5), "/crm/type/7/details/5/"),
        (Entity(14, 5), "/shop/orders/details/5/"),
        (Entity(1034, 5), "/crm/type/1034/details/5/"),
    ],
)
def test_the_address_of_a_card_leads_there_and_back(card: Entity, path: str) -> None:
    assert path_of(card) == path
    assert card_at(f"https://a.bitrix24.com{path}?tab=x#y") == card


@pytest.mark.parametrize("path", ["/crm/deal/show/5/", "/crm/deal/details/5", "/page/sales/main/type/2/details/5/"])
def test_other_addresses_of_a_card_are_understood_too(path: str) -> None:
    assert card_at(path) == Entity(2, 5)
