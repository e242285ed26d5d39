"""What proves that an installation has ended, and what only looks like it: forgeries, backups, a wrong secret."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from b24app.models import Person, TokenPair
from b24app.models import Portal as PortalRow
from b24app.services.access.uninstall import UNHEARD_FOR
from devportal import Box, Portal
from devportal.model.people import Person as Colleague
from tests.access.test_uninstall import announce, bring_no_refresh_tokens, row, rows, used, work_for_minutes
from tests.conftest import any_database
from tests.setup.test_events import row_of
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.waiting import until

__all__ = ["used"]

HOUR = 3600


def is_kept_and_served(logbook: Logbook, portal: Portal) -> bool:
    return row_of(logbook, portal).purged_at is None and logbook.send(portal.frame(portal.employee)).status == 200


def announce_for_long(logbook: Logbook, portal: Portal) -> None:
    """A forged uninstall, checked for a quarter of an hour."""
    portal.expire_access_tokens()
    assert announce(logbook, portal) == 200
    work_for_minutes(logbook, 15)


class TestForged:
    """An employee knows the application token, and brings what they like as their refresh token."""

    def test_a_refresh_token_that_is_garbage_proves_nothing(self, used: Logbook, portal: Portal) -> None:
        bring_no_refresh_tokens(used)
        assert used.send(portal.frame(portal.employee), REFRESH_ID="garbage").status == 200
        announce_for_long(used, portal)
        assert is_kept_and_served(used, portal)

    def test_nor_does_that_of_a_portal_that_has_removed_logbook(self, used: Logbook, box: Box, portal: Portal) -> None:
        elsewhere = box.add_portal(name="Elsewhere")
        install(used, elsewhere)
        theirs = elsewhere.frame(elsewhere.employee).fields["REFRESH_ID"]
        elsewhere.uninstall()
        bring_no_refresh_tokens(used)
        assert used.send(portal.frame(portal.employee), REFRESH_ID=theirs).status == 200
        announce_for_long(used, portal)
        assert is_kept_and_served(used, portal)

    def test_everybody_is_asked_before_the_portal_is_given_up(self, used: Logbook, portal: Portal) -> None:
        """The newest pairs have ended, and one that is older than many is alive."""
        for number in range(8):
            colleague = Colleague(100 + number, "Colleague", str(number))
            portal.people.append(colleague)
            assert used.send(portal.frame(colleague), REFRESH_ID="garbage").status == 200
        portal.expire_access_tokens()
        announce(used, portal)
        work_for_minutes(used, 3)
        assert row(used).notice == "FORGED_UNINSTALL"
        assert is_kept_and_served(used, portal)

    @any_database
    def test_a_backup_of_last_week_has_spent_tokens_only_which_prove_nothing(
        self, used: Logbook, portal: Portal
    ) -> None:
        redeem(used, portal)
        for pair in portal.authority.state.pairs:
            pair.refresh_uses = 1
        announce_for_long(used, portal)
        assert is_kept_and_served(used, portal)

    @any_database
    @pytest.mark.parametrize("code", ["invalid_client", "wrong_client", "PAYMENT_REQUIRED"])
    def test_a_wrong_secret_or_an_unpaid_month_proves_nothing(self, used: Logbook, portal: Portal, code: str) -> None:
        redeem(used, portal)
        portal.authority.renewal_refusal = code
        announce_for_long(used, portal)
        portal.authority.renewal_refusal = ""
        assert is_kept_and_served(used, portal)


class TestWhereNobodyCanTell:
    """Everything is kept, and said: to administrators, and to the operator by the doctor."""

    def test_administrators_are_notified_and_an_opening_settles_it(self, used: Logbook, portal: Portal) -> None:
        bring_no_refresh_tokens(used)
        announce_for_long(used, portal)
        assert row(used).announced_at
        page = used.send(portal.frame(portal.administrator, placement="DEFAULT"))
        assert "does not confirm" in page.text
        work_for_minutes(used, 3)
        assert row(used).announced_at is None
        page = used.send(portal.frame(portal.administrator, placement="DEFAULT"))
        assert "not true" in page.text

    def test_the_rows_stay_for_as_long_as_a_token_can_be_valid(self, used: Logbook, portal: Portal) -> None:
        bring_no_refresh_tokens(used)
        announce_for_long(used, portal)
        used.pass_time((UNHEARD_FOR - timedelta(days=1)).total_seconds())
        work_for_minutes(used, 3)
        assert row(used).purged_at is None
        used.pass_time(timedelta(days=2).total_seconds())
        used.work()
        assert rows(used) == 0

    @any_database
    def test_they_stay_longer_while_no_server_can_be_asked(self, used: Logbook, portal: Portal) -> None:
        bring_no_refresh_tokens(used)
        announce_for_long(used, portal)
        portal.box.faults.html(times=None)
        used.pass_time((UNHEARD_FOR + timedelta(days=1)).total_seconds())
        used.work()
        assert row(used).purged_at is None


class TestTrue:
    """An authorization server says so of a pair that was good for this installation."""

    def test_a_redeemed_refresh_token_proves_it(self, used: Logbook, portal: Portal) -> None:
        redeem(used, portal)
        token = portal.application_token
        portal.uninstall()
        portal.box.faults.refuse("expired_token", "app.info", times=None)
        announce(used, portal, token)
        work_for_minutes(used, 3)
        assert rows(used) == 0

    def test_a_refresh_token_from_a_browser_does_not_prove_it(self, used: Logbook, portal: Portal) -> None:
        token = portal.application_token
        portal.uninstall()
        portal.box.faults.refuse("expired_token", "app.info", times=None)
        announce(used, portal, token)
        work_for_minutes(used, 15)
        assert row(used).purged_at is None
        assert row(used).notice == "UNPROVED_UNINSTALL"

    @any_database
    def test_one_who_contradicts_is_enough(self, used: Logbook, portal: Portal) -> None:
        announce(used, portal)
        for _ in range(6):
            portal.box.faults.refuse("NOT_INSTALLED", "app.info", times=1)
            used.work()
            used.pass_time(61)
        assert is_kept_and_served(used, portal)

    @any_database
    def test_answers_about_an_earlier_installation_prove_nothing_about_this_one(
        self, used: Logbook, portal: Portal
    ) -> None:
        install(used, portal)
        bring_no_refresh_tokens(used, portal.administrator)
        forget_access_token(used, portal, portal.administrator)
        portal.box.faults.refuse("NOT_INSTALLED", "app.info", times=None)
        portal.authority.renewal_refusal = "NOT_INSTALLED"
        announce(used, portal)
        work_for_minutes(used, 5)
        portal.box.faults.clear()
        portal.authority.renewal_refusal = ""
        assert is_kept_and_served(used, portal)

    def test_two_workers_that_ask_at_once_have_asked_once(self, used: Logbook, portal: Portal) -> None:
        token = portal.application_token
        portal.uninstall()
        announce(used, portal, token)
        portal.box.faults.delay(60, "app.info", times=2)
        with ThreadPoolExecutor(2) as pool:
            checks = [pool.submit(used.work) for _ in range(2)]
            until(lambda: not any(effect.times for effect in portal.box.faults.effects))
            portal.box.faults.end()
            for check in checks:
                check.result()
        assert row(used).checks_failed == 1

    @any_database
    def test_a_refresh_token_that_nobody_can_answer_about_holds_no_purge_up(
        self, used: Logbook, portal: Portal
    ) -> None:
        redeem(used, portal)
        colleague = Colleague(100, "Colleague", "Stubborn")
        portal.people.append(colleague)
        used.send(portal.frame(colleague), REFRESH_ID="garbage")
        forget_access_token(used, portal, colleague)
        token = portal.application_token
        portal.uninstall()
        announce(used, portal, token)
        portal.box.faults.html("oauth/token", times=None)
        work_for_minutes(used, 3)
        assert rows(used) == 0

    def test_who_installs_again_during_the_last_check_is_not_purged(self, used: Logbook, portal: Portal) -> None:
        token = portal.application_token
        portal.uninstall()
        announce(used, portal, token)
        work_for_minutes(used, 1)
        used.pass_time(61)
        portal.box.faults.delay(60, "app.info")
        with ThreadPoolExecutor(1) as pool:
            checking = pool.submit(used.work)
            until(lambda: not any(effect.times for effect in portal.box.faults.effects))
            install(used, portal)
            portal.box.faults.end()
            checking.result()
        assert len(used.entries()) == 2
        assert is_kept_and_served(used, portal)


def redeem(logbook: Logbook, portal: Portal) -> None:
    """The authorization server itself has given us everybody's pair."""
    for person in (portal.administrator, portal.employee):
        form = logbook.send(portal.frame(person)).form
        portal.expire_access_tokens(person)
        assert logbook.post(form, icon="comment", title="Renewed", text="Renewed").outcome == "posted"
    with logbook.database() as session:
        assert all(session.scalars(select(TokenPair.is_redeemed)))


def forget_access_token(logbook: Logbook, portal: Portal, person: Colleague) -> None:
    with logbook.database() as session:
        pairs = select(TokenPair).join(Person).join(PortalRow).where(Person.bitrix_id == person.id)
        session.scalars(pairs).one().access_token = None
        session.commit()
