"""Keys: made by administrators and by people for themselves, shown once, revoked, and everything they wrote deleted."""

import json
import secrets
from typing import Any

import pytest
from sqlalchemy import select

from b24app.db import sessions
from b24app.machine_models import ApiKey
from b24app.services.machines import keys
from devportal import Portal
from devportal.model.people import Person
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.machines import DEAL, Machine, machine, problem

NEW = {"name": "ERP", "owner": "application", "per_minute": "60", "form_key": "a"}


class OwnKeys:
    """A person's way from the application's page to their own keys."""

    def __init__(self, logbook: Logbook, portal: Portal, person: Person) -> None:
        self.logbook = logbook
        page = logbook.send(portal.frame(person, placement="DEFAULT"))
        self.session = str(page.one("form[action='/keys'] input[name=session]")["value"])

    def go(self, address: str = "/keys", **fields: Any) -> Page:
        return self.logbook.submit(address, {"session": self.session, **fields})


def shown_key(page: Page) -> str:
    return page.one("[data-key]").text


@any_database
class TestMaking:
    """/settings/keys/make and /keys/make"""

    def test_a_key_is_shown_once_and_works(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        page = admin.go("keys/make", **NEW)
        assert (page.status, page.outcome) == (200, "saved")
        assert page.headers["Cache-Control"] == "no-store"
        key = shown_key(page)
        assert keys.KEY.fullmatch(key)
        assert Machine(installed, key).write().status_code == 202
        again = admin.go("keys")
        assert (again.one("li.row strong").text, key in again.text) == ("ERP", False)
        assert f"…{key[-4:]}" in again.text

    def test_only_a_digest_of_it_is_stored_and_exported(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        page = admin.go("keys/make", **NEW)
        told = [shown_key(page), page.one("[data-callback-secret]").text]
        with installed.database() as session:
            stored = [dict(row._mapping) for row in session.execute(select(ApiKey.__table__))]
            raw = session.connection().exec_driver_sql("SELECT callback_secret FROM api_keys").scalar_one()
        assert not any(secret in json.dumps(stored[0] | {"callback_secret": raw}, default=str) for secret in told)
        export = admin.go("leave/export")
        assert not any(secret in export.text for secret in told)

    def test_the_same_form_sent_twice_makes_one_key(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        admin.go("keys/make", **NEW)
        page = admin.go("keys/make", **NEW)
        assert (page.status, page.outcome, len(page.soup.select("li.row"))) == (409, "failed", 1)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", " \u200b "),
            ("name", "x" * 61),
            ("per_minute", "0"),
            ("per_minute", "60001"),
            ("per_minute", "ten"),
            ("per_minute", "9" * 30),
            ("expires", "2020-01-01"),
            ("expires", "soon"),
        ],
    )
    def test_a_wrong_field_is_reported_and_the_typed_text_stays(
        self, installed: Logbook, portal: Portal, field: str, value: str
    ) -> None:
        page = Admin(installed, portal).go("keys/make", **{**NEW, "kind": ["2"], field: value})
        assert (page.status, page.outcome) == (422, "invalid")
        assert page.one(f"#{field}-error").text
        assert page.soup.select("[name=kind][value='2'][checked]")

    def test_limits_are_stored_with_the_key(self, installed: Logbook, portal: Portal) -> None:
        wish = {**NEW, "kind": ["2", "1030", "x"], "icon": ["call", "nonsense"], "expires": "2099-12-31"}
        Admin(installed, portal).go("keys/make", **wish)
        with installed.database() as session:
            row = session.scalars(select(ApiKey)).one()
        assert (row.kinds, row.icons, row.per_minute) == ([2, 1030], ["call"], 60)
        assert row.expires_at
        assert f"{row.expires_at:%Y-%m-%d %H}" == "2099-12-31 23"

    def test_people_make_keys_that_write_in_their_own_name(self, installed: Logbook, portal: Portal) -> None:
        own = OwnKeys(installed, portal, portal.employee)
        page = own.go("/keys/make", **NEW)
        assert page.outcome == "saved"
        Machine(installed, shown_key(page)).write()
        installed.work()
        assert [message.author_id for message in portal.timeline(DEAL, 1)] == [portal.employee.id]
        assert not page.soup.select("[name=owner]")

    def test_people_see_and_revoke_their_own_keys_alone(self, installed: Logbook, portal: Portal) -> None:
        others = shown_key(Admin(installed, portal).go("keys/make", **NEW))
        own = OwnKeys(installed, portal, portal.employee)
        assert own.go().soup.select("li.row") == []
        with installed.database() as session:
            number = session.scalars(select(ApiKey.id)).one()
        assert own.go("/keys/revoke", key=str(number)).status == 404
        assert own.go("/keys/delete", key=str(number), meant="1").status == 404
        assert Machine(installed, others).write().status_code == 202

    def test_sessions_of_other_pages_do_not_open_keys(self, installed: Logbook, portal: Portal) -> None:
        own = OwnKeys(installed, portal, portal.employee)
        assert installed.submit("/settings/keys", {"session": own.session}).status == 401
        form = installed.send(portal.frame(portal.employee)).form
        assert installed.submit("/keys", {"session": form["session"]}).status == 401

    def test_nobody_makes_a_thousand_keys(self, installed: Logbook, portal: Portal) -> None:
        own = OwnKeys(installed, portal, portal.employee)
        pages = [own.go("/keys/make", **{**NEW, "form_key": str(number)}) for number in range(keys.MOST_OF_PERSON + 1)]
        assert [page.status for page in pages] == [200] * keys.MOST_OF_PERSON + [422]
        assert pages[-1].one("#name-error").text == "There are too many keys already. Revoke one first."

    def test_nobody_hides_a_key_behind_others_that_were_revoked(self, installed: Logbook, portal: Portal) -> None:
        machine(installed, portal, portal.employee)
        with installed.database() as session:
            row = session.scalars(select(ApiKey)).one()
            facts = {"portal_id": row.portal_id, "maker_id": row.maker_id, "name": "x", "hint": "x", "per_minute": 1}
            for number in range(keys.LISTED):
                revoked = {"digest": str(number), "form_key": str(number), "revoked_at": row.created_at}
                session.add(ApiKey(**facts, **revoked, created_at=row.created_at, kinds=[], icons=[]))
            session.commit()
        for page in (Admin(installed, portal).go("keys"), OwnKeys(installed, portal, portal.employee).go()):
            assert len(page.soup.select("li.row button:not([formaction])")) == 1

    def test_a_thousand_keys_cost_a_request_no_more_than_one(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        with sessions(installed.context.engine)() as session:
            row = session.scalars(select(ApiKey)).one()
            facts = {"portal_id": row.portal_id, "maker_id": row.maker_id, "name": "x", "hint": "x", "per_minute": 1}
            for number in range(1000):
                digest = {"digest": secrets.token_hex(32), "form_key": str(number)}
                session.add(ApiKey(**facts, **digest, created_at=row.created_at, kinds=[], icons=[]))
            session.commit()
            plan = session.connection().exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM api_keys WHERE digest = 'x'")
            assert "USING INDEX" in str(plan.all())
        assert client.write().status_code == 202
        assert len(Admin(installed, portal).go("keys").soup.select("li.row")) == keys.LISTED

    def test_a_name_is_shown_as_text(self, installed: Logbook, portal: Portal) -> None:
        page = Admin(installed, portal).go("keys/make", **{**NEW, "name": "<img src=x>"})
        assert "<img src=x" not in page.text


class TestUsing:
    """What administrators see of keys."""

    def test_uses_are_counted_and_listed(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        client = Machine(installed, shown_key(admin.go("keys/make", **NEW)))
        assert "never used" in admin.go("keys").text
        client.write()
        client.write("again")
        client.write("again")
        row = admin.go("keys").one("li.row .row-details").text
        assert "2 entries" in row
        assert "last used on" in row
        changes = [one.text for one in admin.go("changes").soup.select("li.row")]
        assert [("used" in change, "ERP" in change) for change in changes] == [(True, True), (False, True)]

    def test_deliveries_tell_the_key(self, installed: Logbook, portal: Portal) -> None:
        machine(installed, portal).write()
        assert "by key “ERP”" in Admin(installed, portal).go("deliveries", state="all").one(".row-details").text

    def test_a_revoked_key_is_good_for_nothing_and_stays_in_the_list(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        admin = Admin(installed, portal)
        number = str(admin.go("keys").one("li.row")["data-key-id"])
        assert admin.go("keys/revoke", key=number).outcome == "saved"
        assert problem(client.write()) == (401, set())
        page = admin.go("keys")
        assert page.one("li.row .badge").text == "Revoked"
        assert "revoked" in admin.go("changes").one("li.row").text
        assert admin.go("keys/revoke", key="4711").status == 404


class TestDeletingEverything:
    """/settings/keys/delete"""

    def test_the_worker_deletes_everything_a_key_wrote_and_nothing_else(
        self, installed: Logbook, portal: Portal
    ) -> None:
        client, other = machine(installed, portal), machine(installed, portal, name="Shop")
        for count in range(60):
            client.write(title=f"No. {count}")
        other.write(title="Stays")
        installed.work()
        client.write(title="Waits")
        assert len(portal.timeline(DEAL, 1)) == 61
        admin = Admin(installed, portal)
        number = str(admin.go("keys").soup.select("li.row")[1]["data-key-id"])
        assert admin.go("keys/delete", key=number).outcome == "asked"
        assert len(portal.timeline(DEAL, 1)) == 61
        page = admin.go("keys/delete", key=number, meant="1")
        assert page.outcome == "queued"
        assert "0 of 61 deleted" in page.text
        portal.calls.clear()
        installed.work()
        assert [message.title for message in portal.timeline(DEAL, 1)] == ["Stays"]
        assert [call.method for call in portal.calls] == ["batch", "batch"]
        assert "61 of 61 deleted" in admin.go("keys").text
        assert "entries to delete" in admin.go("changes").one("li.row").text

    def test_it_goes_on_after_a_killed_process(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        for count in range(51):
            client.write(title=f"No. {count}")
        installed.work()
        admin = Admin(installed, portal)
        number = str(admin.go("keys").one("li.row")["data-key-id"])
        admin.go("keys/delete", key=number, meant="1")
        portal.faults.html(method="batch", times=1)
        installed.work()
        assert "0 of 51 deleted" in admin.go("keys").text
        installed.pass_time(600)
        installed.work()
        assert portal.timeline(DEAL, 1) == []
