"""Converts the values that applications give for fields to stored ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..errors import ApiError
from .fields import Field

TIMES = ("datetime", "date")
LARGEST = 2**63
YES = ("y", "1", "true")


def kept(fields: Mapping[str, Field], given: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """The given values as stored; unknown, read-only and disabled fields are ignored."""
    return {
        name: kept_value(fields[name], value, zone)
        for name, value in given.items()
        if name in fields and not (fields[name].is_read_only or fields[name].is_disabled)
    }


def kept_value(field: Field, value: Any, zone: ZoneInfo) -> Any:
    if field.type == "crm_multifield":
        return value
    if field.is_multiple:
        return [one for one in (kept_one(field, one, zone) for one in several(value)) if one is not None]
    return kept_one(field, value, zone)


def several(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    if isinstance(value, dict):
        return list(value.values())
    if not isinstance(value, list):
        kind = {"str": "string", "int": "integer", "float": "double", "bool": "boolean"}[type(value).__name__]
        raise ApiError(100, f"Expected iterable value for multiple field, but got {kind} instead")
    return value


def kept_one(field: Field, value: Any, zone: ZoneInfo) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, (dict, list)):
        raise not_valid(field)
    if field.type in ("boolean", "char"):
        return "Y" if str(value).lower() in YES else "N"
    if field.type in ("string", "text", "crm_status", "crm_currency"):
        return str(value)
    if field.type in TIMES:
        return kept_time(field, str(value), zone)
    return kept_number(field, str(value))


def kept_time(field: Field, text: str, zone: ZoneInfo) -> str:
    """A time in the portal's zone; a date becomes its midnight."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise not_valid(field) from None
    if field.type == "date":
        moment = moment.replace(hour=0, minute=0, second=0)
    return moment.replace(microsecond=0).isoformat()


def kept_number(field: Field, text: str) -> float | int:
    try:
        number = float(text) if field.type == "double" else int(text)
    except ValueError:
        raise not_valid(field) from None
    if not -LARGEST < number < LARGEST:
        raise not_valid(field)
    return number


def not_valid(field: Field) -> ApiError:
    return ApiError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f'Invalid value for field "{field.name}"')
