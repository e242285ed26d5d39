"""People without access to a card cannot see its entries, neither from the portal nor from our own rows."""

import pytest

from b24app.bitrix24.entities import tab_of
from devportal import Portal
from tests.support.logbook import Logbook, Page

WORDS = {"icon": "comment", "title": "Only for those who may read it", "text": "A confidential remark."}
KINDS = pytest.mark.parametrize("type_id", [2, 14, 31])


def open_tab(logbook: Logbook, portal: Portal, type_id: int, *, as_administrator: bool = False) -> Page:
    person = portal.administrator if as_administrator else portal.employee
    return logbook.send(portal.frame(person, placement=tab_of(type_id), options={"ID": "1"}))


def is_silent(page: Page) -> None:
    assert WORDS["title"] not in page.text
    assert WORDS["text"] not in page.text


@KINDS
def test_opening_the_tab_reveals_nothing(installed: Logbook, portal: Portal, type_id: int) -> None:
    form = open_tab(installed, portal, type_id, as_administrator=True).form
    assert installed.post(form, **WORDS).outcome == "posted"
    assert WORDS["title"] in open_tab(installed, portal, type_id).text
    portal.deny_read(portal.employee, type_id, 1)
    is_silent(open_tab(installed, portal, type_id))


@KINDS
def test_a_waiting_entry_is_not_revealed_either(installed: Logbook, portal: Portal, type_id: int) -> None:
    form = open_tab(installed, portal, type_id, as_administrator=True).form
    portal.faults.refuse("OVERLOAD_LIMIT", "crm.timeline.logmessage.add")
    assert installed.post(form, **WORDS).outcome == "queued"
    portal.deny_read(portal.employee, type_id, 1)
    is_silent(open_tab(installed, portal, type_id))


@KINDS
def test_a_refused_entry_is_not_answered_with_those_of_others(installed: Logbook, portal: Portal, type_id: int) -> None:
    mine = open_tab(installed, portal, type_id).form
    portal.deny_read(portal.employee, type_id, 1)
    portal.deny_edit(portal.employee, type_id, 1)
    form = open_tab(installed, portal, type_id, as_administrator=True).form
    assert installed.post(form, **WORDS).outcome == "posted"
    page = installed.post(mine, icon="comment", title="Let me in", text="Please")
    assert page.outcome == "refused"
    assert page.form["title"] == "Let me in"
    is_silent(page)


@KINDS
def test_an_employee_without_the_right_who_sends_nonsense_learns_nothing(
    installed: Logbook, portal: Portal, type_id: int
) -> None:
    mine = open_tab(installed, portal, type_id).form
    portal.deny_read(portal.employee, type_id, 1)
    form = open_tab(installed, portal, type_id, as_administrator=True).form
    installed.post(form, **WORDS)
    page = installed.post(mine, icon="comment", title="", text="")
    assert page.outcome == "invalid"
    is_silent(page)
