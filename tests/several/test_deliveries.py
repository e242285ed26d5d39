"""Sets in the list of deliveries."""

from devportal import Portal
from tests.conftest import any_database
from tests.several.test_pages import write
from tests.support.administrator import Admin
from tests.support.logbook import Logbook
from tests.support.outboxes import post, titles


class TestSets:
    """In the list of deliveries."""

    def test_the_entries_of_a_set_are_marked_and_found_by_it(self, installed: Logbook, portal: Portal) -> None:
        write(installed, portal, "2", title="Other")
        write(installed, portal, "2 3", title="News")
        post(installed, portal, title="Single")
        admin = Admin(installed, portal)
        page = admin.go("deliveries", state="all")
        told = dict(zip(titles(page), page.soup.select("li.delivery"), strict=True))
        assert "with other cards" in told["News"].text
        assert "with other cards" not in told["Single"].text
        number = told["News"].select("button[name=set]")[0]["value"]
        page = admin.go("deliveries", state="all", set=number)
        assert titles(page) == ["News"] * 3
        assert page.one("input[name=set][type=checkbox]")["value"] == number

    @any_database
    def test_a_whole_set_is_given_up(self, installed: Logbook, portal: Portal) -> None:
        number = write(installed, portal, "2 3").form["set"]
        post(installed, portal)
        admin = Admin(installed, portal)
        page = admin.go("deliveries/give-up/all", state="open", set=number, meant="1")
        assert "3 entries are not sent any more." in page.text

    @any_database
    def test_a_refused_entry_of_a_set_is_not_said_to_be_back_in_a_form(
        self, installed: Logbook, portal: Portal
    ) -> None:
        write(installed, portal, "2")
        portal.deny_edit(portal.employee, 2, 2)
        installed.work()
        page = Admin(installed, portal).go("deliveries", state="failed")
        assert len(titles(page)) == 1
        assert "may have written it again" not in page.text

    @any_database
    def test_the_set_of_another_portal_is_not_shown(self, installed: Logbook, portal: Portal, second: Portal) -> None:
        number = write(installed, portal, "2").form["set"]
        assert titles(Admin(installed, second).go("deliveries", state="all", set=number)) == []
