"""The events of the application's life: each trusted as far as it is proved, and harmless if repeated."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest

from b24app.models import Person, TokenPair
from b24app.models import Portal as PortalRow
from devportal import Box, Portal
from tests.support.attacker import Attacker, install
from tests.support.logbook import Logbook

DEAL = 2
WORDS = {"icon": "comment", "title": "Called about the offer", "text": "They want it by Friday."}
EVENTS = ["ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL"]
HEARD = [*EVENTS, "ONCRMTYPEADD", "ONCRMTYPEDELETE"]


def last(portal: Portal, event: str) -> dict[str, str]:
    """The fields of the latest event of this name, as the portal has sent them."""
    return next(dict(sent.fields) for sent in reversed(portal.events.sent) if sent.event == event)


def forget(logbook: Logbook, portal: Portal) -> None:
    with logbook.database() as session:
        session.delete(session.query(PortalRow).filter_by(member_id=portal.member_id).one())
        session.commit()


def row_of(logbook: Logbook, portal: Portal) -> PortalRow:
    with logbook.database() as session:
        return session.query(PortalRow).filter_by(member_id=portal.member_id).one()


def is_served(logbook: Logbook, portal: Portal) -> bool:
    return logbook.send(portal.frame(portal.employee)).status == 200


class TestInstall:
    """ONAPPINSTALL is proved by its access token, at the authorization server."""

    def test_it_takes_in_a_portal_even_if_the_page_never_did(self, installed: Logbook, portal: Portal) -> None:
        forget(installed, portal)
        event = last(portal, "ONAPPINSTALL")
        assert installed.event(event) == 200
        assert row_of(installed, portal).application_token == portal.application_token
        with installed.database() as session:
            assert session.query(Person).one().bitrix_id == portal.administrator.id
            assert session.query(TokenPair).one().refresh_token == event["auth[refresh_token]"]
        assert is_served(installed, portal)

    def test_a_second_copy_changes_nothing(self, installed: Logbook, portal: Portal) -> None:
        event = last(portal, "ONAPPINSTALL")
        assert [installed.event(event) for _ in range(3)] == [200, 200, 200]
        with installed.database() as session:
            assert session.query(PortalRow).count() == session.query(Person).count() == 1

    def test_after_a_removal_it_serves_the_portal_again(self, installed: Logbook, portal: Portal) -> None:
        portal.uninstall()
        assert installed.event(last(portal, "ONAPPUNINSTALL")) == 200
        install(installed, portal)
        assert installed.event(last(portal, "ONAPPINSTALL")) == 200
        assert is_served(installed, portal)
        assert row_of(installed, portal).application_token == portal.application_token


class TestUpdate:
    """ONAPPUPDATE comes when the portal has wiped what was bound."""

    @pytest.mark.parametrize("new_token", [False, True])
    def test_everything_is_bound_again(self, installed: Logbook, portal: Portal, new_token: bool) -> None:
        portal.update_application(new_token=new_token)
        assert portal.event_handlers == []
        assert installed.event(last(portal, "ONAPPUPDATE")) == 200
        assert sorted(handler.event for handler in portal.event_handlers) == sorted(HEARD)
        assert row_of(installed, portal).application_token == portal.application_token

    def test_a_second_copy_binds_nothing_twice(self, installed: Logbook, portal: Portal) -> None:
        portal.update_application()
        assert [installed.event(last(portal, "ONAPPUPDATE")) for _ in range(2)] == [200, 200]
        assert sorted(handler.event for handler in portal.event_handlers) == sorted(HEARD)

    def test_without_tokens_it_is_taken_by_the_application_token(self, installed: Logbook, portal: Portal) -> None:
        portal.update_application()
        event = {key: value for key, value in last(portal, "ONAPPUPDATE").items() if "_token]" not in key}
        assert installed.event(event) == 403
        assert installed.event({**event, "auth[application_token]": str(portal.application_token)}) == 200


class TestUninstall:
    """ONAPPUNINSTALL has no tokens: only the application token speaks for it."""

    def test_the_portal_is_not_served_from_then_on(self, installed: Logbook, portal: Portal) -> None:
        frames = [portal.frame(portal.employee), portal.frame(portal.administrator, placement="DEFAULT")]
        portal.uninstall()
        assert installed.event(last(portal, "ONAPPUNINSTALL")) == 200
        portal.calls.clear()
        for frame in frames:
            page = installed.send(frame)
            assert (page.status, page.refusal) == (403, "not-installed")
        assert list(portal.calls) == []

    def test_text_that_somebody_was_typing_is_kept(self, installed: Logbook, portal: Portal) -> None:
        form = installed.send(portal.frame(portal.employee)).form
        portal.uninstall()
        installed.event(last(portal, "ONAPPUNINSTALL"))
        portal.calls.clear()
        page = installed.post(form, **WORDS)
        assert (page.status, page.outcome) == (403, "refused")
        assert (page.form["title"], page.form["text"]) == (WORDS["title"], WORDS["text"])
        assert list(portal.calls) == []

    def test_a_second_copy_is_taken_and_changes_nothing(self, installed: Logbook, portal: Portal) -> None:
        portal.uninstall()
        event = last(portal, "ONAPPUNINSTALL")
        assert [installed.event(event) for _ in range(2)] == [200, 200]

    def test_another_portal_is_served_on(self, installed: Logbook, box: Box, portal: Portal) -> None:
        second = box.add_portal(name="Elsewhere")
        install(installed, second)
        portal.uninstall()
        installed.event(last(portal, "ONAPPUNINSTALL"))
        assert is_served(installed, second)


def forged(portal: Portal, event: str, **auth: str | None) -> dict[str, str]:
    """A whole event without any proof, changed as said; None leaves a field away."""
    facts: dict[str, str | None] = {
        "domain": portal.host,
        "server_endpoint": portal.authority_endpoint,
        "client_endpoint": portal.client_endpoint,
        "member_id": portal.member_id,
        **auth,
    }
    keys = {f"auth[{name}]": value for name, value in facts.items() if value is not None}
    return {"event": event, "event_handler_id": "1", "ts": "1766047124", "data[VERSION]": "1", **keys}


def proofs_that_prove_nothing(box: Box, portal: Portal) -> list[dict[str, str | None]]:
    other = box.add_application("local.other.2", "another secret", app_url="http://127.0.0.1:9")
    strange = portal.install_frame(portal.administrator, app=other).fields
    portal.finish_install(app=other)
    elsewhere = box.add_portal(name="Elsewhere")
    foreign = elsewhere.install_frame(elsewhere.administrator).fields
    return [
        {},
        {"application_token": "0" * 32},
        {"access_token": "0123456789abcdef" * 4 + "012345"},
        {"access_token": "x", "refresh_token": "y"},
        {"access_token": strange["AUTH_ID"], "application_token": strange["APPLICATION_TOKEN"]},
        {"access_token": foreign["AUTH_ID"], "application_token": foreign["APPLICATION_TOKEN"]},
        {"access_token": portal.frame(portal.employee).fields["AUTH_ID"], "application_token": "0" * 32},
        {"member_id": "0" * 32, "application_token": portal.application_token},
    ]


@pytest.mark.parametrize("event", EVENTS)
def test_a_forged_event_is_refused_and_changes_nothing(
    installed: Logbook, box: Box, portal: Portal, event: str
) -> None:
    before = vars(row_of(installed, portal)).copy()
    bound = portal.placements, portal.event_handlers
    for proof in proofs_that_prove_nothing(box, portal):
        assert (proof, installed.event(forged(portal, event, **proof))) == (proof, 403)
    after = vars(row_of(installed, portal)).copy()
    assert {**before, "_sa_instance_state": None} == {**after, "_sa_instance_state": None}
    assert (portal.placements, portal.event_handlers) == bound
    assert is_served(installed, portal)


@pytest.mark.parametrize("event", EVENTS)
def test_an_attackers_addresses_in_an_event_are_never_called(
    installed: Logbook, portal: Portal, attacker: Attacker, event: str
) -> None:
    addresses: dict[str, str | None] = {
        "domain": attacker.host,
        "server_endpoint": f"{attacker.address}/rest/",
        "client_endpoint": f"{attacker.address}/rest/",
    }
    token = portal.frame(portal.administrator).fields["AUTH_ID"]
    installed.event(forged(portal, event, access_token="x", **addresses))
    installed.event(forged(portal, event, access_token=token, **addresses))
    installed.event(forged(portal, event, access_token=token, application_token=portal.application_token, **addresses))
    assert attacker.heard == []
    assert row_of(installed, portal).client_endpoint == portal.client_endpoint


MALFORMED: list[Mapping[str, object]] = [
    {"event": ""},
    {"event": None},
    {"event": "ON CRM"},
    {"event": ["ONAPPINSTALL", "ONAPPUNINSTALL"]},
    {"event": "ONAPPUNINSTALL\x00"},
    {"event": "A" * 1000},
    {"auth[member_id]": None},
    {"auth[member_id]": ""},
    {"auth[member_id]": "a" * 65},
    {"auth[member_id]": "'; DROP TABLE portals; --"},
    {"auth[member_id]": ["a" * 32, "b" * 32]},
    {"auth[application_token]": "\x00"},
    {"auth[application_token]": "t" * 5000},
    {"auth[access_token]": "two words"},
    {"auth[access_token]": "token-ü"},
    {"ts": "yesterday"},
    {"ts": "-1"},
    {"ts": "2026-13-45"},
    {"ts": "1766047124 "},
]


def test_a_malformed_event_is_refused_with_400(installed: Logbook, portal: Portal) -> None:
    for change in MALFORMED:
        fields = {**forged(portal, "ONAPPUNINSTALL", application_token=portal.application_token), **change}
        given = {name: value for name, value in fields.items() if value is not None}
        answer = installed.app.test_client().post("/events", data=given)
        assert (change, answer.status_code) == (change, 400)
    assert is_served(installed, portal)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b'{"event": "ONAPPUNINSTALL"}', "application/json"),
        (b"event=ONAPPUNINSTALL", "text/plain"),
        (b"event=ONAPPUNINSTALL&ts=1766047124&data%5BVERSION%5D=1", "application/x-www-form-urlencoded"),
        (b"event=ONAPPUNINSTALL&auth%5Bmember_id%5D=%FF%FE", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"event[]=ONAPPUNINSTALL&auth=x", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(5000)), "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_no_event_is_refused_with_400(installed: Logbook, body: bytes, content_type: str) -> None:
    answer = installed.app.test_client().post("/events", data=body, content_type=content_type)
    assert answer.status_code == 400


def test_a_whole_event_as_json_is_refused_with_400(installed: Logbook, portal: Portal) -> None:
    auth = {"member_id": portal.member_id, "application_token": portal.application_token}
    answer = installed.app.test_client().post("/events", json={"event": "ONAPPUNINSTALL", "ts": 1, "auth": auth})
    assert answer.status_code == 400
    assert is_served(installed, portal)


MOMENTS: dict[str, Callable[[float], str]] = {
    "a fraction of a second": lambda at: f"{at:.6f}",
    "milliseconds": lambda at: f"{at * 1000:.0f}",
    "microseconds": lambda at: f"{at * 1_000_000:.0f}",
    "ISO 8601 in UTC": lambda at: datetime.fromtimestamp(at, UTC).isoformat(),
    "ISO 8601 elsewhere": lambda at: datetime.fromtimestamp(at, timezone(timedelta(hours=5))).isoformat(),
    "ISO 8601 without a zone": lambda at: datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(),
}


@pytest.mark.parametrize("how", MOMENTS)
def test_the_moment_of_an_event_is_read_however_it_is_written(installed: Logbook, portal: Portal, how: str) -> None:
    at = time.time()
    portal.uninstall()
    event = last(portal, "ONAPPUNINSTALL")
    assert installed.event({**event, "ts": MOMENTS[how](at - 3600)}) == 200
    assert row_of(installed, portal).announced_at is None, "sent before the installation"
    assert installed.event({**event, "ts": MOMENTS[how](at)}) == 200
    assert row_of(installed, portal).announced_at is not None
    assert row_of(installed, portal).last_event_ts == int(at)


def test_an_event_longer_than_any_is_malformed_too(installed: Logbook, portal: Portal) -> None:
    fields = {"event": "ONAPPUNINSTALL", "auth[member_id]": portal.member_id, "padding": "x" * 300_000}
    assert installed.event(fields) == 400
