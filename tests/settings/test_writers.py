"""Who may write: chosen by administrators, shown at opening, enforced at posting."""

from typing import Any

import pytest
from sqlalchemy import select

from b24app.models import Person
from b24app.services.settings import settings, writers
from b24app.services.settings.settings import Section
from b24app.services.settings.writers import Named, Who, Writers
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.attacker import install
from tests.support.logbook import Logbook, Page

ADD = "crm.timeline.logmessage.add"
DEAL = 2
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def open_tab(logbook: Logbook, portal: Portal, person: Any = None) -> Page:
    return logbook.send(portal.frame(person or portal.employee))


def let_write(logbook: Logbook, portal: Portal, who: Who, *ids: int) -> None:
    logbook.send(portal.frame(portal.administrator, placement="DEFAULT"))
    with logbook.database() as session:
        person = session.scalars(select(Person).where(Person.bitrix_id == portal.administrator.id)).one()
        chosen = Writers(who, tuple(Named(number, f"Colleague {number}") for number in ids))
        _writers, version = writers.read(session, person.portal_id)
        settings.save(session, person, Section.WRITERS, chosen.as_map(), version=version)
    portal.calls.clear()


class TestReading:
    """Opening the tab without the right to write."""

    def test_while_nothing_is_chosen_everybody_writes(self, installed: Logbook, portal: Portal) -> None:
        assert installed.post(open_tab(installed, portal).form, **WORDS).outcome == "posted"

    def test_the_page_shows_the_history_and_what_to_do(self, installed: Logbook, portal: Portal) -> None:
        installed.post(open_tab(installed, portal, portal.administrator).form, **WORDS)
        let_write(installed, portal, Who.ADMINISTRATORS)
        page = open_tab(installed, portal)
        assert page.status == 200
        assert page.one(".empty h2").text == "You may read here, but not write"
        assert "Only administrators of this Bitrix24 write with Logbook." in page.text
        assert page.soup.select("[name=title], [name=text], [name=icon]") == []
        assert [button for button in page.soup.select("button") if button.text == "Post"] == []
        assert "Called" in page.history[0].text
        assert [call.method for call in portal.calls] == ["batch"]

    def test_a_draft_from_before_can_still_be_copied(self, installed: Logbook, portal: Portal) -> None:
        installed.submit("/drafts", {**open_tab(installed, portal).form, **WORDS, "title": "<b>Half</b>"})
        let_write(installed, portal, Who.CHOSEN, portal.administrator.id)
        page = open_tab(installed, portal)
        assert page.one("#title")["value"] == "<b>Half</b>"
        assert page.one("#text").text.strip() == WORDS["text"]
        for address in ("/history", "/history/retry", "/history/delete"):
            installed.submit(address, {"session": page.one("[name=session]")["value"], "page": "0-9", "entry": "9"})
        assert open_tab(installed, portal).one("#title")["value"] == "<b>Half</b>"
        let_write(installed, portal, Who.EVERYBODY)
        assert open_tab(installed, portal).form["text"] == WORDS["text"]

    def test_readers_can_take_their_own_entries_away(self, installed: Logbook, portal: Portal) -> None:
        installed.post(open_tab(installed, portal).form, **WORDS)
        let_write(installed, portal, Who.ADMINISTRATORS)
        page = open_tab(installed, portal)
        entry = str(page.one("[data-delete-entry]")["value"])
        session = str(page.one("[name=session]")["value"])
        asked = installed.submit("/history/delete", {"session": session, "entry": entry})
        assert asked.outcome == "asked"
        assert installed.submit("/history/delete/confirmed", {"session": session, "entry": entry}).outcome == "deleted"
        assert portal.timeline(DEAL, 1) == []


class TestPosting:
    """POST /entries without the right to write."""

    @pytest.mark.parametrize("who", [Who.ADMINISTRATORS, Who.CHOSEN])
    def test_it_is_refused_and_the_text_is_kept(self, installed: Logbook, portal: Portal, who: Who) -> None:
        form = open_tab(installed, portal).form
        let_write(installed, portal, who, portal.administrator.id)
        page = installed.post(form, **WORDS)
        assert (page.status, page.outcome) == (403, "refused")
        assert (page.form["title"], page.form["text"]) == (WORDS["title"], WORDS["text"])
        assert list(portal.calls) == []
        assert installed.entries() == []
        let_write(installed, portal, Who.CHOSEN, portal.employee.id)
        assert installed.post(page.form).outcome == "posted"

    def test_the_text_is_saved_as_a_draft_too(self, installed: Logbook, portal: Portal) -> None:
        form = open_tab(installed, portal).form
        let_write(installed, portal, Who.ADMINISTRATORS)
        installed.post(form, **WORDS)
        assert open_tab(installed, portal).one("#title")["value"] == WORDS["title"]
        assert installed.submit("/drafts", {**form, **WORDS, "title": "Later"}).status == 204
        assert open_tab(installed, portal).one("#title")["value"] == "Later"

    def test_administrators_and_chosen_people_write(self, installed: Logbook, portal: Portal) -> None:
        let_write(installed, portal, Who.ADMINISTRATORS)
        assert installed.post(open_tab(installed, portal, portal.administrator).form, **WORDS).outcome == "posted"
        let_write(installed, portal, Who.CHOSEN, portal.employee.id)
        assert installed.post(open_tab(installed, portal).form, **WORDS).outcome == "posted"
        assert "You may read here" in open_tab(installed, portal, portal.administrator).text

    def test_the_latest_opening_decides_who_is_an_administrator(self, installed: Logbook, portal: Portal) -> None:
        let_write(installed, portal, Who.ADMINISTRATORS)
        form = open_tab(installed, portal, portal.administrator).form
        portal.administrator.is_admin = False
        assert "You may read here" in open_tab(installed, portal, portal.administrator).text
        assert installed.post(form, **WORDS).outcome == "refused"

    def test_who_has_lost_the_rights_of_an_administrator_posts_nothing_more(
        self, installed: Logbook, portal: Portal
    ) -> None:
        let_write(installed, portal, Who.ADMINISTRATORS)
        form = open_tab(installed, portal, portal.administrator).form
        assert installed.post(form, **WORDS).outcome == "posted"
        portal.administrator.is_admin = False
        page = installed.post(form, **{**WORDS, "title": "Once more"})
        assert (page.status, page.outcome, page.form["title"]) == (403, "refused", "Once more")
        assert installed.post(form, **WORDS).outcome == "posted"
        assert [message.title for message in portal.timeline(DEAL, 1)] == ["Called"]

    def test_nor_does_anybody_try_again_what_was_refused_before(self, installed: Logbook, portal: Portal) -> None:
        let_write(installed, portal, Who.ADMINISTRATORS)
        portal.faults.refuse("OVERLOAD_LIMIT", ADD)
        form = open_tab(installed, portal, portal.administrator).form
        assert installed.post(form, **WORDS).outcome == "queued"
        number = str(installed.entries()[0].id)
        portal.deny_edit(portal.administrator, DEAL, 1)
        assert installed.submit("/history/retry", {**form, "entry": number}).outcome == "refused"
        portal.allow_edit(portal.administrator, DEAL, 1)
        portal.administrator.is_admin = False
        assert installed.submit("/history/retry", {**form, "entry": number}).outcome == "refused"
        assert portal.timeline(DEAL, 1) == []

    def test_the_rights_are_asked_for_only_where_they_decide(self, installed: Logbook, portal: Portal) -> None:
        let_write(installed, portal, Who.ADMINISTRATORS)
        form = open_tab(installed, portal, portal.administrator).form
        portal.calls.clear()
        installed.post(form, **WORDS)
        assert [call.method for call in portal.calls] == ["batch", ADD]

    def test_where_nobody_can_tell_the_entry_waits_with_the_worker(self, installed: Logbook, portal: Portal) -> None:
        let_write(installed, portal, Who.ADMINISTRATORS)
        form = open_tab(installed, portal, portal.administrator).form
        portal.faults.html(times=2)
        assert installed.post(form, **WORDS).outcome == "queued"

    def test_posting_still_takes_exactly_one_request(self, installed: Logbook, portal: Portal) -> None:
        let_write(installed, portal, Who.CHOSEN, portal.employee.id)
        form = open_tab(installed, portal).form
        portal.calls.clear()
        installed.post(form, **WORDS)
        assert [call.method for call in portal.calls] == [ADD]

    def test_a_form_that_was_posted_before_answers_as_it_did(self, installed: Logbook, portal: Portal) -> None:
        form = open_tab(installed, portal).form
        installed.post(form, **WORDS)
        let_write(installed, portal, Who.ADMINISTRATORS)
        assert installed.post(form, **WORDS).outcome == "posted"
        assert len(portal.timeline(DEAL, 1)) == 1

    def test_what_waits_already_is_still_delivered(self, installed: Logbook, portal: Portal) -> None:
        portal.faults.refuse("OVERLOAD_LIMIT", ADD)
        assert installed.post(open_tab(installed, portal).form, **WORDS).outcome == "queued"
        let_write(installed, portal, Who.ADMINISTRATORS)
        installed.pass_time(3600)
        installed.work()
        assert [message.title for message in portal.timeline(DEAL, 1)] == ["Called"]

    def test_what_the_portal_refused_is_not_tried_again(self, installed: Logbook, portal: Portal) -> None:
        portal.faults.refuse("OVERLOAD_LIMIT", ADD)
        form = open_tab(installed, portal).form
        installed.post(form, **WORDS)
        portal.deny_edit(portal.employee, DEAL, 1)
        number = str(installed.entries()[0].id)
        assert installed.submit("/history/retry", {**form, "entry": number}).outcome == "refused"
        portal.allow_edit(portal.employee, DEAL, 1)
        let_write(installed, portal, Who.ADMINISTRATORS)
        page = installed.submit("/history/retry", {**form, "entry": number})
        assert (page.status, page.outcome) == (403, "refused")
        assert list(portal.calls) == []


@any_database
class TestSettings:
    """The section of the settings."""

    def test_it_takes_one_request_and_shows_what_counts(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        portal.calls.clear()
        page = admin.go("writers")
        assert [call.method for call in portal.calls] == ["batch"]
        assert chosen_who(page) == "everybody"
        assert "Some older portals" in page.text

    @pytest.mark.parametrize("who", ["everybody", "administrators"])
    def test_a_choice_is_saved_and_written_down(self, installed: Logbook, portal: Portal, who: str) -> None:
        admin = Admin(installed, portal)
        page = admin.go("writers/save", version="0", who=who)
        assert (page.status, page.outcome, chosen_who(page)) == (200, "saved", who)
        assert chosen_who(admin.go("writers")) == who
        assert who in admin.go("changes").one("li.row pre + *, li.row").text

    def test_chosen_people_are_saved_with_the_names_we_know(self, installed: Logbook, portal: Portal) -> None:
        open_tab(installed, portal)
        page = Admin(installed, portal).go(
            "writers/save",
            version="0",
            who="chosen",
            person=["7", "99", "7"],
            **{"name-7": "Liar", "name-99": " Zoe\n"},
        )
        assert page.outcome == "saved"
        assert ticked(page) == {"7": "Ben Okafor", "99": "Zoe"}
        assert installed.post(open_tab(installed, portal).form, **WORDS).outcome == "posted"
        assert "You may read here" in open_tab(installed, portal, portal.reader).text

    def test_people_stay_chosen_while_others_may_write(self, installed: Logbook, portal: Portal) -> None:
        page = Admin(installed, portal).go("writers/save", version="0", who="everybody", person=["99"])
        assert ticked(page) == {"99": "User 99"}

    def test_nobody_chosen_is_no_choice(self, installed: Logbook, portal: Portal) -> None:
        page = Admin(installed, portal).go("writers/save", version="0", who="chosen")
        assert (page.status, page.outcome, chosen_who(page)) == (422, "invalid", "chosen")
        assert page.one("#people-error").text == "Choose at least one person, or let everybody write."
        assert installed.post(open_tab(installed, portal).form, **WORDS).outcome == "posted"

    def test_too_many_are_refused_and_still_there(self, installed: Logbook, portal: Portal) -> None:
        people = [str(number) for number in range(1000, 1501)]
        page = Admin(installed, portal).go("writers/save", version="0", who="chosen", person=people)
        assert (page.status, page.outcome) == (422, "invalid")
        assert len(ticked(page)) == 501

    @pytest.mark.parametrize("number", ["0", "-1", "x", "1e3", "9" * 19, "٣", ""])
    def test_what_no_page_of_ours_sends_is_malformed(self, installed: Logbook, portal: Portal, number: str) -> None:
        page = Admin(installed, portal).go("writers/save", version="0", who="chosen", person=[number])
        assert (page.status, page.refusal) == (400, "malformed")

    def test_an_unknown_kind_of_people_is_malformed(self, installed: Logbook, portal: Portal) -> None:
        assert Admin(installed, portal).go("writers/save", version="0", who="robots").status == 400

    def test_html_in_a_name_is_shown_as_text(self, installed: Logbook, portal: Portal) -> None:
        name = "<img src=x onerror=alert(1)>"
        admin = Admin(installed, portal)
        page = admin.go("writers/save", version="0", who="chosen", person=["99"], **{"name-99": name})
        assert ticked(page) == {"99": name}
        assert "<img" not in page.text
        assert "<img" not in admin.go("changes").text

    def test_two_administrators_do_not_overwrite_each_other(self, installed: Logbook, portal: Portal) -> None:
        portal.employee.is_admin = True
        first, second = Admin(installed, portal), Admin(installed, portal, portal.employee)
        first.go("writers/save", version="0", who="administrators")
        page = second.go("writers/save", version="0", who="chosen", person=["99"], **{"name-99": "Zoe"})
        assert (page.status, page.outcome) == (409, "outdated")
        assert "Anna Keller" in page.one("[data-outcome]").text
        assert (chosen_who(page), ticked(page)) == ("chosen", {"99": "Zoe"})
        assert chosen_who(first.go("writers")) == "administrators"
        again = second.go("writers/save", version=str(page.one("[name=version]")["value"]), who="chosen", person=["99"])
        assert again.outcome == "saved"

    def test_people_are_found_by_name_without_losing_the_choice(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        with installed.database() as session:
            portal_id = session.scalars(select(Person.portal_id)).first()
            for number in range(150):
                facts = {"portal_id": portal_id, "bitrix_id": 1000 + number, "time_zone": ""}
                session.add(Person(name=f"Colleague {number:03} 100%", **facts))
            session.commit()
        page = admin.go("writers")
        assert len(page.soup.select("[data-people] input[type=checkbox]")) == writers.LISTED
        form = {"version": "0", "who": "chosen", "person": ["1001"]}
        found = admin.go("writers/find", called="149 100%", **form)
        assert {str(box["value"]) for box in found.soup.select("form [name=person]")} == {"1001", "1149"}
        assert (ticked(found), chosen_who(found)) == ({"1001": "Colleague 001 100%"}, "chosen")
        assert "Nobody who is called that" in admin.go("writers/find", called="%_", **form).text

    def test_people_of_another_portal_are_not_listed(self, installed: Logbook, box: Box, portal: Portal) -> None:
        second = box.add_portal(kind="on-premise", name="Workshop")
        second.employee.name, second.employee.id = "Attacker", 4711
        install(installed, second)
        installed.send(second.frame(second.employee))
        assert "Attacker" not in Admin(installed, portal).go("writers").text


def chosen_who(page: Page) -> str:
    return str(page.one("[name=who][checked]")["value"])


def ticked(page: Page) -> dict[str, str]:
    boxes = page.soup.select("form [name=person][checked]")
    return {str(box["value"]): box.find_next("bdi").get_text() for box in boxes}
