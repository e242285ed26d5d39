"""Any bad input gets a problem document that says what is wrong, and nothing is saved."""

import io
import json
from typing import Any

import pytest

from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.machines import DEAL, ENTRY, Machine, machine, problem, save_template

pytestmark = any_database

DEEP = '{"card":' * 20_000 + "1" + "}" * 20_000
BODIES: dict[str, tuple[bytes | str, int]] = {
    "nothing": (b"", 400),
    "no JSON": (b"{", 400),
    "no object": (b"[]", 400),
    "a number": (b"1", 400),
    "not UTF-8": (b'{"title": "\xff"}', 400),
    "a name twice": (b'{"title": "a", "title": "b"}', 400),
    "a name twice inside": (b'{"card": {"id": 1, "id": 2}}', 400),
    "NaN": (b'{"title": NaN}', 400),
    "a number of 10,000 digits": (b'{"card": {"id": ' + b"9" * 10_000 + b"}}", 400),
    "deep JSON": (DEEP, 400),
    "quite deep JSON": ('{"values":' * 20 + "1" + "}" * 20, 400),
    "10 MB": (b'{"text": "' + b"x" * 10_000_000 + b'"}', 413),
}
FIELDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "no card": ({"card": None}, {"card"}),
    "a card as a text": ({"card": "deal"}, {"card"}),
    "a card without an id": ({"card": {"type": "deal"}}, {"card.id"}),
    "a card of no kind": ({"card": {"type": "dragon", "id": 1}}, {"card.type"}),
    "a card with more": ({"card": {"type": "deal", "id": 1, "x": 1}}, {"card.x"}),
    "a kind that is no number of a kind": ({"card": {"type": 9, "id": 1}}, {"card.type"}),
    "a negative id": ({"card": {"type": "deal", "id": -1}}, {"card.id"}),
    "an id with a fraction": ({"card": {"type": "deal", "id": 1.5}}, {"card.id"}),
    "an id that is true": ({"card": {"type": "deal", "id": True}}, {"card.id"}),
    "an id that is too long": ({"card": {"type": "deal", "id": 10**18}}, {"card.id"}),
    "an id that not every reader of JSON keeps": ({"card": {"type": "deal", "id": 2**53}}, {"card.id"}),
    "an icon that is not offered": ({"icon": "logbook-nonsense"}, {"icon"}),
    "no icon": ({"icon": ""}, {"icon"}),
    "an icon that is a list": ({"icon": ["call"]}, {"icon"}),
    "no title": ({"title": " \u200b"}, {"title"}),
    "a title that is too long": ({"title": "x" * 256}, {"title"}),
    "a title that is a number": ({"title": 7}, {"title"}),
    "a text that is too long": ({"text": "x" * 10_001}, {"text"}),
    "control characters": ({"text": "a\x07b", "title": "a\tb"}, {"text", "title"}),
    "an unknown field": ({"titel": "x"}, {"titel"}),
    "an unknown template": ({"template": "x"}, {"template"}),
    "values without a template": ({"values": {"card": "x"}}, {"values"}),
    "more cards that are no list": ({"also_on": {"type": "deal", "id": 1}}, {"also_on"}),
    "more cards that are none": ({"also_on": [1, {"type": "deal"}]}, {"also_on[0]", "also_on[1].id"}),
    "far too many cards": ({"also_on": [{"type": "deal", "id": 1}] * 21}, {"also_on"}),
    "a moment without an offset": ({"happened_at": "2026-01-31T12:00:00"}, {"happened_at"}),
    "a moment in the year 9999": ({"happened_at": "9999-12-31T23:59:59Z"}, {"happened_at"}),
    "a moment that is none": ({"happened_at": "yesterday"}, {"happened_at"}),
    "a moment tomorrow week": ({"happened_at": "2099-01-01T00:00:00Z"}, {"happened_at"}),
    "a moment in 1969": ({"happened_at": "1969-12-31T23:59:59Z"}, {"happened_at"}),
    "a callback to a file": ({"callback_url": "file:///etc/passwd"}, {"callback_url"}),
    "a callback with a password": ({"callback_url": "https://a:b@c.example/"}, {"callback_url"}),
    "a callback with a line break": ({"callback_url": "https://c.example/\nx"}, {"callback_url"}),
    "a callback that is too long": ({"callback_url": "https://c.example/" + "x" * 2000}, {"callback_url"}),
}


@pytest.fixture
def client(installed: Logbook, portal: Portal) -> Machine:
    return machine(installed, portal)


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_cannot_be_read_is_refused(client: Machine, body: str) -> None:
    sent, status = BODIES[body]
    answer = client.send("POST", "/entries", data=sent, content_type="application/json")
    assert problem(answer) == (status, set())
    assert client.logbook.entries() == []


@pytest.mark.parametrize("fields", FIELDS)
def test_a_wrong_field_is_named(client: Machine, fields: str) -> None:
    changes, wrong = FIELDS[fields]
    answer = client.write(**changes)
    assert problem(answer) == (422, wrong)
    assert client.logbook.entries() == []


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "", "application/jsonx", "text/json"])
def test_another_type_of_body_is_refused(client: Machine, media_type: str) -> None:
    answer = client.send("POST", "/entries", data=json.dumps(ENTRY), content_type=media_type)
    assert problem(answer) == (415, set())
    assert "application/json" in answer.headers["Accept"]


@pytest.mark.parametrize(
    "body",
    [
        "title=a&title=b",
        "card=1&card[id]=1",
        "card[id]=1&card=1",
        "card[id][x]=1&card[id]=1",
        "card[id=1",
        "card[1][2][3][4][5]=1",
        "x%00=1",
        "a" * 41 + "=1",
    ],
)
def test_a_form_that_cannot_be_read_is_refused(client: Machine, body: str) -> None:
    answer = client.send("POST", "/entries", data=body, content_type="application/x-www-form-urlencoded")
    assert problem(answer)[0] == 400


@pytest.mark.parametrize("part", ["form-data", 'form-data; filename="x"'])
def test_a_part_of_a_form_without_a_name_is_refused(client: Machine, part: str) -> None:
    body = f"--b\r\nContent-Disposition: {part}\r\n\r\nx\r\n--b--\r\n"
    answer = client.send("POST", "/entries", data=body, content_type="multipart/form-data; boundary=b")
    assert problem(answer)[0] == 400
    page = client.logbook.app.test_client().post("/entries", data=body, content_type="multipart/form-data; boundary=b")
    assert (page.status_code, "cannot be read" in page.text) == (400, True)


def test_a_form_of_ten_megabytes_is_refused(client: Machine) -> None:
    assert problem(client.send("POST", "/entries", data={"text": "x" * 10_000_000})) == (413, set())


def test_a_form_with_a_file_is_refused(client: Machine) -> None:
    fields = {"icon": "call", "title": "x", "text": "x", "file": (io.BytesIO(b"x"), "a.txt")}
    assert problem(client.send("POST", "/entries", data=fields)) == (400, set())


def test_cards_in_a_form_that_are_no_list_are_named(client: Machine) -> None:
    fields = {"also_on[first][type]": "deal", "card[type]": "deal", "card[id]": "1"}
    answer = client.send("POST", "/entries", data={**fields, "icon": "call", "title": "x", "text": "x"})
    assert problem(answer) == (422, {"also_on"})


def test_a_list_of_cards_in_a_form_is_read(client: Machine) -> None:
    fields = {"also_on[0][type]": "deal", "also_on[0][id]": "0", "card[type]": "deal", "card[id]": "1"}
    answer = client.send("POST", "/entries", data={**fields, "icon": "call", "title": "x", "text": "x"})
    assert problem(answer) == (422, {"also_on[0].id"})


@pytest.mark.parametrize("key", ["x" * 256, "ä", "a\tb"])
def test_an_idempotency_key_that_cannot_be_one_is_refused(client: Machine, key: str) -> None:
    assert problem(client.write(key)) == (400, set())


def test_an_idempotency_key_that_is_empty_guards_nothing_and_is_refused(client: Machine) -> None:
    assert problem(client.send("POST", "/entries", json=ENTRY, headers={"Idempotency-Key": " "})) == (400, set())
    assert client.logbook.entries() == []


@pytest.mark.parametrize(("method", "path"), [("PUT", "/entries"), ("GET", "/entries"), ("POST", "/icons")])
def test_another_method_is_refused_with_those_there_are(client: Machine, method: str, path: str) -> None:
    answer = client.send(method, path)
    assert problem(answer) == (405, set())
    assert answer.headers["Allow"]


def test_other_addresses_of_the_interface_do_not_exist(client: Machine) -> None:
    assert problem(client.get("/nothing")) == (404, set())


def test_a_request_that_is_refused_costs_the_key_its_rate_all_the_same(installed: Logbook, portal: Portal) -> None:
    client = machine(installed, portal, per_minute=2)
    assert [client.write(title="").status_code for _ in range(3)] == [422, 422, 429]


def test_half_pairs_of_utf_16_are_written_with_a_replacement(client: Machine, portal: Portal) -> None:
    body = json.dumps({**ENTRY, "text": "half \ud83d pair"})
    assert client.send("POST", "/entries", data=body, content_type="application/json").status_code == 202
    client.logbook.work()
    assert [message.text for message in portal.timeline(DEAL, 1)] == ["half \ufffd pair"]


def test_thousands_of_unknown_names_make_no_long_answer(installed: Logbook, portal: Portal) -> None:
    client = machine(installed, portal)
    save_template(installed, portal, name="Days", text="".join(f"{{today+{number}}}" for number in range(1, 200)))
    unknown = {f"x{number}": 0 for number in range(15_000)}
    for fields in ({"template": "Days", "values": unknown}, unknown):
        answer = client.write(**fields)
        assert problem(answer)[0] == 422
        assert len(answer.data) < 300_000


def test_a_database_that_is_gone_is_a_problem_too(client: Machine) -> None:
    with client.logbook.context.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE log_entries RENAME TO elsewhere")
    answer = client.write()
    assert problem(answer)[0] in {500, 503}
    assert "elsewhere" not in answer.text
