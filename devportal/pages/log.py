"""The request log: calls and events, with a curl command to repeat each."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, jsonify, render_template, request

from ..portal import Portal
from ..request_log import RecordedCall, SentEvent
from . import current_page

pages = Blueprint("log", __name__)

SHOWN = 200
MASK = "***"
SECRETS = frozenset({"auth", "access_token", "refresh_token", "application_token", "client_secret", "code"})
SECRET_IN_JSON = re.compile(r'("(?:access_token|refresh_token|application_token|client_secret)"\s*:\s*")[^"]*')


@dataclass(frozen=True)
class Line:
    """A line of the log, with secrets masked."""

    at: float
    direction: str
    name: str
    who: str
    status: int
    error: str
    milliseconds: float
    parameters: str
    answer: str
    curl: str
    note: str

    @property
    def time(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).strftime("%H:%M:%S.%f")[:-3]


@pages.get("/_box/log")
def log() -> str:
    wanted = request.args.get("q", "").strip().lower()
    return render_template("log.html", lines=lines(current_page.portal(), wanted), wanted=wanted)


@pages.get("/_box/calls")
def calls() -> Any:
    """Returns the log as JSON, for programs."""
    return jsonify([line.__dict__ for line in lines(current_page.portal(), "")])


@pages.post("/_box/log/clear")
def clear() -> Any:
    portal = current_page.portal()
    for record in (portal.calls, portal.box.authority_calls, portal.events.sent):
        record.clear()
    return render_template("log.html", lines=[], wanted="")


def lines(portal: Portal, wanted: str) -> list[Line]:
    """The lines, newest first: calls to the portal and the authorization server, and events."""
    box = portal.box
    found = [call_line(portal, call, f"{portal.url}/rest/{call.method}", "in") for call in portal.calls[-SHOWN:]]
    for call in box.authority_calls[-SHOWN:]:
        path = "/oauth/token/" if call.method == "oauth/token" else f"/rest/{call.method}"
        found.append(call_line(portal, call, portal.authority.url + path, "authorization"))
    found += [event_line(sent) for sent in portal.events.sent[-SHOWN:]]
    found = [line for line in found if wanted in f"{line.name} {line.error} {line.who} {line.direction}".lower()]
    return sorted(found, key=lambda line: line.at, reverse=True)[:SHOWN]


def call_line(portal: Portal, call: RecordedCall, url: str, direction: str) -> Line:
    person = portal.state.person(call.person_id) if call.person_id else None
    parameters = masked(call.parameters) if direction == "authorization" else call.parameters
    name = f"{call.method} ({', '.join(call.commands)})" if call.commands else call.method
    return Line(
        call.at,
        direction,
        name,
        person.full_name if person else call.client_id or "",
        call.status,
        call.error or "",
        round(call.duration_seconds * 1000, 1),
        pretty(parameters),
        SECRET_IN_JSON.sub(rf"\1{MASK}", call.answer.decode("utf-8", "replace")),
        curl_json(url, {"auth": MASK, **parameters} if direction == "in" else parameters, direction),
        call.note,
    )


def event_line(sent: SentEvent) -> Line:
    fields = {key: MASK if "token" in key else value for key, value in sent.fields.items()}
    curl = f"curl -X POST {shlex.quote(sent.url)} -d {shlex.quote(urlencode(fields))}"
    milliseconds = round(sent.duration_seconds * 1000, 1)
    return Line(
        sent.at, "event", sent.event, sent.url, sent.status, "", milliseconds, pretty(fields), "", curl, sent.note
    )


def curl_json(url: str, parameters: dict[str, Any], direction: str) -> str:
    if direction == "authorization":
        return f"curl -X POST {shlex.quote(url)} -d {shlex.quote(urlencode(parameters))}"
    body = shlex.quote(json.dumps(parameters, ensure_ascii=False))
    return f"curl -X POST {shlex.quote(url)} -H 'Content-Type: application/json' -d {body}"


def masked(value: Any, name: str = "") -> Any:
    """The value with everything masked that may be secret."""
    if isinstance(value, dict):
        return {key: masked(child, str(key)) for key, child in value.items()}
    if isinstance(value, list):
        return [masked(child, name) for child in value]
    return MASK if name.lower() in SECRETS and value else value


def pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
