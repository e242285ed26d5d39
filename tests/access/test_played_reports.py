"""Public reports about other clients and applications, reproduced with the whole of Logbook."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from b24app.models import EntryState
from devportal import Box, Portal
from tests.access.test_tokens import renewals
from tests.conftest import any_database
from tests.support.logbook import Logbook

pytestmark = any_database

DEAL = 2
LIST, ADD = "crm.timeline.logmessage.list", "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def form_of(logbook: Logbook, portal: Portal) -> dict[str, str]:
    return {**logbook.send(portal.frame(portal.employee)).form, **WORDS}


def test_no_event_is_sent_before_the_installer_has_finished(logbook: Logbook, portal: Portal) -> None:
    """b24jssdk #336, b24-rest-docs #365"""
    page = logbook.send(portal.install_frame(portal.administrator))
    portal.add_type("Repairs")
    assert portal.events.sent == []
    assert len(page.soup.select("script[src*=install]")) == 1
    portal.finish_install()
    portal.add_type("Rentals")
    assert [sent.event for sent in portal.events.sent] == ["ONAPPINSTALL", "ONCRMTYPEADD"]


def test_two_people_of_one_pair_post_at_once(installed: Logbook, box: Box, portal: Portal) -> None:
    """b24phpsdk #102, and HQBase #41: a refresh token that is used twice ends everything"""
    forms = [{**form_of(installed, portal), "title": f"Called {number}"} for number in range(2)]
    box.authority.refresh_uses_allowed = 1
    for _ in range(2):
        portal.expire_access_tokens()
        box.authority_calls.clear()
        with ThreadPoolExecutor(2) as pool:
            assert [page.outcome for page in pool.map(installed.post, forms)] == ["posted"] * 2
        assert renewals(box) == 1
        forms = [{**form, "form_key": f"again {form['title']}"} for form in forms]
    assert len(portal.timeline(DEAL, 1)) == 4


def test_a_token_is_renewed_when_a_portal_calls_it_expired_and_not_before(
    installed: Logbook, box: Box, portal: Portal
) -> None:
    """drupal 3221679"""
    form = form_of(installed, portal)
    box.authority_calls.clear()
    found = []
    for number in range(4):
        if number == 2:
            portal.expire_access_tokens()
        assert installed.post(form, title=f"Called {number}", form_key=f"key {number}").outcome == "posted"
        found.append(renewals(box))
    assert found == [0, 0, 1, 1]


def test_a_person_whom_the_portal_no_longer_authorizes_loses_no_text(installed: Logbook, portal: Portal) -> None:
    """bitrix24-php-sdk #215"""
    form = form_of(installed, portal)
    portal.dismiss(portal.employee)
    page = installed.post(form)
    assert page.outcome in {"queued", "refused"}
    assert WORDS["title"] in page.text or installed.entries()[0].title == WORDS["title"]
    assert portal.timeline(DEAL, 1) == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [("invalid_grant", "PAIR_DEAD"), ("PAYMENT_REQUIRED", "RENEWAL_PAYMENT_REQUIRED"), ("NOT_INSTALLED", "PAIR_DEAD")],
)
def test_the_reason_of_a_failed_renewal_is_stored_with_the_waiting_entry(
    installed: Logbook, box: Box, portal: Portal, code: str, reason: str
) -> None:
    """b24phpsdk #284: one message for an expired pair and for a portal that is not there"""
    form = form_of(installed, portal)
    portal.expire_access_tokens()
    box.authority.renewal_refusal = code
    assert installed.post(form).outcome == "queued"
    assert (installed.entries()[0].state, installed.entries()[0].reason) == (EntryState.PENDING, reason)


def test_a_portal_without_the_method_still_shows_the_form_and_keeps_the_words(
    installed: Logbook, portal: Portal
) -> None:
    """pybitrix24 #1: ERROR_METHOD_NOT_FOUND for a command of a batch"""
    portal.faults.refuse("ERROR_METHOD_NOT_FOUND", LIST, times=2)
    form = form_of(installed, portal)
    portal.faults.refuse("ERROR_METHOD_NOT_FOUND", ADD)
    page = installed.post(form)
    assert (page.outcome, page.form["title"]) == ("refused", WORDS["title"])


def test_an_entry_without_an_icon_is_never_sent(installed: Logbook, portal: Portal) -> None:
    """b24-rest-docs #57: iconCode is required, too"""
    form = form_of(installed, portal)
    portal.calls.clear()
    page = installed.post(form, icon="")
    assert (page.status, page.form["title"]) == (422, WORDS["title"])
    assert portal.calls == []


@pytest.mark.parametrize("address", ["/", "/placement", "/install", "/settings"])
def test_an_address_that_is_opened_outside_a_portal_says_so(installed: Logbook, portal: Portal, address: str) -> None:
    """b24jssdk #142: outside a frame it waited for ever"""
    portal.calls.clear()
    page = installed.get(address)
    assert page.status in {200, 405}
    assert page.heading
    assert page.soup.select("form, [data-portal-origin]") == []
    assert portal.calls == []


def test_nothing_needs_a_cookie(installed: Logbook, portal: Portal) -> None:
    """SuiteCRM-Core #446: a token in a cookie that browsers keep from frames"""
    opened = installed.send(portal.frame(portal.employee))
    posted = installed.post({**opened.form, **WORDS})
    assert posted.outcome == "posted"
    assert [page.headers.get("Set-Cookie") for page in (opened, posted)] == [None, None]
    assert installed.entries()[0].state == EntryState.SENT
