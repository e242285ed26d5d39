"""The authorization server's HTTP side: the token endpoint and `app.info`."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

from ..authority import Authority
from ..clock import Clock
from ..context import RequestContext
from ..errors import ApiError, system
from ..faults import CallFaults
from ..http import Request, Response
from ..request_log import Record
from ..rest import parameters
from ..rest.access import take_token
from ..rest.endpoint import CORS, PREFIX, PREFLIGHT, method_name
from .answers import app_info_answer, token_answer

TOKEN_PATH = "/oauth/token"


class Server(Protocol):
    """The parts of a box that make up its authorization server."""

    authority: Authority
    authority_calls: Record
    clock: Clock
    lock: threading.RLock
    faults: CallFaults


def answer(server: Server, request: Request) -> Response:
    """Answers any request at the authorization server's port and records it."""
    path = request.path.rstrip("/")
    if request.verb == "OPTIONS":
        return Response(200, headers=list(PREFLIGHT))
    if path != TOKEN_PATH and not request.path.startswith(PREFIX):
        return Response.text(200 if path == "" else 404, "The authorization server of the portal in a box.")
    name = "oauth/token" if path == TOKEN_PATH else method_name(request.path)
    context = RequestContext(request, name, parameters.of_request(request), server.clock.now(), [name])
    began = time.perf_counter()
    response = respond(server, context)
    client_id = str(context.parameters.get("client_id") or "") or None
    server.authority_calls.add(context.recorded(response, time.perf_counter() - began, client_id))
    return response


def respond(server: Server, context: RequestContext) -> Response:
    try:
        faulty_answer = server.faults.before(context)
        if faulty_answer is not None:
            return faulty_answer
        with server.lock:
            response = Response.json(200, perform(server, context), list(CORS))
    except ApiError as error:
        context.error = str(error.code)
        response = Response.json(error.status, error.body(), list(CORS))
    return server.faults.after(context, response)


def perform(server: Server, context: RequestContext) -> dict[str, Any]:
    if context.name == "oauth/token":
        return give_token(server, context.parameters)
    if context.name != "app.info":
        raise system("ERROR_METHOD_NOT_FOUND")
    pair = server.authority.require_valid(take_token(context.request, dict(context.parameters)))
    return app_info_answer(pair, server.authority, context.started, server.clock.now())


def give_token(server: Server, given: dict[str, Any]) -> dict[str, Any]:
    """Performs one of the two grants; raises `ApiError` with the token endpoint's codes."""
    authority = server.authority
    client_id, client_secret = required(given, "client_id"), required(given, "client_secret")
    grant = required(given, "grant_type")
    if grant == "authorization_code":
        pair = authority.redeem_code(client_id, client_secret, required(given, "code"))
    elif grant == "refresh_token":
        authority.require_renewals()
        pair = authority.renew(client_id, client_secret, required(given, "refresh_token"))
    else:
        raise ApiError("invalid_request", "Unsupported grant_type")
    return token_answer(pair, authority)


def required(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError("invalid_request", f'No "{name}" parameter found')
    return value
