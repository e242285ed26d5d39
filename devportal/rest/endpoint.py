"""The HTTP side of a portal's REST API."""

from __future__ import annotations

import re
import time
from typing import Any

from ..context import RequestContext
from ..errors import ApiError, system
from ..http import Request, Response
from ..portal import Portal
from . import dispatcher, parameters
from .access import recognise, take_token
from .envelope import encode, success, timing

PREFIX = "/rest/"
# /rest/<person>/<code>/<method>: this portal has no webhooks, so all codes are wrong.
WEBHOOK = re.compile(r"\d+/[^/]+/")
CORS = [("Access-Control-Allow-Origin", "*")]
NOTICE = (
    b"<br />\n<b>Deprecated</b>:  strlen(): Passing null to parameter #1 ($string) of type string is deprecated in "
    b"<b>/home/bitrix/www/bitrix/modules/main/tools.php</b> on line <b>4021</b><br />\n"
)
PREFLIGHT = [
    *CORS,
    ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
    ("Access-Control-Allow-Headers", "origin, content-type, accept, x-requested-with"),
    ("Access-Control-Max-Age", "86400"),
]


def answer(portal: Portal, request: Request) -> Response:
    """Answers one REST request and records it."""
    if request.verb == "OPTIONS":
        return Response(200, headers=list(PREFLIGHT))
    name = method_name(request.path)
    given = parameters.of_request(request)
    commands = list(dispatcher.command_names(given)) if name == "batch" else []
    context = RequestContext(request, name, given, portal.clock.now(), [name, *commands])
    began = time.perf_counter()
    response = respond(portal, context)
    caller = context.caller
    client_id = caller.application.client_id if caller else None
    portal.calls.add(context.recorded(response, time.perf_counter() - began, client_id))
    return response


def respond(portal: Portal, context: RequestContext) -> Response:
    try:
        faulty_answer = portal.faults.before(context)
        if faulty_answer is not None:
            return faulty_answer
        with portal.lock:
            status, body = 200, perform(portal, context)
    except ApiError as error:
        context.error = str(error.code)
        status, body = portal.status_of(error), portal.spell(error)
    notice = NOTICE if portal.state.dialect.notices == "shown" else b""
    is_hinted = portal.state.dialect.hints == "early"
    return portal.faults.after(
        context, Response(status, notice + encode(body), headers=list(CORS), is_hinted=is_hinted)
    )


def perform(portal: Portal, context: RequestContext) -> dict[str, Any]:
    if WEBHOOK.match(context.name):
        raise system("INVALID_CREDENTIALS")
    token = take_token(context.request, context.parameters)
    dispatcher.require_method(context.name)
    context.caller = caller = recognise(portal, token)
    dispatcher.require_active(caller, context.name)
    if context.name == "batch":
        result: Any = dispatcher.perform_batch(portal, caller, context.parameters)
    else:
        result = dispatcher.perform(portal, caller, context.name, context.parameters)
    operating = portal.faults.operating(caller.application.client_id, context.name)
    return success(result, timing(context.started, portal.clock.now(), operating, portal.zone))


def method_name(path: str) -> str:
    """The method in a path: `/rest/CRM.item.get.json/` is crm.item.get."""
    name = path[len(PREFIX) :].strip("/").lower()
    return name.removesuffix(".json").removesuffix(".xml")
