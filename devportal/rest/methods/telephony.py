"""Registers calls of external telephone systems."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from typing import Any

from ...errors import ApiError
from ..call import Call
from ..parameters import to_integer, upper
from ..registry import method

MEMORY_SECONDS = 1800
KINDS = (1, 2, 3, 4, 5)
PHONE = re.compile(r"\+?[\d\s().-]*\d[\d\s().-]*")


@method(
    "telephony.externalcall.register",
    scopes=("telephony",),
    refusals=("ERROR_CORE",),
    fidelity="the client is the one that is named; no lead is made, no form is shown, nobody has an inner number",
)
def register(call: Call) -> dict[str, Any]:
    """Registers a call; the same call within half an hour keeps its id."""
    given = upper(call.parameters)
    require(call, given)
    distinct = ("PHONE_NUMBER", "TYPE", "USER_ID", "USER_PHONE_INNER", "LINE_NUMBER", "EXTERNAL_CALL_ID")
    key = sha256(repr([call.client_id, *(str(given.get(name, "")) for name in distinct)]).encode()).hexdigest()[:32]
    calls, now = call.portal.state.external_calls, int(call.portal.clock.now())
    if now - calls.get(key, 0) > MEMORY_SECONDS:
        calls[key] = now
    named = str(given.get("CRM_ENTITY_TYPE") or ""), to_integer(given.get("CRM_ENTITY_ID") or 0)
    return {
        "CALL_ID": f"externalCall.{key}.{calls[key]}",
        "CRM_CREATED_LEAD": None,
        "CRM_CREATED_ENTITIES": [],
        "CRM_ENTITY_TYPE": named[0] or None,
        "CRM_ENTITY_ID": named[1] or None,
    }


def require(call: Call, given: dict[str, Any]) -> None:
    person = call.portal.state.person(to_integer(given.get("USER_ID") or 0) or 0)
    wrong = {
        "USER_ID or USER_PHONE_INNER should be set": not given.get("USER_ID") and not given.get("USER_PHONE_INNER"),
        "User is not found or is not active": person is None or not person.is_active,
        "Unknown TYPE": to_integer(given.get("TYPE") or 0) not in KINDS,
        "Unsupported phone number format": not PHONE.fullmatch(str(given.get("PHONE_NUMBER") or "")),
        "CALL_START_DATE should be in the ISO-8601 format": not is_moment(given.get("CALL_START_DATE")),
    }
    if words := next((words for words, is_wrong in wrong.items() if is_wrong), ""):
        raise ApiError("ERROR_CORE", words)


def is_moment(value: Any) -> bool:
    try:
        return not value or bool(datetime.fromisoformat(str(value)))
    except ValueError:
        return False
