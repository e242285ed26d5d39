"""The log of calls: every exchange with a portal, masked, kept for some days and no longer."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from b24app.models import RestCall
from b24app.services import rest_log
from devportal import Portal
from tests.logbook import Logbook

WORDS = {"icon": "comment", "title": "Called", "text": "x" * 5000}


def calls(logbook: Logbook) -> list[RestCall]:
    with logbook.database() as session:
        return list(session.scalars(select(RestCall).order_by(RestCall.id)))


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


def test_no_token_stands_in_it_and_long_texts_are_cut(installed: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    page = installed.send(frame)
    portal.expire_access_tokens()
    installed.post(page.form, **WORDS)
    text = "".join(call.parameters + call.answer for call in calls(installed))
    assert frame.fields["AUTH_ID"] not in text
    assert "x" * 200 not in "".join(call.parameters for call in calls(installed))
    assert [call.method for call in calls(installed)][-2:] == ["oauth/renew", "crm.timeline.logmessage.add"]


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
