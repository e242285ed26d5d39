"""The HTTP side of a portal's REST: where a request comes in and its answer goes out."""

from __future__ import annotations

import re
import time
from typing import Any

from ..calls import RecordedCall
from ..context import Visit
from ..faults import Fault, system
from ..http import Request, Response
from ..portal import Portal
from . import dispatcher, parameters
from .access import recognise, take_token
from .envelope import encode, success, timing

PREFIX = "/rest/"
# /rest/<person>/<code>/<method>: this portal has no webhooks, so every code is a wrong one.
WEBHOOK = re.compile(r"\d+/[^/]+/")
ANSWER_KEPT = 4_000
CORS = [("Access-Control-Allow-Origin", "*")]
PREFLIGHT = [
    *CORS,
    ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
    ("Access-Control-Allow-Headers", "origin, content-type, accept, x-requested-with"),
    ("Access-Control-Max-Age", "86400"),
]


def answer(portal: Portal, request: Request) -> Response:
    """What the portal says to one REST request, recorded."""
    if request.verb == "OPTIONS":
        return Response(200, headers=list(PREFLIGHT))
    name = method_name(request.path)
    given = parameters.of_request(request)
    commands = list(dispatcher.command_names(given)) if name == "batch" else []
    visit = Visit(request, name, given, portal.clock.now(), [name, *commands])
    began = time.perf_counter()
    response = respond(portal, visit)
    portal.calls.add(recorded(visit, response, time.perf_counter() - began))
    return response


def respond(portal: Portal, visit: Visit) -> Response:
    try:
        spoiled = portal.weather.before(visit)
        if spoiled is not None:
            return spoiled
        with portal.lock:
            status, body = 200, perform(portal, visit)
    except Fault as fault:
        visit.error = str(fault.code)
        status, body = portal.status_of(fault), portal.spell(fault)
    return portal.weather.after(visit, Response(status, encode(body), headers=list(CORS)))


def perform(portal: Portal, visit: Visit) -> dict[str, Any]:
    if WEBHOOK.match(visit.name):
        raise system("INVALID_CREDENTIALS")
    token = take_token(visit.request, visit.parameters)
    dispatcher.require_method(visit.name)
    visit.caller = caller = recognise(portal, token)
    dispatcher.require_active(caller, visit.name)
    if visit.name == "batch":
        result: Any = dispatcher.perform_batch(portal, caller, visit.parameters)
    else:
        result = dispatcher.perform(portal, caller, visit.name, visit.parameters)
    operating = portal.weather.operating(caller.application.client_id, visit.name)
    return success(result, timing(visit.started, portal.clock.now(), operating, portal.zone))


def method_name(path: str) -> str:
    """`/rest/CRM.item.get.json/` is crm.item.get."""
    name = path[len(PREFIX) :].strip("/").lower()
    return name.removesuffix(".json").removesuffix(".xml")


def recorded(visit: Visit, response: Response, duration_seconds: float) -> RecordedCall:
    caller = visit.caller
    return RecordedCall(
        method=visit.name,
        parameters=visit.parameters,
        person_id=caller.person.id if caller else None,
        client_id=caller.application.client_id if caller else None,
        status=0 if response.resets else response.status,
        error=visit.error,
        duration_seconds=duration_seconds,
        commands=visit.names[1:],
        verb=visit.request.verb,
        at=visit.started,
        answer=response.body[:ANSWER_KEPT],
        note=", ".join(visit.notes),
    )
