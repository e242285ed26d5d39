"""An uninstall: checked while the portal is served, confirmed over some minutes, then everything is deleted."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from b24app.models import Base, TokenPair
from b24app.models import Person as PersonRow
from b24app.models import Portal as PortalRow
from devportal import Portal
from devportal.model.people import Person
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.waiting import until

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
MINUTE = 61


def announce(logbook: Logbook, portal: Portal, token: str | None = None, **changes: str) -> int:
    """What Bitrix24 sends after an uninstall."""
    fields = {
        "event": "ONAPPUNINSTALL",
        "data[LANGUAGE_ID]": "en",
        "data[CLEAN]": "1",
        "ts": "4102444800",
        "auth[domain]": portal.host,
        "auth[member_id]": portal.member_id,
        "auth[application_token]": token or str(portal.application_token),
    }
    return logbook.event({**fields, **changes})


def rows(logbook: Logbook) -> int:
    with logbook.database() as session:
        return sum(
            session.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables
        )


def row(logbook: Logbook) -> PortalRow:
    with logbook.database() as session:
        return session.scalars(select(PortalRow)).one()


def bring_no_refresh_tokens(logbook: Logbook, *people: Person) -> None:
    """As old portals do: for all, or for some."""
    with logbook.database() as session:
        for pair, number in session.execute(select(TokenPair, PersonRow.bitrix_id).join(PersonRow)):
            if not people or number in {person.id for person in people}:
                pair.refresh_token = None
        session.commit()


def work_for_minutes(logbook: Logbook, minutes: int) -> None:
    for _ in range(minutes):
        logbook.work()
        logbook.pass_time(MINUTE)
    logbook.work()


@pytest.fixture
def used(installed: Logbook, portal: Portal) -> Logbook:
    """Installed, and written with by two people."""
    for person in (portal.administrator, portal.employee):
        page = installed.send(portal.frame(person))
        assert installed.post(page.form, **WORDS).outcome == "posted"
    return installed


@pytest.mark.parametrize("clean", ["0", "1"])
def test_after_a_true_uninstall_nothing_is_left(used: Logbook, portal: Portal, clean: str) -> None:
    token = portal.application_token
    portal.uninstall(clean=clean == "1")
    assert announce(used, portal, token, **{"data[CLEAN]": clean}) == 200
    assert used.send(portal.frame(portal.employee)).status == 403
    work_for_minutes(used, 2)
    assert rows(used) == 0


def test_one_dead_answer_is_not_enough(used: Logbook, portal: Portal) -> None:
    token = portal.application_token
    portal.uninstall()
    announce(used, portal, token)
    used.work()
    used.work()
    assert row(used).suspended_at


def test_a_forged_uninstall_is_found_out_and_keeps_nobody_waiting(used: Logbook, portal: Portal) -> None:
    for _ in range(3):
        assert announce(used, portal) == 200
        assert used.send(portal.frame(portal.employee)).status == 200
        used.work()
        assert row(used).announced_at, "alive right after the event proves nothing"
        work_for_minutes(used, 3)
        assert row(used).announced_at is None
        page = used.send(portal.frame(portal.administrator, placement="DEFAULT"))
        assert "not true" in page.text


@any_database
def test_once_forged_with_an_application_token_proves_nothing_at_once_any_more(used: Logbook, portal: Portal) -> None:
    announce(used, portal)
    work_for_minutes(used, 3)
    token = portal.application_token
    portal.uninstall()
    announce(used, portal, token)
    assert row(used).suspended_at is None, "a hint is left to the worker"
    work_for_minutes(used, 3)
    assert rows(used) == 0


@any_database
def test_a_portal_that_is_installed_again_is_believed_again(used: Logbook, portal: Portal) -> None:
    announce(used, portal)
    work_for_minutes(used, 3)
    portal.uninstall()
    assert used.send(portal.install_frame(portal.administrator)).status == 200
    portal.finish_install()
    token = portal.application_token
    portal.uninstall()
    announce(used, portal, token)
    assert row(used).suspended_at


def test_while_the_authorization_server_is_silent_nothing_is_decided(used: Logbook, portal: Portal) -> None:
    token = portal.application_token
    portal.uninstall()
    announce(used, portal, token)
    portal.box.faults.html(times=None)
    work_for_minutes(used, 5)
    assert row(used).suspended_at
    portal.box.faults.clear()
    work_for_minutes(used, 3)
    assert rows(used) == 0


@any_database
def test_a_busy_authorization_server_is_no_death(used: Logbook, portal: Portal) -> None:
    announce(used, portal)
    portal.box.faults.refuse("QUERY_LIMIT_EXCEEDED", times=None)
    work_for_minutes(used, 5)
    assert row(used).announced_at
    portal.box.faults.clear()
    work_for_minutes(used, 3)
    assert row(used).announced_at is None


@any_database
def test_valid_access_tokens_prove_an_uninstall_too(used: Logbook, portal: Portal) -> None:
    bring_no_refresh_tokens(used)
    token = portal.application_token
    portal.uninstall()
    announce(used, portal, token)
    work_for_minutes(used, 3)
    assert rows(used) == 0


@any_database
def test_an_event_that_comes_while_a_suspicion_is_checked_is_checked_itself(used: Logbook, portal: Portal) -> None:
    with used.database() as session:
        session.scalars(select(PortalRow)).one().check_due_at = row(used).installed_at
        session.commit()
    faults = portal.box.faults
    faults.delay(60, "app.info")
    with ThreadPoolExecutor(1) as pool:
        checking = pool.submit(used.work)
        until(lambda: not any(effect.times for effect in faults.effects))
        announce(used, portal)
        faults.end()
        checking.result()
    assert row(used).announced_at
    work_for_minutes(used, 4)
    assert row(used).announced_at is None


@any_database
def test_a_forged_event_of_the_future_does_not_outdate_the_true_one(used: Logbook, portal: Portal) -> None:
    announce(used, portal, ts="4102444800")
    work_for_minutes(used, 4)
    assert row(used).announced_at is None
    token = portal.application_token
    portal.uninstall()
    announce(used, portal, token, ts=str(int(time.time())))
    work_for_minutes(used, 3)
    assert rows(used) == 0


def test_an_uninstall_whose_event_never_came_is_noticed_by_its_refusals(used: Logbook, portal: Portal) -> None:
    form = used.send(portal.frame(portal.employee)).form
    portal.faults.reset("crm.timeline.logmessage.add")
    assert used.post(form, **{**WORDS, "title": "Late"}).outcome == "queued"
    portal.uninstall()
    work_for_minutes(used, 3)
    assert rows(used) == 0


def test_one_dismissed_person_is_no_uninstall(used: Logbook, portal: Portal) -> None:
    portal.box.faults.refuse("invalid_grant", "oauth/token")
    portal.expire_access_tokens(portal.employee)
    form = used.send(portal.frame(portal.employee)).form
    portal.expire_access_tokens(portal.employee)
    used.post(form, **{**WORDS, "title": "Late"})
    work_for_minutes(used, 3)
    assert rows(used) > 0
    assert row(used).check_due_at is None


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_portal_that_comes_back_works_at_once(used: Logbook, portal: Portal, is_confirmed: bool) -> None:
    token = portal.application_token
    portal.uninstall()
    announce(used, portal, token)
    if is_confirmed:
        work_for_minutes(used, 2)
    assert used.send(portal.install_frame(portal.administrator)).status == 200
    portal.finish_install()
    page = used.send(portal.frame(portal.employee))
    assert used.post(page.form, **WORDS).outcome == "posted"
    work_for_minutes(used, 3)
    assert used.send(portal.frame(portal.employee)).status == 200


def test_a_late_event_of_an_earlier_installation_changes_nothing(used: Logbook, portal: Portal) -> None:
    assert announce(used, portal, ts="1766047124") == 200
    assert row(used).announced_at is None


def test_a_second_copy_of_an_event_changes_nothing(used: Logbook, portal: Portal) -> None:
    announce(used, portal)
    first = row(used)
    assert announce(used, portal) == 200
    second = row(used)
    assert (first.announced_at, first.check_due_at) == (second.announced_at, second.check_due_at)
