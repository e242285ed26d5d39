"""Everything that reads what comes from outside, each under its name: the bytes of an input go to one of them.

What a reader may raise is a refusal of ours; anything else is a fault.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import parse_qs

import atheris

with atheris.instrument_imports(include=["b24app", "json", "urllib"]):
    from flask import Flask, request
    from werkzeug.exceptions import BadRequest

    from b24app import config, masking
    from b24app.bitrix24 import (
        addresses,
        card_lookup,
        card_urls,
        client,
        icons,
        methods,
        oauth,
        payloads,
        placements,
        public_addresses,
        robots,
    )
    from b24app.bitrix24.calls import Answers, as_map, decoded
    from b24app.errors import LogbookError
    from b24app.services import text_rules
    from b24app.services.delivery import preview
    from b24app.services.delivery.entries import Draft
    from b24app.services.machines import keys, requests
    from b24app.services.reports import csv_tables
    from b24app.services.settings import icon_pictures, placeholders
    from b24app.services.settings.templates import Template
    from b24app.web import oauth_state, request_bodies, request_language, sessions
    from b24app.web.admin import filters
    from b24app.web.api import access
    from b24app.web.api import bodies as machine_bodies
    from b24app.web.api.problems import Problem
    from b24app.web.card_session import typed

AUTHORITIES = oauth.Authorities(("https://a.example",), None, "id", "s" * 20, print, is_insecure_allowed=False)  # type: ignore[arg-type]
APP = Flask("fuzz")
APP.request_class = request_bodies.Request
APP.extensions["logbook"] = SimpleNamespace(config=SimpleNamespace(secret_key="k" * 32, app_url="https://x.example"))
ANSWER_READERS: tuple[Callable[[object], object], ...] = (
    *(methods.read_application_code, methods.read_application, methods.is_unfinished, methods.is_enterprise),
    *(methods.read_profile, methods.read_entity_name, methods.read_entries, methods.read_added_entry),
    *(methods.read_scopes, placements.read_codes, methods.read_entity_types, icons.read_icons, icons.read_added_icon),
    *(lambda result: placements.read_bindings(result, "placement"), robots.read_registered),
    lambda result: card_lookup.read_found([result], 2),
)
TEMPLATES = (Template("template", "T", "{card} {today}", "{author} {number}", "call"),)
CIRCUMSTANCES = requests.Circumstances(("call", "comment"), TEMPLATES, "Anna", datetime(2026, 1, 31, tzinfo=UTC))


def form(text: str) -> dict[str, list[str]]:
    return parse_qs(text, keep_blank_values=True)


def frame(data: bytes) -> None:
    fields = form(data.decode(errors="replace"))
    with suppress(LogbookError):
        payloads.read_frame({}, fields)
    with suppress(LogbookError):
        payloads.read_frame(
            {"DOMAIN": ["a.example"]},
            {"member_id": ["m"], "AUTH_ID": ["t"], "PLACEMENT": ["CRM_DEAL_DETAIL_TAB"], **fields},
        )


def event(data: bytes) -> None:
    """Of the portal's servers: events, and runs of the robot."""
    fields = form(data.decode(errors="replace"))
    with suppress(LogbookError):
        payloads.read_event(fields)
    with suppress(LogbookError):
        robots.read_run(fields)


def address(data: bytes) -> None:
    text = data.decode(errors="replace")
    for read in (
        payloads.read_host,
        addresses.origin_of,
        lambda one: addresses.checked_endpoint(one, is_insecure_allowed=False),
        lambda one: public_addresses.is_public_url(one, is_insecure_allowed=False),
    ):
        with suppress(LogbookError):
            read(text)
    card_urls.card_at(text)


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


def token(data: bytes) -> None:
    """An answer of the authorization server."""
    with suppress(LogbookError, ValueError, RecursionError):
        told = decoded(data)
        if isinstance(told, dict):
            AUTHORITIES._read_grant(as_map(told))


def picture(data: bytes) -> None:
    with suppress(LogbookError):
        icon_pictures.fitted(data)


def header(data: bytes) -> None:
    """Accept-Language, cookies, and the key of a machine."""
    text = data.decode("latin-1").replace("\r", "").replace("\n", "")
    with APP.test_request_context(headers={"Accept-Language": text, "Cookie": text, "Authorization": text}):
        request_language._of_browser()
        request.cookies.to_dict()
        with suppress(Problem):
            keys.KEY.fullmatch(access._key())


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


def machine(data: bytes) -> None:
    """A request of a program, as JSON and as a form."""
    for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
        with suppress(Problem, BadRequest), APP.test_request_context(method="POST", data=data, content_type=kind):
            fields = machine_bodies.fields()
            requests.Reading(fields, CIRCUMSTANCES).read()
            requests.Reading({"card": {"type": "deal", "id": 1}, **fields}, CIRCUMSTANCES).read()


def words(data: bytes) -> None:
    text = data.decode(errors="replace")
    masking.mask(text)
    csv_tables.defused(text)
    preview.losses(text, text)
    placeholders.problem(text)


READERS = {
    reader.__name__: reader
    for reader in (frame, event, address, answer, token, picture, header, setting, posted, machine, words)
}
