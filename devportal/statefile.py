"""Converts plain values to JSON and back, by their types, for the state file."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def save(path: Path, text: str) -> None:
    """Replaces the file atomically; only its owner may read it, since it holds tokens."""
    beside = path.with_name(f"{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def load(path: Path, kind: type[Value]) -> Value:
    """Raises ValueError when the file is not a state file."""
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
    """Converts a JSON value to the type that it had."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return read_dataclass(value, kind)
    if origin in COLLECTIONS:
        return COLLECTIONS[origin](value, inner)
    if origin is UnionType:
        return None if value is None else read(value, inner[0])
    if kind is Any or origin is Literal:
        return value
    return SCALARS.get(kind, kind)(value)


def read_dataclass(value: dict[str, Any], kind: Any) -> Any:
    """Fields may still be stored under their earlier names."""
    hints = hints_of(kind)
    names = {field.metadata.get("earlier_name"): field.name for field in fields(kind)}
    stored = {names.get(name, name): child for name, child in value.items()}
    return kind(**{name: read(child, hints[name]) for name, child in stored.items()})


def read_dict(value: dict[str, Any], inner: tuple[Any, ...]) -> dict[Any, Any]:
    return {read_key(key, inner[0]): read(child, inner[1]) for key, child in value.items()}


def read_list(value: list[Any], inner: tuple[Any, ...]) -> list[Any]:
    return [read(child, inner[0]) for child in value]


def read_tuple(value: list[Any], inner: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(read(child, one) for child, one in zip(value, inner, strict=True))


COLLECTIONS: dict[Any, Callable[[Any, tuple[Any, ...]], Any]] = {dict: read_dict, list: read_list, tuple: read_tuple}
SCALARS: dict[Any, Callable[[Any], Any]] = {bytes: base64.b64decode, datetime: datetime.fromisoformat}


def read_key(key: str, kind: Any) -> Any:
    return int(key) if kind is int else key


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
