"""Parses the fields of a program's request, JSON or form, strictly."""

import json
import re
from typing import Any

from flask import request

from b24app.web.api.problems import Problem

DEEPEST = 8
# card[type], also_on[0][id]; names have at most as many parts as JSON may have levels.
NAME = re.compile(r"([a-z_]{1,40})((?:\[[A-Za-z0-9_]{1,40}\]){0,4})", re.ASCII)
PART = re.compile(r"\[([^\]]*)\]")
LISTS = {"also_on"}


def fields() -> dict[str, Any]:
    """The fields of this request; raises Problem with 400, 413 or 415."""
    if request.mimetype == "application/json":
        return _object(read_json(request.get_data()))
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return _form()
    raise Problem(415, "Send application/json, or application/x-www-form-urlencoded.", headers={"Accept": ACCEPTED})


ACCEPTED = "application/json, application/x-www-form-urlencoded"


def read_json(body: bytes) -> Any:
    """JSON in UTF-8 without duplicate names, special numbers or deep nesting; raises Problem with 400."""
    try:
        found = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Problem(400, "The body is not UTF-8.") from None
    except RecursionError:
        raise Problem(400, "The JSON is nested too deeply.") from None
    except ValueError:
        raise Problem(400, "The body is not valid JSON.") from None
    _check_depth(found)
    return found


def _object(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Problem(400, "The body must be a JSON object.")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise Problem(400, "An object has the same name twice.")
    return dict(pairs)


def _no_constant(_name: str) -> None:
    raise ValueError


def _check_depth(found: Any) -> None:
    """Raise Problem for deep nesting; iterative, since recursion would fail for the same input."""
    level = [found]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise Problem(400, "The JSON is nested too deeply.")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _form() -> dict[str, Any]:
    found: dict[str, Any] = {}
    if request.files:
        raise Problem(400, "Files are not taken.")
    for name, values in request.form.lists():
        match = NAME.fullmatch(name)
        if not match:
            raise Problem(400, "A field of the form has a name that cannot be read.")
        if len(values) > 1:
            raise Problem(400, "A field of the form is given twice.")
        _put(found, [match[1], *PART.findall(match[2])], values[0])
    return {name: _listed(value) if name in LISTS else value for name, value in found.items()}


def _put(found: dict[str, Any], path: list[str], value: str) -> None:
    *folders, last = path
    for folder in folders:
        found = found.setdefault(folder, {})
        if not isinstance(found, dict):
            raise Problem(400, "A field of the form is both a text and an object.")
    if last in found:
        raise Problem(400, "A field of the form is both a text and an object.")
    found[last] = value


def _listed(value: Any) -> Any:
    """A list from a map with keys from 0 on, as PHP's forms encode it."""
    if not isinstance(value, dict) or not all(key.isdecimal() for key in value):
        return value
    return [value[key] for key in sorted(value, key=int)]
