"""Which icons people are offered, in which order, and what happens to the others."""

from typing import Any

import pytest

from b24app.bitrix24.icons import Icon
from b24app.models import Person
from b24app.models import Portal as PortalRow
from b24app.services.settings import icons, settings
from b24app.services.settings.icons import Choices
from b24app.services.settings.settings import Section
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.outboxes import write_many

DEAL = 2
WORDS = {"title": "Called", "text": "They agreed."}
LISTED = [Icon(code, "") for code in ("a", "b", "c")]


def choose(logbook: Logbook, portal: Portal, **chosen: Any) -> None:
    """As an administrator does on the settings page."""
    page = logbook.send(portal.frame(portal.administrator, placement="DEFAULT"))
    assert page.status == 200
    with logbook.database() as session:
        people = session.query(Person).filter_by(bitrix_id=portal.administrator.id)
        person = people.filter(PortalRow.member_id == portal.member_id).join(PortalRow).one()
        _choices, version = icons.read(session, person.portal_id)
        settings.save(session, person, Section.ICONS, Choices(**chosen).as_map(), version=version)


class TestArranging:
    """services/settings/icons: what a form says, on top of what was chosen before."""

    def test_nothing_chosen_is_everything_in_the_portals_order(self) -> None:
        assert icons.shown(LISTED, Choices()) == LISTED

    def test_what_the_portal_gets_later_comes_last(self) -> None:
        assert [icon.code for icon in icons.shown(LISTED, Choices(order=("c", "a")))] == ["c", "a", "b"]

    def test_where_only_hidden_ones_are_left_they_are_shown(self) -> None:
        assert icons.shown(LISTED, Choices(hidden=frozenset("abc"))) == LISTED

    def test_codes_that_vanished_stay_in_their_place(self) -> None:
        before = Choices(frozenset("x"), ("c", "x", "a", "y", "b"), "x", {"x": "Ex"})
        after = icons.revised(before, LISTED, order=["a", "c", "b"], offered={"a", "b"}, default="")
        assert after == Choices(frozenset("xc"), ("a", "y", "c", "x", "b"), "x", {"x": "Ex"})

    def test_what_came_while_the_form_was_open_is_offered(self) -> None:
        after = icons.revised(Choices(), LISTED, order=["b", "a"], offered={"a"}, default="a")
        assert after == Choices(frozenset("b"), ("b", "a"), "a")

    def test_foreign_codes_of_a_form_are_not_taken(self) -> None:
        after = icons.revised(
            Choices(), LISTED, order=["c", "evil", "c", "a", "b"], offered=["evil", *"abc"], default=""
        )
        assert after == Choices(order=("c", "a", "b"))

    def test_choices_that_differ_in_a_name_are_not_the_same(self) -> None:
        assert len({Choices(names={"a": "Ann"}), Choices(names={"a": "Bob"})}) == 2

    def test_the_portals_own_order_is_no_choice(self) -> None:
        assert icons.revised(Choices(order=("b", "a")), LISTED, order="abc", offered="abc", default="") == Choices()

    @pytest.mark.parametrize(
        ("choices", "problems"),
        [
            (Choices(), {}),
            (Choices(frozenset("abc")), {"offered": "none"}),
            (Choices(frozenset("a"), default="a"), {"default": "hidden"}),
        ],
    )
    def test_what_cannot_be_saved_is_named(self, choices: Choices, problems: dict[str, str]) -> None:
        assert icons.problems(choices, LISTED) == problems


@any_database
class TestMany:
    """A portal may list any number of icons."""

    def test_only_the_first_ones_are_shown_and_the_page_says_so(self, installed: Logbook, portal: Portal) -> None:
        portal.icons.system_codes.extend(f"more-{number}" for number in range(10_000))
        portal.icons.system_codes.append("logbook-ours-123abc")
        page = installed.open_tab(portal)
        assert len(page.icons) == icons.MOST_KEPT
        assert page.icons[-1] == "logbook-ours-123abc"
        assert "only the first 300" in page.text
        assert len(page.text) < 250_000
        assert installed.post(page.form, **WORDS, icon="more-9000").outcome == "invalid"
        settings_page = Admin(installed, portal).go("icons")
        assert "only the first 300" in settings_page.text
        assert len(settings_page.soup.select("[name=offered]")) == icons.MOST_KEPT

    def test_with_few_icons_nothing_is_said(self, installed: Logbook, portal: Portal) -> None:
        assert "only the first" not in installed.open_tab(portal).text

    def test_a_code_that_no_entry_can_have_is_not_offered(self, installed: Logbook, portal: Portal) -> None:
        portal.icons.system_codes[:] = ["call", "x" * 256, "y" * 255]
        page = installed.open_tab(portal)
        assert page.icons == ["call", "y" * 255]
        assert installed.post(page.form, **WORDS, icon="x" * 256).outcome == "invalid"
        assert installed.post(page.form, **WORDS, icon="y" * 255).outcome in {"posted", "refused"}


class TestComposer:
    """What people see of the administrators' choice."""

    def test_the_offered_ones_are_shown_in_the_chosen_order(self, installed: Logbook, portal: Portal) -> None:
        portal.icons.system_codes[:] = ["call", "info", "task", "sum"]
        choose(installed, portal, order=("sum", "task", "call"), hidden=frozenset(["task"]))
        assert installed.open_tab(portal).icons == ["sum", "call", "info"]

    def test_the_default_is_chosen_until_somebody_has_written(self, installed: Logbook, portal: Portal) -> None:
        choose(installed, portal, default="task")
        page = installed.open_tab(portal)
        assert page.form["icon"] == "task"
        installed.post(page.form, **WORDS, icon="sum")
        assert installed.open_tab(portal).form["icon"] == "sum"

    def test_a_default_that_is_not_listed_is_none(self, installed: Logbook, portal: Portal) -> None:
        choose(installed, portal, default="gone")
        assert installed.open_tab(portal).form["icon"] == "call"

    def test_the_recent_ones_are_those_of_the_latest_entries_each_once(
        self, installed: Logbook, portal: Portal
    ) -> None:
        frame = portal.frame(portal.administrator)
        for code, count in (("long-ago", 1), ("sum", 20), ("task", 1), ("sum", 48), ("call", 1)):
            write_many(installed, portal, count, icon_code=code)
        portal.icons.system_codes.append("long-ago")
        page = installed.send(frame)
        assert page.icons[:3] == ["call", "sum", "task"]
        assert page.one("[data-recent]")["data-recent"] == "3"

    def test_a_hidden_recent_one_is_not_offered_again(self, installed: Logbook, portal: Portal) -> None:
        installed.post(installed.open_tab(portal).form, **WORDS, icon="sum")
        choose(installed, portal, hidden=frozenset(["sum"]))
        page = installed.open_tab(portal)
        assert "sum" not in page.icons
        assert (page.form["icon"], page.one("[data-recent]")["data-recent"]) == ("call", "0")

    def test_a_form_whose_icon_was_hidden_meanwhile_keeps_its_words(self, installed: Logbook, portal: Portal) -> None:
        form = installed.open_tab(portal).form
        choose(installed, portal, hidden=frozenset(["sum"]))
        portal.calls.clear()
        page = installed.post(form, **WORDS, icon="sum")
        assert (page.status, page.outcome) == (422, "invalid")
        assert page.one("#icon-error").text == "This icon is not offered any more. Pick another one."
        assert (page.form["title"], page.form["text"]) == (WORDS["title"], WORDS["text"])
        assert list(portal.calls) == []
        assert installed.post({**page.form, "icon": "call"}).outcome == "posted"

    def test_a_form_that_was_posted_before_answers_as_it_did(self, installed: Logbook, portal: Portal) -> None:
        form = installed.open_tab(portal).form
        first = installed.post(form, **WORDS, icon="sum")
        choose(installed, portal, hidden=frozenset(["sum"]))
        assert installed.post(form, **WORDS, icon="sum").outcome == first.outcome == "posted"
        assert len(portal.timeline(DEAL, 1)) == 1

    def test_the_history_shows_entries_with_hidden_icons(self, installed: Logbook, portal: Portal) -> None:
        installed.post(installed.open_tab(portal).form, **WORDS, icon="sum")
        choose(installed, portal, hidden=frozenset(["sum"]))
        (entry,) = installed.open_tab(portal).history
        (icon,) = entry.select("[data-part=icon]")
        assert icon["aria-label"] == "Sum"


@any_database
class TestSettings:
    """The section of the settings."""

    def test_it_takes_one_request_and_lists_what_the_portal_lists(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        portal.calls.clear()
        page = admin.go("icons")
        assert [call.method for call in portal.calls] == ["batch"]
        assert order(page) == [*portal.icons.system_codes, *(icon.code for icon in portal.icons.custom)]
        assert offered(page) == order(page)
        assert page.one("li.row strong").text == "Call"
        assert page.one("li.row code").text == "call"

    def test_what_is_saved_is_what_people_are_offered(self, installed: Logbook, portal: Portal) -> None:
        portal.icons.system_codes[:] = ["call", "info", "task", "sum"]
        admin = Admin(installed, portal)
        page = admin.go(
            "icons/save", version="0", order=["sum", "info", "task", "call"], offered=["sum", "call"], default="call"
        )
        assert (page.status, page.outcome) == (200, "saved")
        assert (order(page), offered(page)) == (["sum", "info", "task", "call"], ["sum", "call"])
        tab = installed.open_tab(portal)
        assert (tab.icons, tab.form["icon"]) == (["sum", "call"], "call")
        portal.icons.system_codes.append("clock")
        assert installed.open_tab(portal).icons == ["sum", "call", "clock"]

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"offered": []}, "offered"),
            ({"offered": ["call"], "default": "info"}, "default"),
        ],
    )
    def test_what_would_leave_nothing_to_write_with_is_refused(
        self, installed: Logbook, portal: Portal, fields: dict[str, Any], field: str
    ) -> None:
        portal.icons.system_codes[:] = ["call", "info"]
        admin = Admin(installed, portal)
        page = admin.go("icons/save", version="0", order=["info", "call"], **fields)
        assert (page.status, page.outcome) == (422, "invalid")
        assert page.one(f"#{field}-error").text.strip()
        assert (order(page), offered(page)) == (["info", "call"], fields["offered"])
        assert installed.open_tab(portal).icons == ["call", "info"]

    @pytest.mark.parametrize(
        ("move", "moved"),
        [
            ("up:info", ["info", "call", "task"]),
            ("down:info", ["call", "task", "info"]),
            ("first:task", ["task", "call", "info"]),
            ("up:call", ["call", "info", "task"]),
            ("down:task", ["call", "info", "task"]),
            ("up:", ["call", "info", "task"]),
            ("sideways:info", ["call", "info", "task"]),
            ("up:<b>", ["call", "info", "task"]),
        ],
    )
    def test_without_script_one_is_moved_and_the_form_stays(
        self, installed: Logbook, portal: Portal, move: str, moved: list[str]
    ) -> None:
        portal.icons.system_codes[:] = ["call", "info", "task"]
        form = {"version": "3", "order": ["call", "info", "task"], "offered": ["info"], "default": "info"}
        page = Admin(installed, portal).go("icons/move", **form, name="Party", move=move)
        assert (order(page), offered(page)) == (moved, ["info"])
        assert page.one("option[selected]")["value"] == "info"
        assert (page.one("[name=name]")["value"], page.one("[name=version]")["value"]) == ("Party", "3")
        assert installed.open_tab(portal).icons == ["call", "info", "task"]

    def test_two_administrators_do_not_overwrite_each_other(self, installed: Logbook, portal: Portal) -> None:
        portal.icons.system_codes[:] = ["call", "info"]
        portal.employee.is_admin = True
        first, second = Admin(installed, portal), Admin(installed, portal, portal.employee)
        first.go("icons/save", version="0", order=["info", "call"], offered=["info", "call"])
        page = second.go("icons/save", version="0", order=["call", "info"], offered=["info"])
        assert (page.status, page.outcome, offered(page)) == (409, "outdated", ["info"])
        assert installed.open_tab(portal).icons == ["info", "call"]
        again = second.go(
            "icons/save", version=str(page.one("[name=version]")["value"]), order=["call", "info"], offered=["info"]
        )
        assert again.outcome == "saved"
        assert installed.open_tab(portal).icons == ["info"]

    def test_html_in_a_code_of_the_portal_is_text(self, installed: Logbook, portal: Portal) -> None:
        portal.icons.system_codes[:] = ['"><script>alert(1)</script>']
        page = Admin(installed, portal).go("icons")
        assert "<script>alert" not in page.text
        assert order(page) == ['"><script>alert(1)</script>']


def order(page: Page) -> list[str]:
    return [str(field["value"]) for field in page.soup.select("[name=order]")]


def offered(page: Page) -> list[str]:
    return [str(box["value"]) for box in page.soup.select("[name=offered][checked]")]
