"""People without access to a card cannot see its entries, neither from the portal nor from our own rows."""

import pytest

from devportal import Portal
from tests.support.logbook import Logbook, Page

WORDS = {"icon": "comment", "title": "Only for those who may read it", "text": "A confidential remark."}
KINDS = pytest.mark.parametrize("type_id", [2, 14, 31])


def is_silent(page: Page) -> None:
    assert WORDS["title"] not in page.text
    assert WORDS["text"] not in page.text


@KINDS
def test_opening_the_tab_reveals_nothing(installed: Logbook, portal: Portal, type_id: int) -> None:
    form = installed.open_tab(portal, type_id, person=portal.administrator).form
    assert installed.post(form, **WORDS).outcome == "posted"
    assert WORDS["title"] in installed.open_tab(portal, type_id).text
    portal.deny_read(portal.employee, type_id, 1)
    is_silent(installed.open_tab(portal, type_id))


@KINDS
def test_a_waiting_entry_is_not_revealed_either(installed: Logbook, portal: Portal, type_id: int) -> None:
    form = installed.open_tab(portal, type_id, person=portal.administrator).form
    portal.faults.refuse("OVERLOAD_LIMIT", "crm.timeline.logmessage.add")
    assert installed.post(form, **WORDS).outcome == "queued"
    portal.deny_read(portal.employee, type_id, 1)
    is_silent(installed.open_tab(portal, type_id))


@KINDS
def test_a_refused_entry_is_not_answered_with_those_of_others(installed: Logbook, portal: Portal, type_id: int) -> None:
    mine = installed.open_tab(portal, type_id).form
    portal.deny_read(portal.employee, type_id, 1)
    portal.deny_edit(portal.employee, type_id, 1)
    form = installed.open_tab(portal, type_id, person=portal.administrator).form
    assert installed.post(form, **WORDS).outcome == "posted"
    page = installed.post(mine, icon="comment", title="Let me in", text="Please")
    assert page.outcome == "refused"
    assert page.form["title"] == "Let me in"
    is_silent(page)


@KINDS
def test_an_employee_without_the_right_who_sends_nonsense_learns_nothing(
    installed: Logbook, portal: Portal, type_id: int
) -> None:
    mine = installed.open_tab(portal, type_id).form
    portal.deny_read(portal.employee, type_id, 1)
    form = installed.open_tab(portal, type_id, person=portal.administrator).form
    installed.post(form, **WORDS)
    page = installed.post(mine, icon="comment", title="", text="")
    assert page.outcome == "invalid"
    is_silent(page)
