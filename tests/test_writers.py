"""Who may write: chosen by administrators, told at opening, enforced at posting."""

from typing import Any

import pytest
from sqlalchemy import select

from b24app.models import Person
from b24app.services import settings, writers
from b24app.services.settings import Section
from b24app.services.writers import Named, Who, Writers
from devportal import Portal
from tests.logbook import Logbook, Page

ADD = "crm.timeline.logmessage.add"
DEAL = 2
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def open_tab(logbook: Logbook, portal: Portal, person: Any = None) -> Page:
    return logbook.send(portal.frame(person or portal.employee))


def let_write(logbook: Logbook, portal: Portal, who: Who, *ids: int) -> None:
    """As an administrator does on the settings page."""
    logbook.send(portal.frame(portal.administrator, placement="DEFAULT"))
    with logbook.database() as session:
        person = session.scalars(select(Person).where(Person.bitrix_id == portal.administrator.id)).one()
        _writers, version = writers.read(session, person.portal_id)
        chosen = Writers(who, tuple(Named(number, f"Colleague {number}") for number in ids))
        settings.save(session, person, Section.WRITERS, chosen.as_map(), version=version)
        session.commit()
    portal.calls.clear()


class TestReading:
    """Opening the tab without the right to write."""

    def test_while_nothing_is_chosen_everybody_writes(self, installed: Logbook, portal: Portal) -> None:
        assert installed.post(open_tab(installed, portal).form, **WORDS).outcome == "posted"

    def test_the_history_stands_there_and_one_sentence_what_to_do(self, installed: Logbook, portal: Portal) -> None:
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
    def test_it_is_refused_and_kept_and_nothing_is_sent(self, installed: Logbook, portal: Portal, who: Who) -> None:
        form = open_tab(installed, portal).form
        let_write(installed, portal, who, portal.administrator.id)
        page = installed.post(form, **WORDS)
        assert (page.status, page.outcome) == (403, "refused")
        assert (page.form["title"], page.form["text"]) == (WORDS["title"], WORDS["text"])
        assert list(portal.calls) == []
        assert installed.entries() == []
        let_write(installed, portal, Who.CHOSEN, portal.employee.id)
        assert installed.post(page.form).outcome == "posted"

    def test_the_words_are_kept_as_a_draft_too(self, installed: Logbook, portal: Portal) -> None:
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

    def test_an_administrator_is_one_as_his_latest_opening_said(self, installed: Logbook, portal: Portal) -> None:
        let_write(installed, portal, Who.ADMINISTRATORS)
        form = open_tab(installed, portal, portal.administrator).form
        portal.administrator.is_admin = False
        assert "You may read here" in open_tab(installed, portal, portal.administrator).text
        assert installed.post(form, **WORDS).outcome == "refused"

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
        portal.weather.refuse("OVERLOAD_LIMIT", ADD)
        assert installed.post(open_tab(installed, portal).form, **WORDS).outcome == "queued"
        let_write(installed, portal, Who.ADMINISTRATORS)
        installed.pass_time(3600)
        installed.work()
        assert [message.title for message in portal.timeline(DEAL, 1)] == ["Called"]

    def test_what_the_portal_refused_is_not_tried_again(self, installed: Logbook, portal: Portal) -> None:
        portal.weather.refuse("OVERLOAD_LIMIT", ADD)
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
