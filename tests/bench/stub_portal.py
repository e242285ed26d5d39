"""A portal and its authorization server that answer at once and store nothing, so that only their callers are measured.

Run as ``python -m tests.bench.stub_portal FD …``, with the numbers of listening sockets. Each socket, and each
path before ``/rest/``, is a portal of its own, so that one process can be many portals. Tokens other than ACCESS_TOKEN
are refused.
"""

import asyncio
import hashlib
import itertools
import json
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from b24app.bitrix24.entities import TYPE_IDS, tab_of
from b24app.web.icon_names import KNOWN

ACCESS_TOKEN = "bench-access"
CLIENT_ID = "local.bench.1"
CARD = 4711
LATEST = 10
NOW = "2026-11-22T10:00:00+02:00"

_numbers = itertools.count(10_000)


def member_id(origin: str) -> str:
    """Of the portal there."""
    return hashlib.blake2b(origin.encode(), digest_size=16).hexdigest()


def application(origin: str) -> dict[str, Any]:
    """What both a portal and the authorization server say of a token's application."""
    return {
        "ID": 5,
        "CODE": "bench.logbook",
        "VERSION": 1,
        "STATUS": "F",
        "INSTALLED": True,
        "LANGUAGE_ID": "en",
        "client_id": CLIENT_ID,
        "scope": "crm,placement",
        "expires": "2040-01-01T00:00:00+00:00",
        "user_id": 7,
        "install": {
            "installed": True,
            "version": 1,
            "status": "F",
            "scope": "crm,placement",
            "member_type": "b24",
            "domain": origin.partition("://")[2],
            "uri": origin,
            "client_endpoint": f"{origin}/rest/",
            "member_id": member_id(origin),
        },
    }


def entry(number: int, fields: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """A row of a timeline; what was sent in ``fields`` is kept as it came."""
    words = {"title": f"Entry {number}", "text": "What was agreed on the telephone.", "iconCode": "info"}
    return {"id": number, "created": NOW, "authorId": 7, **words, **fields}


def answer(method: str, origin: str, fields: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """The result of one method, by its name in lower case; what is not listed is simply true."""
    fixed = {
        "profile": {"ID": "7", "ADMIN": True, "NAME": "Ada", "LAST_NAME": "Lund", "TIME_ZONE": "Europe/Berlin"},
        "crm.item.get": {"item": {"id": CARD, "entityTypeId": 2, "title": "Thirty desks"}},
        "crm.timeline.icon.list": {"icons": [{"code": code, "isSystem": True, "fileUri": ""} for code in KNOWN]},
        "crm.timeline.logmessage.list": {"logMessages": [entry(900 - number) for number in range(LATEST)]},
        "scope": ["crm", "placement"],
        "placement.list": [tab_of(type_id) for type_id in TYPE_IDS.values()],
        "events": ["ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONCRMTYPEADD", "ONCRMTYPEDELETE"],
        **{name: [] for name in ("placement.get", "event.get", "crm.enum.ownertype")},
    }
    if method == "app.info":
        return application(origin)
    if method == "crm.timeline.logmessage.add":
        return {"logMessage": entry(next(_numbers), fields)}
    return fixed.get(method, True)


def answer_batch(commands: Any, origin: str) -> dict[str, Any]:
    keyed = dict(commands.items() if isinstance(commands, dict) else enumerate(commands))
    results = {
        key: answer(command.partition("?")[0].lower(), origin, fields_of(command)) for key, command in keyed.items()
    }
    return {"result": results, "result_error": [], "result_total": {}, "result_next": [], "result_time": {}}


def fields_of(command: str) -> dict[str, str]:
    """What a command of a batch adds to a timeline."""
    pairs = parse_qsl(command.partition("?")[2]) if "logmessage.add" in command else []
    return {name[7:-1]: text for name, text in pairs if name.startswith("fields[")}


def answer_request(target: str, body: bytes, host: str) -> tuple[str, bytes]:
    """A request's answer: the status, and JSON."""
    path, _, query = target.partition("?")
    if ACCESS_TOKEN.encode() not in body and ACCESS_TOKEN not in query:
        told = {"error": "invalid_token", "error_description": "Unable to get application by token"}
        return "401 Unauthorized", json.dumps(told).encode()
    before, _, method = path.rpartition("/rest/")
    origin, method = f"http://{host}{before}", unquote_plus(method).strip("/").removesuffix(".json").lower()
    if method != "batch":
        result = answer(method, origin, json.loads(body).get("fields") or {} if body.startswith(b"{") else {})
    elif body.startswith(b"{"):
        result = answer_batch(json.loads(body)["cmd"], origin)
    else:
        fields = parse_qsl(f"{query}&{body.decode()}")
        result = answer_batch({name[4:-1]: text for name, text in fields if name.startswith("cmd[")}, origin)
    now = time.time()
    clock = {
        "start": now,
        "finish": now,
        "duration": 0.0,
        "processing": 0.0,
        "date_start": NOW,
        "date_finish": NOW,
        "operating": 0.1,
        "operating_reset_at": int(now),
    }
    return "200 OK", json.dumps({"result": result, "time": clock}).encode()


class Connection(asyncio.Protocol):
    """Reads requests as they come through a kept connection."""

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            target, *lines = self._received[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines)}
            whole = end + 4 + int(headers.get("content-length", 0))
            if len(self._received) < whole:
                return
            body, self._received = self._received[end + 4 : whole], self._received[whole:]
            status, text = answer_request(target.split(" ")[1], body, headers["host"])
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
            self._transport.write(head.encode() + text)


async def serve(listeners: Sequence[socket.socket]) -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(Connection, sock=listener, backlog=256) for listener in listeners]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve([socket.socket(fileno=int(number)) for number in sys.argv[1:]]))
