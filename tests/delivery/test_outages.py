"""Pages name what does not answer, in plain words and with the log's request id, and nothing is lost."""

import pytest

from b24app.models import Portal as PortalRow
from devportal import Box, Portal
from tests.support.attacker import learns_nothing
from tests.support.logbook import Logbook

TROUBLES = pytest.mark.parametrize("trouble", ["reset", "html", "garbage"])
WORDS = {"icon": "comment", "title": "Called about the offer", "text": "They want it by Friday."}


@TROUBLES
@pytest.mark.parametrize("placement", ["CRM_DEAL_DETAIL_TAB", "DEFAULT"])
def test_a_portal_without_an_answer(installed: Logbook, portal: Portal, trouble: str, placement: str) -> None:
    frame = portal.frame(portal.administrator, placement=placement)
    getattr(portal.faults, trouble)("batch")
    page = installed.send(frame)
    assert (page.status, page.refusal) == (503, "unreachable")
    learns_nothing(page, portal)
    assert installed.send(frame).status == 200


@TROUBLES
def test_an_authorization_server_without_an_answer(logbook: Logbook, box: Box, portal: Portal, trouble: str) -> None:
    frame = portal.install_frame(portal.administrator)
    getattr(box.faults, trouble)("app.info")
    page = logbook.send(frame)
    assert (page.status, page.refusal) == (503, "unreachable")
    learns_nothing(page, portal)
    with logbook.database() as session:
        assert session.query(PortalRow).count() == 0
    assert logbook.send(frame).status == 200


@TROUBLES
def test_an_installation_that_stopped_goes_on_from_there(logbook: Logbook, portal: Portal, trouble: str) -> None:
    getattr(portal.faults, trouble)("placement.bind")
    stopped = logbook.send(portal.install_frame(portal.administrator))
    assert stopped.status == 503
    assert stopped.heading == "The installation has stopped"
    assert "install.js" not in stopped.text
    assert stopped.headers["Content-Security-Policy"].endswith(f"frame-ancestors {portal.url}")
    done = logbook.submit("/install", stopped.form)
    assert (done.status, done.heading) == (200, "Logbook is installed")
    codes = [placement.code for placement in portal.placements]
    assert len(codes) == len(set(codes)) >= 8


def test_a_bind_that_is_refused_is_named_and_can_be_gone_on_from(logbook: Logbook, portal: Portal) -> None:
    portal.faults.refuse("ERROR_UNSUPPORTED_PROTOCOL", "placement.bind")
    stopped = logbook.send(portal.install_frame(portal.administrator))
    assert stopped.heading == "The installation has stopped"
    assert "install.js" not in stopped.text
    done = logbook.submit("/install", stopped.form)
    assert (done.status, done.heading) == (200, "Logbook is installed")


def test_a_busy_portal_is_no_reason_to_doubt_a_person(installed: Logbook, portal: Portal) -> None:
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "batch")
    page = installed.send(portal.frame(portal.employee))
    assert (page.status, page.refusal) == (503, "unreachable")


@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "QUERY_LIMIT_EXCEEDED", "OVERLOAD_LIMIT"])
def test_an_entry_waits_for_a_portal_that_cannot_take_it(installed: Logbook, portal: Portal, code: str) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.refuse(code, "crm.timeline.logmessage.add")
    page = installed.post(form, **WORDS)
    assert (page.status, page.outcome) == (202, "queued")
    assert WORDS["title"] in page.history[0].text
    assert (page.form["title"], page.form["text"]) == ("", "")


def test_the_history_is_ours_where_the_portal_does_not_tell_it(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    installed.post(form, **WORDS)
    portal.faults.refuse("INTERNAL_SERVER_ERROR", "crm.timeline.logmessage.list")
    page = installed.send(portal.frame(portal.employee))
    assert page.status == 200
    assert WORDS["title"] in page.history[0].text
    assert page.soup.select("[role=note]")
