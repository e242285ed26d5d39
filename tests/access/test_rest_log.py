"""The log of calls: every call to a portal, masked, stored for some days and no longer."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from b24app.logs import LineFormatter
from b24app.models import Portal as PortalRow
from b24app.models import RestCall
from b24app.services.access import rest_log
from devportal import Box, Portal
from tests.conftest import CLIENT_SECRET, any_database
from tests.support.logbook import Logbook

WORDS = {"icon": "comment", "title": "Called", "text": "x" * 5000}


def calls(logbook: Logbook) -> list[RestCall]:
    with logbook.database() as session:
        return list(session.scalars(select(RestCall).order_by(RestCall.id)))


def calls_of(logbook: Logbook, portal: Portal) -> list[RestCall]:
    with logbook.database() as session:
        of_portal = select(RestCall).join(PortalRow, PortalRow.id == RestCall.portal_id)
        return list(session.scalars(of_portal.where(PortalRow.member_id == portal.member_id).order_by(RestCall.id)))


def test_opening_and_posting_leave_a_row_each(installed: Logbook, portal: Portal) -> None:
    before = len(calls(installed))
    page = installed.send(portal.frame(portal.employee))
    installed.post(page.form, **WORDS)
    opening, posting = calls(installed)[before:]
    assert (opening.method, posting.method) == ("batch", "crm.timeline.logmessage.add")
    assert (posting.code, posting.status, posting.person_id) == ("ok", 200, portal.employee.id)
    assert opening.request_id == page.headers["X-Request-ID"]
    assert '"authorId"' in posting.answer


def test_a_refused_caller_leaves_a_row_too(installed: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    portal.expire_access_tokens()
    installed.send(frame)
    last = calls(installed)[-1]
    assert (last.code, last.person_id) == ("EXPIRED_TOKEN", None)


def test_of_refused_callers_only_the_latest_leave_a_row(installed: Logbook, portal: Portal) -> None:
    """Anybody who knows a member_id can send frames, but cannot fill a table with them."""
    proved = len(calls(installed))
    row = {"portal_id": calls(installed)[0].portal_id, "called_at": datetime.now(UTC), "request_id": "-", "status": 401}
    with installed.database() as session:
        forged = {"method": "batch", "code": "NO_AUTH_FOUND", "milliseconds": 1, "parameters": "", "answer": ""}
        session.add_all(RestCall(**row, **forged) for _ in range(rest_log.KEPT_UNPROVED + 20))
        session.commit()
    frame = portal.frame(portal.employee)
    portal.expire_access_tokens()
    assert installed.send(frame).status == 403
    assert len(calls(installed)) == proved + rest_log.KEPT_UNPROVED
    assert calls(installed)[-1].code == "EXPIRED_TOKEN"
    assert calls(installed)[0].person_id == portal.administrator.id


@any_database
def test_a_refused_installation_leaves_nothing_in_the_log_of_the_next_request(
    installed: Logbook, portal: Portal, second: Portal
) -> None:
    """One thread serves both: what the first portal answered is not what the second one's administrator may read."""
    before = len(calls_of(installed, second))
    assert installed.send(portal.install_frame(portal.employee)).status == 403
    assert portal.calls[-1].method == "batch", "the portal has told something"
    assert installed.send(second.frame(second.employee)).status == 200
    (opening,) = calls_of(installed, second)[before:]
    assert opening.person_id == second.employee.id


@any_database
def test_a_failed_authorization_leaves_nothing_in_the_log_of_the_next_request(
    installed: Logbook, portal: Portal, second: Portal
) -> None:
    before = len(calls_of(installed, second))
    started = installed.get("/oauth/start", domain=portal.host)
    state = parse_qs(urlsplit(started.headers["Location"]).query)["state"][0]
    assert installed.get("/oauth/callback", state=state, code="invented").status == 403
    assert installed.send(second.frame(second.employee)).status == 200
    assert [call.method for call in calls_of(installed, second)[before:]] == ["batch"]


def test_it_contains_no_token_and_long_texts_are_cut(installed: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    page = installed.send(frame)
    portal.expire_access_tokens()
    installed.post(page.form, **WORDS)
    text = "".join(call.parameters + call.answer for call in calls(installed))
    assert frame.fields["AUTH_ID"] not in text
    assert "x" * 200 not in "".join(call.parameters for call in calls(installed))
    assert [call.method for call in calls(installed)][-2:] == ["oauth/renew", "crm.timeline.logmessage.add"]


@pytest.mark.parametrize("who", ["portal", "authorization server"])
def test_a_token_that_is_quoted_back_is_neither_stored_nor_logged(
    installed: Logbook, box: Box, portal: Portal, caplog: pytest.LogCaptureFixture, who: str
) -> None:
    frame = portal.frame(portal.employee)
    form = installed.send(frame).form
    if who == "portal":
        secrets = [frame.fields["AUTH_ID"]]
        portal.weather.refuse(secrets[0], times=None)
    else:
        secrets = [frame.fields["REFRESH_ID"], CLIENT_SECRET]
        portal.expire_access_tokens()
        box.weather.refuse("/".join(secrets), "oauth/token", times=None)
    caplog.handler.setFormatter(LineFormatter())
    installed.post(form, **WORDS)
    stored = [f"{call.code} {call.parameters} {call.answer}" for call in calls(installed)]
    everything = "\n".join([*stored, caplog.text]).lower()
    assert "???" in everything
    assert [secret for secret in secrets if secret.lower()[:32] in everything] == []


def test_old_rows_go_in_small_steps(installed: Logbook) -> None:
    with installed.database() as session:
        portal_id = calls(installed)[0].portal_id
        old = {"portal_id": portal_id, "request_id": "-", "method": "x", "code": "ok", "status": 200, "milliseconds": 1}
        at = datetime.now(UTC) - timedelta(days=rest_log.KEPT_DAYS, hours=1)
        kept = len(calls(installed))
        count = rest_log.TRIMMED_AT_ONCE + 1
        session.add_all(RestCall(**old, called_at=at, parameters="", answer="") for _ in range(count))
        session.commit()
        assert rest_log.trim(session) == rest_log.TRIMMED_AT_ONCE
    installed.work()
    assert len(calls(installed)) == kept
