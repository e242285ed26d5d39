"""The API: entries are posted, read and deleted with a key."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from b24app.logs import LineFormatter
from b24app.machine_models import ApiKey
from b24app.models import Portal as PortalRow
from b24app.models import Source
from b24app.services.settings.templates import Template
from b24app.services.settings.writers import Who
from devportal import Box, Portal
from tests.conftest import any_database
from tests.settings.test_writers import let_write
from tests.support.logbook import Logbook
from tests.support.machines import DEAL, ENTRY, machine, problem, save_template, save_templates, told

FORM = {"card[type]": "deal", "card[id]": "1", "icon": "call", "title": "Called", "text": "They agreed."}


class TestWriting:
    """POST /api/v1/entries"""

    def test_an_entry_is_committed_and_then_delivered_by_the_worker(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal, portal.employee)
        portal.calls.clear()
        answer = client.write()
        assert answer.status_code == 202
        number = told(answer)["id"]
        assert told(answer) == {"id": number, "state": "waiting", "card": {"type": "deal", "id": 1}}
        assert answer.headers["Location"] == f"/api/v1/entries/{number}"
        assert (list(portal.calls), [row.source for row in installed.entries()]) == ([], [Source.API])
        installed.work()
        (message,) = portal.timeline(DEAL, 1)
        assert (message.title, message.text, message.icon_code) == ("Called", "They agreed.", "call")
        assert message.author_id == portal.employee.id
        shown = told(client.get(f"/entries/{number}"))
        assert shown | {"written_at": ""} == {
            "id": number,
            "state": "posted",
            "reason": None,
            "bitrix_id": message.id,
            "written_at": "",
        }
        assert abs(datetime.fromisoformat(shown["written_at"]) - datetime.now(UTC)) < timedelta(minutes=1)

    def test_a_form_says_the_same_as_json(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        assert told(client.send("POST", "/entries", data=FORM))["card"] == ENTRY["card"]
        installed.work()
        assert [message.title for message in portal.timeline(DEAL, 1)] == ["Called"]

    def test_the_same_idempotency_key_makes_one_entry_and_has_the_same_answer(
        self, installed: Logbook, portal: Portal
    ) -> None:
        client = machine(installed, portal)
        first = client.write("order 7")
        installed.work()
        again = client.write("order 7")
        assert (again.status_code, again.json) == (202, first.json)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert len(installed.entries()) == 1
        assert problem(client.write("order 7", title="Other")) == (409, set())
        assert client.write("order 8").json != first.json
        assert machine(installed, portal, name="Shop").write("order 7").json != first.json

    def test_a_deleted_entry_is_not_written_again_by_its_idempotency_key(
        self, installed: Logbook, portal: Portal
    ) -> None:
        client = machine(installed, portal)
        first = client.write("order 7")
        client.send("DELETE", f"/entries/{told(first)['id']}")
        installed.work()
        assert client.write("order 7").json == first.json
        installed.work()
        assert portal.timeline(DEAL, 1) == []

    def test_without_an_idempotency_key_each_request_is_an_entry(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        assert client.write().json != client.write().json

    def test_refusals_of_the_portal_are_returned_with_their_code(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        number = client.number(card={"type": "deal", "id": 404404})
        installed.work()
        shown = told(client.get(f"/entries/{number}"))
        assert (shown["state"], bool(shown["reason"])) == ("failed", True)

    def test_when_it_happened_is_put_in_front_of_the_text(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        first = client.write("a", happened_at="2026-01-31T12:00:00+01:00")
        assert client.write("a", happened_at="2026-01-31T12:00:00+01:00").json == first.json
        assert problem(client.write("a", happened_at="2026-01-31T12:00:01+01:00")) == (409, set())
        installed.work()
        (message,) = portal.timeline(DEAL, 1)
        assert message.text.startswith("Jan 31, 2026")
        assert message.text.endswith("· They agreed.")
        assert [entry.happened_at for entry in installed.entries()] == [datetime(2026, 1, 31, 11, tzinfo=UTC)]

    def test_one_entry_appears_on_more_cards(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        more = [{"type": "contact", "id": 1}, {"type": "contact", "id": 1}, {"type": "deal", "id": 1}]
        client.number(also_on=more)
        installed.work()
        assert [[one.title for one in portal.timelines.of_card(kind, 1)] for kind in (DEAL, 3)] == [["Called"]] * 2

    def test_a_key_for_one_kind_of_card_accepts_no_further_cards_of_other_kinds(
        self, installed: Logbook, portal: Portal
    ) -> None:
        client = machine(installed, portal, kinds=(DEAL,))
        assert problem(client.write(also_on=[{"type": "contact", "id": 1}]))[0] == 403
        assert installed.entries() == []

    def test_smart_processes_are_named_by_number(self, installed: Logbook, portal: Portal) -> None:
        answer = machine(installed, portal).write(card={"type": 1030, "id": 1})
        assert told(answer)["card"] == {"type": 1030, "id": 1}


@any_database
class TestWhatAKeyMayNotDo:
    """401, 403 and 404"""

    def test_without_a_key_there_is_a_challenge(self, installed: Logbook) -> None:
        answer = installed.app.test_client().post("/api/v1/entries", json=ENTRY)
        assert problem(answer) == (401, set())
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    @pytest.mark.parametrize("key", ["", "lbk_", "lbk_" + "x" * 43, "x" * 199, "lbk_" + "ä" * 43])
    def test_an_unknown_key_is_refused(self, installed: Logbook, portal: Portal, key: str) -> None:
        client = machine(installed, portal)
        client.key = key
        answer = client.write()
        assert problem(answer) == (401, set())
        assert "WWW-Authenticate" in answer.headers

    @pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
    def test_revoked_and_expired_keys_are_refused(self, installed: Logbook, portal: Portal, column: str) -> None:
        client = machine(installed, portal)
        with installed.database() as session:
            session.execute(update(ApiKey).values({column: datetime.now(UTC) - timedelta(seconds=1)}))
            session.commit()
        assert problem(client.write()) == (401, set())

    @pytest.mark.parametrize("path", ["/entries?key={}", "/entries?access_token={}", "/entries/{}", "/icons?x=1&{}=1"])
    def test_a_key_in_an_address_is_refused_and_not_logged(
        self, installed: Logbook, portal: Portal, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        client = machine(installed, portal)
        address = "/api/v1" + path.format(client.key)
        caplog.set_level("INFO")
        assert problem(installed.app.test_client().get(address))[0] in {401, 405}
        assert problem(installed.app.test_client().post(address, json=ENTRY))[0] in {401, 405}
        assert problem(client.send("GET", path.format(client.key)))[0] in {400, 405}
        assert problem(client.send("GET", path.format(client.key.replace("_", "%5F"))))[0] in {400, 405}
        assert installed.entries() == []
        assert all(client.key not in LineFormatter().format(record) for record in caplog.records)

    def test_a_key_sees_only_what_it_wrote(self, installed: Logbook, portal: Portal, second: Portal) -> None:
        number = machine(installed, portal).number()
        for other in (machine(installed, portal, name="Shop"), machine(installed, second)):
            assert problem(other.get(f"/entries/{number}")) == (404, set())
            assert problem(other.send("DELETE", f"/entries/{number}")) == (404, set())
        assert problem(machine(installed, portal).get("/entries/0")) == (404, set())
        assert problem(machine(installed, portal).get("/entries/" + "9" * 40)) == (404, set())

    def test_a_key_is_limited_to_its_kinds_of_cards_and_icons(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal, kinds=(1,), icons=("comment",))
        assert problem(client.write(icon="comment")) == (403, {"card.type"})
        lead = {"type": "lead", "id": 1}
        assert problem(client.write(card=lead)) == (403, {"icon"})
        assert client.write(card=lead, icon="comment").status_code == 202
        assert told(client.get("/icons")) == {"icons": [{"code": "comment"}]}

    def test_a_person_who_may_not_write_has_a_key_that_may_not_either(self, installed: Logbook, portal: Portal) -> None:
        own, of_application = (
            machine(installed, portal, portal.employee),
            machine(installed, portal, is_application=True),
        )
        let_write(installed, portal, Who.CHOSEN, 4711)
        assert problem(own.write()) == (403, set())
        assert of_application.write().status_code == 202

    def test_the_key_of_somebody_who_was_an_administrator_writes_nothing_more(
        self, installed: Logbook, portal: Portal
    ) -> None:
        own = machine(installed, portal, portal.administrator)
        let_write(installed, portal, Who.ADMINISTRATORS)
        assert own.write().status_code == 202
        portal.administrator.is_admin = False
        assert problem(own.write()) == (403, set())
        assert len(installed.entries()) == 1

    def test_a_portal_that_has_removed_logbook_takes_nothing(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        with installed.database() as session:
            session.execute(update(PortalRow).values(suspended_at=datetime.now(UTC)))
            session.commit()
        assert problem(client.write()) == (403, set())


class TestRate:
    """429, and what is left."""

    def test_beyond_its_rate_a_key_waits(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal, per_minute=3)
        left = [client.get("/icons").headers["RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        answer = client.write()
        assert problem(answer) == (429, set())
        assert (answer.headers["Retry-After"], answer.headers["RateLimit-Limit"]) == ("20", "3")
        assert installed.entries() == []
        with installed.database() as session:
            session.execute(update(ApiKey).values(busy_until=ApiKey.busy_until - 20))
            session.commit()
        assert client.write().status_code == 202

    def test_a_rate_from_before_the_clock_was_set_back_does_not_lock_a_key_out(
        self, installed: Logbook, portal: Portal
    ) -> None:
        client = machine(installed, portal, per_minute=3)
        with installed.database() as session:
            session.execute(update(ApiKey).values(busy_until=datetime.now(UTC).timestamp() + 86_400))
            session.commit()
        assert client.write().status_code == 202

    def test_every_answer_says_what_is_left_of_the_rate(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal, per_minute=60)
        for answer in (client.write(), client.write(icon="nonsense"), client.get("/entries/1")):
            assert {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= set(answer.headers.keys())


@any_database
class TestLists:
    """Icons and templates."""

    def test_icons_are_those_on_offer(self, installed: Logbook, portal: Portal) -> None:
        codes = [icon["code"] for icon in told(machine(installed, portal).get("/icons"))["icons"]]
        assert "call" in codes

    def test_templates_are_listed_and_filled_in(self, installed: Logbook, portal: Portal) -> None:
        save_template(
            installed, portal, name="Order", title="{card} ordered", text="For {author}: {{sic}}", icon="call"
        )
        client = machine(installed, portal)
        (listed,) = told(client.get("/templates"))["templates"]
        assert (listed["name"], listed["values"]) == ("Order", ["author", "card"])
        wanted: dict[str, Any] = {"card": ENTRY["card"], "template": "Order"}
        assert problem(client.send("POST", "/entries", json=wanted)) == (422, {"values.card"})
        wanted["values"] = {"card": "Fairway Ltd"}
        assert client.send("POST", "/entries", json=wanted).status_code == 202
        (entry,) = installed.entries()
        assert (entry.title, entry.text, entry.icon_code) == (
            "Fairway Ltd ordered",
            f"For {portal.administrator.full_name}: {{sic}}",
            "call",
        )

    @pytest.mark.parametrize(
        ("wish", "wrong"),
        [
            ({"template": "Elsewhere"}, {"template"}),
            ({"template": "Order", "values": "x"}, {"values"}),
            ({"template": "Order", "values": {"who": "x"}}, {"values.who"}),
            ({"template": "Order", "values": {"author": True}}, {"values.author"}),
        ],
    )
    def test_what_is_wrong_with_a_template_or_its_values_is_named(
        self, installed: Logbook, portal: Portal, wish: dict[str, Any], wrong: set[str]
    ) -> None:
        order, elsewhere = (
            Template(id=name.lower(), name=name, title=f"For {{author}}: {name}", text="x", icon="call", kinds=kinds)
            for name, kinds in (("Order", ()), ("Elsewhere", (3,)))
        )
        save_templates(installed, portal, order, elsewhere)
        wanted = {"card": ENTRY["card"], **wish}
        assert problem(machine(installed, portal).send("POST", "/entries", json=wanted)) == (422, wrong)


def test_keys_of_another_portal_write_only_there(installed: Logbook, box: Box, portal: Portal, second: Portal) -> None:
    machine(installed, second).write()
    installed.work()
    assert (len(second.timeline(DEAL, 1)), len(portal.timeline(DEAL, 1))) == (1, 0)
