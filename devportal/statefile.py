"""Plain values to JSON and back, guided by their types: the file that lets a portal survive a restart."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def save(path: Path, text: str) -> None:
    """Written beside and moved into place, readable by its owner only: it holds tokens."""
    beside = path.with_name(f"{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def load(path: Path, kind: type[Value]) -> Value:
    """Raises ValueError when the file is not one of ours."""
    try:
        made: Value = read(json.loads(path.read_text("utf-8")), kind)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path} is not a state file of this version") from error
    return made


def encode(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(child) for child in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime) else value


def read(value: Any, kind: Any) -> Any:
    """A JSON value as the kind of value that it was."""
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = hints_of(kind)
        return kind(**{name: read(child, hints[name]) for name, child in value.items()})
    if origin is dict:
        return {read_key(key, inner[0]): read(child, inner[1]) for key, child in value.items()}
    if origin is list:
        return [read(child, inner[0]) for child in value]
    if origin is tuple:
        return tuple(read(child, one) for child, one in zip(value, inner, strict=True))
    if kind is bytes:
        return base64.b64decode(value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is Any or origin is Literal:
        return value
    if origin is UnionType:
        return None if value is None else read(value, inner[0])
    return kind(value)


def read_key(key: str, kind: Any) -> Any:
    return int(key) if kind is int else key


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
