"""The frame in the robot's dialog: proved like every frame, with the current settings, and kept by repairs."""

import json
from typing import Any

import pytest

from devportal import FramePost, Portal
from devportal.apps.robots import DIALOG
from devportal.model.people import Person
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.attacker import install
from tests.support.logbook import Logbook, Page

pytestmark = any_database
FIELDS = {
    "TITLE": {"Name": "Name of the deal", "Type": "string"},
    "OPPORTUNITY": {"Name": "Amount", "Type": "double"},
    "UF_CRM_1": {"NAME": "Ours"},
}
SET = {"icon": "document", "title": "At {=Document:STAGE_ID}", "text": "Worth {{Amount}}\n<b>&amp;</b>"}


@pytest.fixture
def automated(logbook: Logbook, portal: Portal) -> Logbook:
    """Logbook, installed in a portal that has granted automation."""
    portal.application.scope = "crm,placement,bizproc"
    install(logbook, portal)
    return logbook


def frame(portal: Portal, person: Person | None = None, placement: str = DIALOG, **options: Any) -> FramePost:
    """As the dialog of a robot opens it."""
    given = {"code": "logbook_entry", "current_values": SET, "document_fields": FIELDS, "properties": {}, **options}
    address = f"{portal.application.app_url}/robot/settings"
    return portal.frames.post(person or portal.employee, portal.application, address, placement, given)


def opened(logbook: Logbook, portal: Portal, **options: Any) -> Page:
    page = logbook.send(frame(portal, **options))
    assert page.status == 200
    return page


def chosen(page: Page) -> str:
    icons = page.soup.select("input[name=icon][checked]")
    return str(icons[0]["value"]) if icons else ""


def words(page: Page) -> tuple[str, str]:
    text = page.one("textarea[name=text]")
    return str(page.one("input[name=title]")["value"]), text.get_text().removeprefix("\n")


class TestWhatItShows:
    """Nothing is changed on the way: what was set comes back as it was."""

    def test_what_was_set_before_with_the_portals_placeholders(self, automated: Logbook, portal: Portal) -> None:
        page = opened(automated, portal)
        assert (chosen(page), *words(page)) == ("document", SET["title"], SET["text"])
        assert not page.soup.select("[data-foreign], [data-fresh]")

    def test_the_icons_on_offer_as_pictures(self, automated: Logbook, portal: Portal) -> None:
        Admin(automated, portal).go("icons/save", version="0", order=["sum", "call"], offered=["sum"])
        tiles = opened(automated, portal).soup.select("[data-picker] .tile")
        codes = [tile.select("input")[0]["value"] for tile in tiles]
        assert (codes[0], "call" in codes, len(codes) > 2) == ("sum", False, True)
        assert all(tile.select("svg, img") for tile in tiles)

    @pytest.mark.parametrize("values", [{}, [], None, {"icon": "", "title": "", "text": ""}, "nonsense"])
    def test_a_new_robot_has_the_usual_icon_and_no_words(self, automated: Logbook, portal: Portal, values: Any) -> None:
        page = opened(automated, portal, current_values=values)
        assert (chosen(page), *words(page)) == ("call", "", "")
        assert page.soup.select("[data-fresh]")

    @pytest.mark.parametrize("code", ["{=Variable:Icon}", "was-deleted"])
    def test_an_icon_that_is_not_offered_stays_until_another_is_picked(
        self, automated: Logbook, portal: Portal, code: str
    ) -> None:
        page = opened(automated, portal, current_values={**SET, "icon": code})
        assert chosen(page) == ""
        assert code in page.one("[data-foreign]").text

    def test_values_may_be_lists_of_one_under_names_in_capitals(self, automated: Logbook, portal: Portal) -> None:
        page = opened(automated, portal, current_values={"ICON": ["IM"], "Title": ["One"], "TEXT": [7, "x"]})
        assert (chosen(page), *words(page)) == ("IM", "One", "")

    def test_the_documents_fields_can_be_inserted(self, automated: Logbook, portal: Portal) -> None:
        odd = {"b}c": {"Name": "x"}, "GOOD": {"Name": " "}, "NONE": None, "LIST": {"Name": ["x"]}}
        page = opened(automated, portal, document_fields={**FIELDS, **odd})
        lists = page.soup.select("select[data-insert]")
        assert [one["data-insert"] for one in lists] == ["title", "text"]
        offered = {option["value"]: option.text for option in lists[0].select("option") if option["value"]}
        assert offered == {
            "{=Document:TITLE}": "Name of the deal",
            "{=Document:OPPORTUNITY}": "Amount",
            "{=Document:UF_CRM_1}": "Ours",
        }

    def test_without_fields_there_is_nothing_to_insert(self, automated: Logbook, portal: Portal) -> None:
        assert not opened(automated, portal, document_fields=[]).soup.select("select[data-insert]")

    def test_a_portal_without_icons_says_so(self, automated: Logbook, portal: Portal) -> None:
        portal.state.icons.clear()
        portal.faults.refuse("ACCESS_DENIED", "crm.timeline.icon.list")
        with automated.database() as session:
            session.connection().exec_driver_sql("UPDATE portals SET icons = '[]'")
            session.commit()
        page = opened(automated, portal)
        assert "No icon to choose from" in page.text
        assert words(page) == (SET["title"], SET["text"])

    def test_it_speaks_the_language_of_whoever_sets_it_up(self, automated: Logbook, portal: Portal) -> None:
        portal.employee.language = "ar"
        page = opened(automated, portal)
        assert (page.one("html")["dir"], "إدراج حقل" in page.text) == ("rtl", True)

    def test_a_portal_may_send_all_that_it_knows_of_hundreds_of_fields(
        self, automated: Logbook, portal: Portal
    ) -> None:
        many = {f"UF_CRM_{number}": {"Name": f"Field {number}", "Options": ["x" * 500]} for number in range(1000)}
        page = opened(automated, portal, document_fields=many)
        assert len(page.soup.select("select[data-insert=title] option")) == 501

    def test_three_megabytes_are_refused(self, automated: Logbook, portal: Portal) -> None:
        page = automated.send(frame(portal, document_fields={"X": {"Name": "x" * 3_000_000}}))
        assert page.status == 413


class TestProof:
    """As for every frame: one request to the portal that we know, and no page for anybody else."""

    def test_one_request_proves_and_reads(self, automated: Logbook, portal: Portal) -> None:
        opened(automated, portal)
        portal.calls.clear()
        opened(automated, portal)
        assert [call.method for call in portal.calls] == ["batch"]

    def test_only_the_portal_may_show_it(self, automated: Logbook, portal: Portal) -> None:
        policy = opened(automated, portal).headers["Content-Security-Policy"]
        assert f"frame-ancestors {portal.url}" in policy

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"AUTH_ID": "garbage"}, 403),
            ({"member_id": "0" * 32}, 403),
            ({"AUTH_ID": ""}, 400),
            ({"PLACEMENT": "DEFAULT"}, 400),
            ({"PLACEMENT": "CRM_DEAL_DETAIL_TAB"}, 400),
            ({"PLACEMENT_OPTIONS": "{"}, 400),
            ({"PLACEMENT_OPTIONS": json.dumps({"a": 1})[:-1]}, 400),
        ],
    )
    def test_what_is_not_proved_or_malformed_is_refused(
        self, automated: Logbook, portal: Portal, changes: dict[str, str], status: int
    ) -> None:
        page = automated.send(frame(portal), **changes)
        assert (page.status, SET["title"] in page.text) == (status, False)

    def test_another_portals_token_is_refused(self, automated: Logbook, portal: Portal, second: Portal) -> None:
        token = second.frame(second.employee).fields["AUTH_ID"]
        assert automated.send(frame(portal), AUTH_ID=token).status == 403

    @pytest.mark.parametrize("path", ["/", "/placement", "/install"])
    def test_no_other_address_takes_its_placement(self, automated: Logbook, portal: Portal, path: str) -> None:
        post = frame(portal)
        moved = FramePost(f"{portal.application.app_url}{path}", post.query, post.fields)
        assert automated.send(moved).status in {400, 403}


def test_half_a_pair_of_utf_16_is_shown_with_a_replacement(automated: Logbook, portal: Portal) -> None:
    """As in a portal's answers: a page cannot be sent with it."""
    fields = {"TITLE": {"Name": "half \ud83d pair"}}
    page = opened(automated, portal, current_values={**SET, "title": "\udc00 \x00"}, document_fields=fields)
    assert words(page)[0] == "\ufffd \ufffd"
    assert "half \ufffd pair" in page.text


class TestRepairs:
    """The portal lists the dialog among the placements, and nobody but the robot's registration decides about it."""

    def test_repairing_leaves_the_dialog_alone(self, automated: Logbook, portal: Portal) -> None:
        portal.calls.clear()
        assert Admin(automated, portal).go("connection/repair").outcome == "repaired"
        assert "placement.unbind" not in {call.method for call in portal.calls}
        assert [robot.dialog for robot in portal.state.robots] == [f"{portal.application.app_url}/robot/settings"] * 2

    def test_a_robot_without_our_dialog_gets_it_back(self, automated: Logbook, portal: Portal) -> None:
        for robot in portal.state.robots:
            robot.fields["USE_PLACEMENT"] = "N"
        Admin(automated, portal).go("connection/repair")
        assert all(robot.dialog for robot in portal.state.robots)

    def test_the_properties_are_registered_for_portals_that_ignore_our_dialog(
        self, automated: Logbook, portal: Portal
    ) -> None:
        (robot, _activity) = portal.state.robots
        assert [(name, about["TYPE"]) for name, about in robot.properties.items()] == [
            ("icon", "select"),
            ("title", "string"),
            ("text", "text"),
        ]
