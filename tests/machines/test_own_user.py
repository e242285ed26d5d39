"""The application's own user: taken from a proved event, and the author of what no person writes."""

from typing import Any

import pytest
from sqlalchemy import select, update

from b24app.models import Person, TokenPair
from b24app.models import Portal as PortalRow
from b24app.services.setup import payments
from devportal import Portal
from devportal.controls import Given, find
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook
from tests.support.machines import DEAL, machine

pytestmark = any_database
ADD = "crm.timeline.logmessage.add"


def ready(portal: Portal, **changes: str) -> dict[str, str]:
    """The event that announces the application's own user."""
    control = find("own_user")
    assert control
    control.action(Given(portal, {}))
    sent = portal.events.sent[-1]
    assert (sent.event, sent.url) == ("ONAPPUSERREADY", portal.application.install_url)
    return {**sent.fields, **changes}


def own_user(logbook: Logbook) -> int | None:
    with logbook.database() as session:
        return session.scalar(select(Person.bitrix_id).where(Person.is_application.is_(True)))


def send(logbook: Logbook, fields: dict[str, str], address: str = "/events") -> int:
    return logbook.app.test_client().post(address, data=fields).status_code


class TestTaking:
    """ONAPPUSERREADY"""

    @pytest.mark.parametrize("address", ["/events", "/install"])
    def test_it_becomes_the_author_of_what_no_person_writes(
        self, installed: Logbook, portal: Portal, address: str
    ) -> None:
        assert send(installed, ready(portal), address) == 200
        machine(installed, portal, is_application=True).write()
        installed.work()
        (system_user,) = portal.state.system_users.values()
        assert [message.author_id for message in portal.timeline(DEAL, 1)] == [system_user.id]
        assert own_user(installed) == system_user.id

    def test_without_one_a_key_writes_as_its_maker_and_the_page_says_so(
        self, installed: Logbook, portal: Portal
    ) -> None:
        machine(installed, portal, is_application=True).write()
        installed.work()
        assert [message.author_id for message in portal.timeline(DEAL, 1)] == [portal.administrator.id]
        admin = Admin(installed, portal)
        assert admin.go("keys").soup.select("[data-no-own-user]")
        send(installed, ready(portal))
        assert not admin.go("keys").soup.select("[data-no-own-user]")

    def test_its_pair_is_renewed_like_a_persons(self, installed: Logbook, portal: Portal) -> None:
        send(installed, ready(portal))
        portal.expire_access_tokens(None)
        machine(installed, portal, is_application=True).write()
        installed.work()
        assert len(portal.timeline(DEAL, 1)) == 1

    def test_it_is_shown_in_connection_with_what_it_lacks(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        assert "none yet" in admin.go("connection").text
        send(installed, ready(portal))
        (system_user,) = portal.state.system_users.values()
        assert f"Logbook ({system_user.id})" in admin.go("connection").text
        portal.deny_edit(system_user, DEAL, 1)
        machine(installed, portal, is_application=True).write()
        installed.work()
        assert "access permissions of the CRM" in admin.go("connection").text

    def test_it_is_not_offered_as_a_person_who_may_write(self, installed: Logbook, portal: Portal) -> None:
        send(installed, ready(portal))
        numbers = [str(one["value"]) for one in Admin(installed, portal).go("writers").soup.select("[name=person]")]
        assert str(own_user(installed)) not in numbers

    def test_a_second_event_changes_nothing(self, installed: Logbook, portal: Portal) -> None:
        fields = ready(portal)
        assert [send(installed, fields), send(installed, fields), send(installed, ready(portal))] == [200, 200, 200]
        assert own_user(installed) == next(iter(portal.state.system_users.values())).id


class TestForgeries:
    """Nobody becomes the application's own user by an event that they have made up."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"auth[application_token]": "x" * 32},
            {"auth[application_token]": ""},
            {"data[access_token]": "garbage"},
            {"auth[member_id]": "another"},
        ],
    )
    def test_what_is_not_proved_is_refused(self, installed: Logbook, portal: Portal, changes: dict[str, str]) -> None:
        assert send(installed, ready(portal, **changes)) == 403
        assert own_user(installed) is None

    @pytest.mark.parametrize("who", ["employee", "administrator", "reader"])
    def test_people_are_not_taken_for_it(self, installed: Logbook, portal: Portal, who: str) -> None:
        person = getattr(portal, who)
        if who != "reader":
            installed.send(portal.frame(person))
        token = portal.frame(person).fields["AUTH_ID"]
        send(installed, ready(portal))
        assert send(installed, ready(portal, **{"data[access_token]": token})) == 403
        assert own_user(installed) == next(iter(portal.state.system_users.values())).id

    def test_a_token_of_another_portal_is_refused(self, installed: Logbook, portal: Portal, second: Portal) -> None:
        token = ready(second)["data[access_token]"]
        assert send(installed, ready(portal, **{"data[access_token]": token})) == 403
        assert own_user(installed) is None

    def test_a_person_keeps_their_own_pair(self, installed: Logbook, portal: Portal) -> None:
        installed.send(portal.frame(portal.employee))
        token = portal.frame(portal.employee).fields["AUTH_ID"]
        send(installed, ready(portal, **{"data[access_token]": token}))
        with installed.database() as session:
            pairs = select(TokenPair.version).join(Person).where(Person.bitrix_id == portal.employee.id)
            assert session.scalars(pairs).all() == [1]


class TestPayment:
    """ONAPPPAYMENT is a hint to ask."""

    def park(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        portal.faults.is_plan_lapsed = True
        client.write()
        installed.work()
        assert portal.timeline(DEAL, 1) == []

    def hint(self, installed: Logbook, portal: Portal) -> int:
        portal.installations.tell_payment(portal.application, 30)
        assert "auth[application_token]" not in portal.events.sent[-1].fields
        return send(installed, portal.events.sent[-1].fields)

    def age(self, installed: Logbook) -> None:
        """As if the portal had been parked for some minutes."""
        installed.pass_time(3 * payments.APART_SECONDS)

    def test_a_parked_portal_wakes_when_it_is_paid(self, installed: Logbook, portal: Portal) -> None:
        self.park(installed, portal)
        portal.faults.is_plan_lapsed = False
        self.age(installed)
        assert self.hint(installed, portal) == 200
        with installed.database() as session:
            assert session.scalars(select(PortalRow.parked_until)).one() is None
            session.execute(update(PortalRow).values(leased_until=None))
            session.commit()
        installed.pass_time(3600)
        installed.work()
        assert len(portal.timeline(DEAL, 1)) == 1

    def test_one_that_is_not_paid_stays_parked_and_is_not_asked_again_at_once(
        self, installed: Logbook, portal: Portal
    ) -> None:
        self.park(installed, portal)
        self.age(installed)
        portal.calls.clear()
        assert self.hint(installed, portal) == 200
        count = len(portal.calls)
        assert count > 0
        assert [self.hint(installed, portal) for _ in range(3)] == [200, 200, 200]
        assert len(portal.calls) == count

    def test_a_portal_that_is_not_parked_is_not_asked(self, installed: Logbook, portal: Portal) -> None:
        assert self.hint(installed, portal) == 200
        assert list(portal.calls) == []

    def test_an_unknown_portal_is_refused(self, installed: Logbook, portal: Portal) -> None:
        portal.installations.tell_payment(portal.application, 30)
        fields: dict[str, Any] = {**portal.events.sent[-1].fields, "auth[member_id]": "another"}
        assert send(installed, fields) == 403
