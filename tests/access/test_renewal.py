"""Refused renewals, and what each means for the pair and for waiting entries."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from b24app.models import EntryState, Person, TokenPair
from b24app.models import Portal as PortalRow
from b24app.services.access.keeping_alive import KEPT_ALIVE_AFTER
from b24app.services.access.renewal_refusals import FINAL_REFUSALS, PASSING_REFUSALS
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def post_with_a_refused_renewal(logbook: Logbook, portal: Portal, code: str) -> str | None:
    form = logbook.send(portal.frame(portal.employee)).form
    portal.box.faults.refuse(code, "oauth/token")
    portal.expire_access_tokens(portal.employee)
    return logbook.post(form, **WORDS).outcome


def pair(logbook: Logbook, portal: Portal) -> TokenPair:
    with logbook.database() as session:
        of_person = select(TokenPair).join(Person).where(Person.bitrix_id == portal.employee.id)
        return session.scalars(of_person).one()


@pytest.mark.parametrize("code", FINAL_REFUSALS)
def test_a_final_refusal_buries_the_pair_and_the_entry_waits_for_its_author(
    installed: Logbook, portal: Portal, code: str
) -> None:
    assert post_with_a_refused_renewal(installed, portal, code) == "queued"
    assert pair(installed, portal).refusal == code
    (entry,) = installed.entries()
    assert (entry.state, entry.reason) == (EntryState.PENDING, "PAIR_DEAD")


@pytest.mark.parametrize("code", [*PASSING_REFUSALS, "SOMETHING_NEW"])
def test_any_other_refusal_keeps_the_pair_and_the_entry_is_tried_again(
    installed: Logbook, portal: Portal, code: str
) -> None:
    assert post_with_a_refused_renewal(installed, portal, code) == "queued"
    assert pair(installed, portal).refusal is None
    installed.pass_time(60)
    installed.work()
    assert [message.title for message in portal.timeline(2, 1)] == ["Called"]


def test_a_paid_period_that_is_over_parks_the_portal(installed: Logbook, box: Box, portal: Portal) -> None:
    box.authority.renewal_refusal = "PAYMENT_REQUIRED"
    assert post_with_a_refused_renewal(installed, portal, "PAYMENT_REQUIRED") == "queued"
    installed.work()
    with installed.database() as session:
        assert session.scalars(select(PortalRow.notice)).one() == "PAYMENT_REQUIRED"


@pytest.mark.parametrize(("days", "is_renewed"), [(169, False), (171, True)])
def test_a_pair_that_nobody_used_is_renewed_only_when_it_nears_its_end(
    installed: Logbook, box: Box, portal: Portal, days: int, is_renewed: bool
) -> None:
    assert timedelta(days=169) < KEPT_ALIVE_AFTER < timedelta(days=171)
    with installed.database() as session:
        session.execute(update(TokenPair).values(obtained_at=datetime.now(UTC) - timedelta(days=days)))
        session.commit()
    box.authority_calls.clear()
    installed.work()
    assert [call.method for call in box.authority_calls] == ["oauth/token"] * is_renewed


def grow_old(logbook: Logbook) -> None:
    with logbook.database() as session:
        session.execute(update(TokenPair).values(obtained_at=datetime.now(UTC) - timedelta(days=171)))
        session.commit()


@any_database
def test_a_pair_that_cannot_be_kept_alive_now_is_left_for_a_day(installed: Logbook, box: Box, portal: Portal) -> None:
    grow_old(installed)
    box.faults.refuse("PAYMENT_REQUIRED", "oauth/token", times=None)
    box.authority_calls.clear()
    for expected in (1, 1, 2):
        installed.work()
        assert len(box.authority_calls) == expected
        installed.pass_time(12 * 3600 + 60)
    box.faults.clear()
    assert installed.post(installed.send(portal.frame(portal.administrator)).form, **WORDS).outcome == "posted"


@any_database
def test_a_pair_that_cannot_be_renewed_reveals_an_uninstall_whose_event_was_lost(
    installed: Logbook, portal: Portal
) -> None:
    grow_old(installed)
    portal.uninstall()
    for _ in range(5):
        installed.work()
        installed.pass_time(61)
    with installed.database() as session:
        assert session.scalars(select(PortalRow)).all() == []
