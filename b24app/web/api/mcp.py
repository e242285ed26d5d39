"""The Model Context Protocol: Streamable HTTP without sessions, one JSON answer to each JSON-RPC request.

Spec: https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
"""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from b24app.bitrix24.addresses import origin_of
from b24app.context import config, database
from b24app.version import VERSION
from b24app.web.api import access, bodies, problems
from b24app.web.api.access import Machine
from b24app.web.api.problems import Problem, with_rate
from b24app.web.api.tools import TOOLS

blueprint = Blueprint("mcp", __name__)

# The latest version first.
VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")
INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32600, -32601, -32602
INSTRUCTIONS = "Logbook writes entries with an icon, a title and a text on the timelines of Bitrix24's CRM."


class RpcError(Exception):
    """A JSON-RPC error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@blueprint.errorhandler(Problem)
def refuse(problem: Problem) -> Response:
    return problems.answer(problem)


@blueprint.post("/mcp")
def take() -> Response:
    """Handle one message; requests get JSON, notifications get 202."""
    _check_headers()
    machine = access.enter()
    try:
        message = bodies.read_json(request.get_data())
        return with_rate(_answer(machine, message))
    finally:
        database().commit()


def _check_headers() -> None:
    """Raise Problem for requests from other websites' pages, and for unknown protocol versions."""
    origin = request.headers.get("Origin")
    if origin and origin != origin_of(config().app_url):
        raise Problem(403, "Pages of other sites may not call this.")
    if request.mimetype != "application/json":
        raise Problem(415, "Send application/json.", headers={"Accept": "application/json"})
    version = request.headers.get("MCP-Protocol-Version")
    if version and version not in VERSIONS:
        raise Problem(400, f"This protocol version is not spoken here. Known: {', '.join(VERSIONS)}.")


def _answer(machine: Machine, message: Any) -> Response:
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return _error(None, RpcError(INVALID_REQUEST, "Send one JSON-RPC 2.0 message."), 400)
    if "id" not in message:
        return Response(status=202)
    number, method, params = message["id"], message.get("method"), message.get("params", {})
    if not isinstance(number, str | int) or isinstance(number, bool):
        return _error(None, RpcError(INVALID_REQUEST, "The id must be a text or a whole number."), 400)
    if "method" not in message:
        # A response, although we never send requests.
        return Response(status=202)
    try:
        if not isinstance(params, dict):
            raise RpcError(INVALID_PARAMS, "params must be an object")
        return jsonify(jsonrpc="2.0", id=number, result=_result(machine, str(method), params))
    except RpcError as refused:
        return _error(number, refused, 200)


def _result(machine: Machine, method: str, params: dict[str, Any]) -> dict[str, Any]:
    if method == "initialize":
        return _initialize(params)
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": [tool.as_map() for tool in TOOLS.values()]}
    if method == "tools/call":
        return _call(machine, params)
    raise RpcError(METHOD_NOT_FOUND, "This method is not known.")


def _initialize(params: dict[str, Any]) -> dict[str, Any]:
    wanted = params.get("protocolVersion")
    return {
        "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": "logbook", "title": "Logbook", "version": VERSION},
        "instructions": INSTRUCTIONS,
    }


def _call(machine: Machine, params: dict[str, Any]) -> dict[str, Any]:
    """The result of a tool; refusals are results, too, so that the assistant can react to them."""
    tool, arguments = TOOLS.get(str(params.get("name"))), params.get("arguments", {})
    if tool is None:
        raise RpcError(INVALID_PARAMS, "There is no such tool.")
    if not isinstance(arguments, dict):
        raise RpcError(INVALID_PARAMS, "arguments must be an object")
    try:
        return _content(tool.run(machine, arguments), is_error=False)
    except Problem as problem:
        return _content({"detail": problem.detail, "errors": dict(problem.errors)}, is_error=True)


def _content(told: dict[str, Any], *, is_error: bool) -> dict[str, Any]:
    text = json.dumps(told, ensure_ascii=False)
    return {"content": [{"type": "text", "text": text}], "structuredContent": told, "isError": is_error}


def _error(number: str | int | None, refused: RpcError, status: int) -> Response:
    answer = jsonify(jsonrpc="2.0", id=number, error={"code": refused.code, "message": refused.message})
    answer.status_code = status
    return answer
