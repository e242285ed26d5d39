"""Parses parameters like PHP: brackets, JSON, multipart, and the casts of older methods."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from ..errors import missing, unsuitable
from ..http import Request

Parameters = dict[str, Any]

MAX_DEPTH = 64


def of_request(request: Request) -> Parameters:
    """The parameters of query and body, of which the body wins; only POST has a body here."""
    found = parse_brackets(request.query) if request.query else {}
    if request.body and request.verb == "POST":
        found.update(of_body(request))
    return found


def of_body(request: Request) -> Parameters:
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return of_json(request.body)
    if kind == "multipart/form-data":
        return of_multipart(request.body, content_type)
    if kind in ("application/x-www-form-urlencoded", ""):
        return parse_brackets(request.body.decode("utf-8", "replace"))
    return {}


def of_json(body: bytes) -> Parameters:
    """Parses JSON; broken JSON counts as an empty body."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def of_multipart(body: bytes, content_type: str) -> Parameters:
    """Parses a multipart form's fields; no method here takes files."""
    mimetype, options = parse_options_header(content_type)
    try:
        _, form, _ = FormDataParser(silent=False).parse(BytesIO(body), mimetype, len(body), options)
    except (ValueError, RequestEntityTooLarge):
        return {}
    return nest(list(form.items(multi=True)))


def parse_brackets(text: str) -> Parameters:
    """Parses `fields[PHONE][0][VALUE]=1` into nested maps; maps with the keys 0..n-1 become lists."""
    return nest(parse_qsl(text, keep_blank_values=True, errors="replace"))


def nest(pairs: list[tuple[str, str]]) -> Parameters:
    root: Parameters = {}
    for name, value in pairs:
        put(root, path_of(name), value)
    return {key: listed(value) for key, value in root.items()}


def path_of(name: str) -> list[str]:
    """`a[b][]` is the path a, b, and "the next free number"."""
    head, bracket, rest = name.partition("[")
    if not bracket or not head or "]" not in rest:
        return [name]
    path = [head]
    for part in rest.split("[", MAX_DEPTH)[:MAX_DEPTH]:
        inner, closing, _ = part.partition("]")
        if not closing:
            break
        path.append(inner)
    return path


def put(root: Parameters, path: list[str], value: str) -> None:
    node = root
    for step in path[:-1]:
        key = step or next_number(node)
        child = node.get(key)
        if not isinstance(child, dict):
            child = node[key] = {}
        node = child
    node[path[-1] or next_number(node)] = value


def next_number(node: Parameters) -> str:
    numbers = [int(key) for key in node if key.isdigit()]
    return str(max(numbers) + 1 if numbers else 0)


def listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: listed(child) for key, child in value.items()}
    if inner and list(inner) == [str(number) for number in range(len(inner))]:
        return list(inner.values())
    return inner


def integer(parameters: Parameters, name: str) -> int:
    """A required whole number, given as a number or as digits."""
    value = parameters.get(name)
    if value is None or value == "":
        raise missing(name)
    number = to_integer(value)
    if number is None:
        raise unsuitable(name, value)
    return number


def to_integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    text = str(value).strip()
    sign, digits = text[:1] == "-", text.lstrip("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return None
    return -int(digits) if sign else int(digits)


def string(parameters: Parameters, name: str) -> str:
    """A required scalar as text."""
    value = parameters.get(name)
    if value is None or isinstance(value, (dict, list)):
        raise missing(name)
    return str(value)


def mapping(value: Any) -> Parameters:
    """A map, even if PHP would see an empty or numbered array."""
    if isinstance(value, list):
        return {str(number): child for number, child in enumerate(value)}
    return value if isinstance(value, dict) else {}


def upper(parameters: Parameters) -> Parameters:
    """Parameters with keys in capitals: placement, event and option methods accept any case."""
    return {key.upper(): value for key, value in parameters.items()}


def is_true(value: Any) -> bool:
    """Whether PHP takes a value as true: the string "false" is."""
    return value not in (None, False, 0, "", "0", 0.0, [], {})
