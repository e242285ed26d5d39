"""The authorization server's HTTP side: the token endpoint and `app.info`."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

from ..authority import Authority
from ..calls import Record, RecordedCall
from ..clock import Clock
from ..context import Visit
from ..faults import Fault, system
from ..http import Request, Response
from ..rest import parameters
from ..rest.access import take_token
from ..rest.door import ANSWER_KEPT, CORS, PREFIX, PREFLIGHT, method_name
from ..weather import Weather
from .answers import app_info_answer, token_answer

TOKEN_PATH = "/oauth/token"


class Server(Protocol):
    """The parts of a box that make up its authorization server."""

    authority: Authority
    authority_calls: Record
    clock: Clock
    lock: threading.RLock
    weather: Weather


def answer(server: Server, request: Request) -> Response:
    """Everything that arrives at the authorization server's port, recorded."""
    path = request.path.rstrip("/")
    if request.verb == "OPTIONS":
        return Response(200, headers=list(PREFLIGHT))
    if path != TOKEN_PATH and not request.path.startswith(PREFIX):
        return Response.text(200 if path == "" else 404, "The authorization server of the portal in a server.")
    name = "oauth/token" if path == TOKEN_PATH else method_name(request.path)
    visit = Visit(request, name, parameters.of_request(request), server.clock.now(), [name])
    began = time.perf_counter()
    response = respond(server, visit)
    server.authority_calls.add(recorded(visit, response, time.perf_counter() - began))
    return response


def respond(server: Server, visit: Visit) -> Response:
    try:
        spoiled = server.weather.before(visit)
        if spoiled is not None:
            return spoiled
        with server.lock:
            response = Response.json(200, perform(server, visit), list(CORS))
    except Fault as fault:
        visit.error = str(fault.code)
        response = Response.json(fault.status, fault.body(), list(CORS))
    return server.weather.after(visit, response)


def perform(server: Server, visit: Visit) -> dict[str, Any]:
    if visit.name == "oauth/token":
        return give_token(server, visit.parameters)
    if visit.name != "app.info":
        raise system("ERROR_METHOD_NOT_FOUND")
    pair = server.authority.require_valid(take_token(visit.request, dict(visit.parameters)))
    return app_info_answer(pair, server.authority, visit.started, server.clock.now())


def give_token(server: Server, given: dict[str, Any]) -> dict[str, Any]:
    """One of the two grants; raises `Fault` with the token endpoint's codes."""
    authority = server.authority
    client_id, client_secret = required(given, "client_id"), required(given, "client_secret")
    grant = required(given, "grant_type")
    if grant == "authorization_code":
        pair = authority.redeem_code(client_id, client_secret, required(given, "code"))
    elif grant == "refresh_token":
        authority.require_renewals()
        pair = authority.renew(client_id, client_secret, required(given, "refresh_token"))
    else:
        raise Fault("invalid_request", "Unsupported grant_type")
    return token_answer(pair, authority)


def required(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise Fault("invalid_request", f'No "{name}" parameter found')
    return value


def recorded(visit: Visit, response: Response, duration_seconds: float) -> RecordedCall:
    return RecordedCall(
        method=visit.name,
        parameters=visit.parameters,
        person_id=None,
        client_id=str(visit.parameters.get("client_id") or "") or None,
        status=0 if response.resets else response.status,
        error=visit.error,
        duration_seconds=duration_seconds,
        verb=visit.request.verb,
        at=visit.started,
        answer=response.body[:ANSWER_KEPT],
        note=", ".join(visit.notes),
    )
