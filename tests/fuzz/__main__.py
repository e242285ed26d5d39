"""``make fuzz``: everything that reads what comes from outside, under a coverage-guided fuzzer for some minutes.

What a reader may raise is a refusal of ours; anything else stops the fuzzer, which then writes down the input.
"""

import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs

import atheris

with atheris.instrument_imports(include=["b24app", "json", "urllib"]):
    from flask import Flask, request

    from b24app import config, masking
    from b24app.bitrix24 import addresses, cards, client, icons, methods, oauth, payloads, placements
    from b24app.bitrix24.calls import Answers, as_map, decoded
    from b24app.errors import LogbookError
    from b24app.services import text_rules
    from b24app.services.delivery import display
    from b24app.services.delivery.entries import Draft
    from b24app.services.settings import pictures, placeholders
    from b24app.web import downloads, languages, oauth_state, sessions
    from b24app.web.admin import filters
    from b24app.web.card_session import typed

SECONDS = 180
AUTHORITIES = oauth.Authorities(("https://a.example",), None, "id", "s" * 20, print, is_insecure_allowed=False)  # type: ignore[arg-type]
APP = Flask("fuzz")
APP.extensions["logbook"] = SimpleNamespace(config=SimpleNamespace(secret_key="k" * 32, app_url="https://x.example"))
ANSWER_READERS: tuple[Callable[[object], object], ...] = (
    *(methods.read_application_code, methods.read_application, methods.is_unfinished, methods.is_enterprise),
    *(methods.read_profile, methods.read_entity_name, methods.read_entries, methods.read_added_entry),
    *(methods.read_scopes, placements.read_codes, methods.read_entity_types, icons.read_icons, icons.read_added_icon),
    lambda result: placements.read_bindings(result, "placement"),
)


def form(text: str) -> dict[str, list[str]]:
    return parse_qs(text, keep_blank_values=True)


def frame(data: bytes) -> None:
    fields = form(data.decode(errors="replace"))
    with suppress(LogbookError):
        payloads.read_frame({}, fields)
    with suppress(LogbookError):
        payloads.read_event(fields)
    with suppress(LogbookError):
        payloads.read_frame(
            {"DOMAIN": ["a.example"]},
            {"member_id": ["m"], "AUTH_ID": ["t"], "PLACEMENT": ["CRM_DEAL_DETAIL_TAB"], **fields},
        )


def addressed(data: bytes) -> None:
    text = data.decode(errors="replace")
    for read in (
        payloads.read_host,
        addresses.origin_of,
        lambda one: addresses.checked_endpoint(one, is_insecure_allowed=False),
    ):
        with suppress(LogbookError):
            read(text)
    cards.card_at(text)


def answer(data: bytes) -> None:
    body = masking.conceal(client.as_utf8(data), "a-secret/of-ours")
    try:
        result = client._read_result(200, body)
    except LogbookError:
        return
    answers = Answers(result)
    answers.first_refusal({})
    for key in ("application", "profile"):
        for read in (answers.__getitem__, answers.resets_at, answers.answered_at, answers.utc_offset):
            with suppress(LogbookError):
                read(key)
    for reader in ANSWER_READERS:
        with suppress(LogbookError):
            reader(result)


def grant(data: bytes) -> None:
    with suppress(LogbookError, ValueError, RecursionError):
        told = decoded(data)
        if isinstance(told, dict):
            AUTHORITIES._read_grant(as_map(told))


def picture(data: bytes) -> None:
    with suppress(LogbookError):
        pictures.fitted(data)


def language(data: bytes) -> None:
    header = data.decode("latin-1").replace("\r", "").replace("\n", "")
    with APP.test_request_context(headers={"Accept-Language": header, "Cookie": header}):
        languages._of_browser()
        request.cookies.to_dict()


def setting(data: bytes) -> None:
    text = data.decode(errors="replace")
    for _attribute, _default, read in config.VARIABLES.values():
        with suppress(ValueError):
            read(text)


def posted(data: bytes) -> None:
    """Our own forms, as anybody may send them: the session token, the state of an authorization, what was typed."""
    with APP.test_request_context(method="POST", data=data, content_type="application/x-www-form-urlencoded"):
        typed()
        fields = request.form.to_dict()
    for text in (data.decode(errors="replace"), *fields.values()):
        with suppress(LogbookError), APP.test_request_context():
            sessions.unseal(text, "entry")
        with suppress(LogbookError), APP.test_request_context():
            oauth_state.unseal(text)
        filters.key_of(text)
        text_rules.problem(text_rules.tidied(text), 255)
        text_rules.one_line(text)
        Draft(text, text, text).tidied()


def words(data: bytes) -> None:
    text = data.decode(errors="replace")
    masking.mask(text)
    downloads.defused(text)
    display.losses(text, text)
    placeholders.problem(text)


TARGETS = (frame, addressed, answer, grant, picture, language, setting, words, posted)


# What the readers know already, so that the fuzzer need not find it out; the first byte chooses the reader.
SEEDS = (
    b"\0DOMAIN=a.example&member_id=m&AUTH_ID=t&PLACEMENT=CRM_DEAL_DETAIL_TAB&PLACEMENT_OPTIONS=%7B%22ID%22%3A%221%22%7D",
    b"\0event=ONAPPUNINSTALL&auth[member_id]=m&auth[application_token]=t&ts=1&auth[server_endpoint]=https://a.example/rest/",
    b"\x01https://b\xc3\xbccher.example:8443/crm/deal/details/1/?x#y",
    b'\x02{"result":{"result":{"profile":{"ID":"1","NAME":"A","ADMIN":true,"TIME_ZONE":"+02:00"}},"result_error":[],'
    b'"result_time":{"profile":{"operating_reset_at":1,"finish":1.5,"date_start":"2026-01-31T00:00:00+02:00"}}}}',
    b'\x02{"result":{"logMessages":[{"id":1,"authorId":"7","created":"2026-01-31T00:00:00+02:00","title":"a","iconCode":"b"}]}}',
    b'\x02{"result":{"icons":[{"code":"a","fileUri":"/b.png"}]}}',
    b'\x02{"result":[{"placement":"A","handler":"b","langAll":{"en":{"TITLE":"c"}},"ID":1,"NAME":"d"}]}',
    b'\x02{"result":{"CODE":"a","STATUS":"L","DAYS":"3","LICENSE_FAMILY":"ent","item":{"title":"a","lastName":"b"}}}',
    b'\x02{"error":"expired_token","error_description":"a\\u002fb%2fc&#47;"}',
    b'\x03{"access_token":"a","refresh_token":"b","member_id":"m","user_id":"7","client_endpoint":"https://a.example/rest/"}',
    b"\x04\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0",
    b"\x04GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;",
    b"\x05de-DE,de;q=0.9,*;q=0.1",
    b"\x06postgresql+psycopg://a:b@c:5432/d?options=-c%20e%3Df",
    b"\x06[::1]:9100",
    b"\x00event=ONAPPUNINSTALL&auth[member_id]=m&ts=2026-11-25T10%3A00%3A00%2B05%3A00",
    b"\x08session=eyJhIjoxfQ.aaaaaa.bbbb&icon=call&title=a&text=b%0D%0Ac&form_key=k&continued=1&first_icon=call",
    b"\x08gAAAAABnRbWkAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    b"\x07{card} auth=abcdefgh; =1+1 <b> [i] https://a &amp;",
)

# Words of the protocol, which a fuzzer would need hours to find letter by letter.
DICTIONARY = (
    *("result", "result_error", "result_time", "error", "error_description", "logMessages", "logMessage", "icons"),
    *("application", "profile", "placement", "handler", "langAll", "iconCode", "authorId", "created", "next"),
    *("PLACEMENT_OPTIONS=", "PLACEMENT=", "DOMAIN=", "AUTH_ID=", "PROTOCOL=", "auth[application_token]="),
    *("CRM_DYNAMIC_130_DETAIL_TAB", "CRM_CONTACT_DETAIL_TAB", "DEFAULT", "&quot;", "%00", "%F0%9F%98%80", "\\ud800"),
    *("$result[", "expired_token", "access_token", "client_endpoint", "operating_reset_at", "data[member_id]="),
    *("https://", "xn--", "[::1]", ":443", "+02:00", "Warning: "),
)


def dictionary() -> str:
    """In the format of libFuzzer: a quoted text a line, with what is not printable, quotes and backslashes escaped."""
    escaped = (re.sub(r'[\\"]', lambda found: f"\\x{ord(found[0]):02x}", word) for word in DICTIONARY)
    return "".join(f'"{word}"\n' for word in escaped)


def one(data: bytes) -> None:
    """The first byte says which reader gets the rest."""
    if data:
        TARGETS[data[0] % len(TARGETS)](data[1:])


if __name__ == "__main__":
    seconds = sys.argv[1] if len(sys.argv) > 1 else str(SECONDS)
    folder = Path(tempfile.mkdtemp(prefix="logbook-fuzz-"))
    for number, seed in enumerate(SEEDS):
        (folder / str(number)).write_bytes(seed)
    (words_file := folder.with_suffix(".dict")).write_text(dictionary())
    limits = [f"-dict={words_file}", f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=4096"]
    atheris.Setup([sys.argv[0], *limits, str(folder)], one)
    atheris.Fuzz()
