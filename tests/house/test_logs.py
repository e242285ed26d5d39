"""The log: one line, and no secret in it, wherever it stands."""

import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.logs import LineFormatter
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


def test_a_line_stays_a_line_whatever_stands_in_a_fact() -> None:
    record = logging.makeLogRecord({"msg": "call", "levelname": "INFO", "name": "x", "code": "two\nlines = here"})
    assert "\n" not in LineFormatter().format(record)
