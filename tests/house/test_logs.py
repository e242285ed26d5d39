"""The log: one line, and no secret anywhere in it."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.logs import JsonFormatter, LineFormatter
from b24app.masking import mask

TOKEN = "f3a81c6600705f4e0039d1a20000000700000a1b2c3d4e5f"


@pytest.mark.parametrize(
    "text",
    [
        f"https://portal/rest/profile?auth={TOKEN}&x=1",
        f"auth[access_token]={TOKEN}",
        f"AUTH_ID={TOKEN}&REFRESH_ID={TOKEN}",
        f"{{'refresh_token': '{TOKEN}', 'expires': 3600}}",
        f'{{"client_secret": "{TOKEN}"}}',
        f"Authorization: Bearer {TOKEN}",
        f"APPLICATION_TOKEN={TOKEN}",
        f"/oauth/callback?code={TOKEN}&state={TOKEN}",
        "sealed gAAAAABlcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0 here",
    ],
)
def test_a_secret_is_masked_by_its_name(text: str) -> None:
    masked = mask(text)
    assert TOKEN not in masked
    assert "gAAAA" not in masked
    assert "•••" in masked


def test_a_secret_in_an_exception_is_masked() -> None:
    try:
        raise ValueError(f"failed for https://portal/rest/?auth={TOKEN}")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "oh", None, sys.exc_info())
    line = LineFormatter().format(record)
    assert "ValueError" in line
    assert TOKEN not in line


def test_what_is_no_secret_stays_readable() -> None:
    line = "request verb=POST path=/placement status=200 code=ok portal=portal.bitrix24.com"
    assert mask(line) == line


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"])))
def test_masking_takes_any_text(text: str) -> None:
    mask(text)


def test_values_cannot_break_a_log_line() -> None:
    record = logging.makeLogRecord({"msg": "call", "levelname": "INFO", "name": "x", "code": "two\nlines = here"})
    assert "\n" not in LineFormatter().format(record)


@pytest.mark.parametrize("sign", ["\x1b", "\x07", "\r", "\x85", "\x9b", "\u2028", "\u202e", "\ufeff", "\ud800", "\x00"])
def test_terminal_escapes_are_escaped_everywhere(sign: str) -> None:
    try:
        raise ValueError(f"a{sign}b")
    except ValueError:
        fault = sys.exc_info()
    facts = {"msg": f"a{sign}b", "name": f"a{sign}b", "levelname": "INFO", "code": f"a{sign}b", "exc_info": fault}
    text = LineFormatter().format(logging.makeLogRecord(facts))
    assert sign not in text
    assert text.count(sign.encode("unicode_escape").decode()) + text.count(json.dumps(sign)[1:-1]) >= 4
    assert all(line.isprintable() for line in text.split("\n"))


def test_no_exception_can_forge_a_line() -> None:
    forged = "2026-01-31T12:00:00Z INFO b24app.web id=1 all is well"
    try:
        raise ValueError(f"x\n{forged}")
    except ValueError:
        record = logging.makeLogRecord({"msg": "oh", "exc_info": sys.exc_info()})
    assert forged not in LineFormatter().format(record).splitlines()


def test_escaped_text_differs_from_text_that_looks_escaped() -> None:
    record = logging.makeLogRecord({"msg": "x", "code": "a\\x1b"})
    assert 'code="a\\\\x1b"' in LineFormatter().format(record)


def json_line(**facts: object) -> dict[str, object]:
    text = JsonFormatter().format(logging.makeLogRecord({"msg": "call", "levelname": "INFO", "name": "x", **facts}))
    assert "\n" not in text
    assert text.isascii()
    line = json.loads(text)
    assert isinstance(line, dict)
    return line


def test_a_line_of_json_has_each_fact_by_its_name_and_numbers_as_numbers() -> None:
    line = json_line(status=200, portal="a.bitrix24.com", is_whole=True, code="ok")
    assert {"status": 200, "portal": "a.bitrix24.com", "is_whole": True, "code": "ok"}.items() <= line.items()
    assert (line["level"], line["logger"], line["message"]) == ("INFO", "x", "call")
    assert str(line["time"]).endswith("Z")
    assert line["request_id"]


@pytest.mark.parametrize(
    "text", [f"auth={TOKEN}", f'{{"refresh_token": "{TOKEN}"}}', f'auth {TOKEN}\\"x', f"x\nstate:{TOKEN}"]
)
def test_secrets_in_json_are_masked_and_the_object_stays_whole(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        line = json_line(msg=text, detail=text, access_token=TOKEN, exc_info=sys.exc_info())
    assert TOKEN not in str(line)
    assert "ValueError" in str(line["exception"])


@given(st.text(), st.text())
def test_any_text_makes_a_line_of_json(message: str, fact: str) -> None:
    json_line(msg=message, args=(), fact=fact)
