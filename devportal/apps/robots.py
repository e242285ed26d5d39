"""Runs robots like a portal's queue: one POST to the handler, with the document and a person's tokens."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from ..errors import ApiError
from ..model.people import Person
from ..model.portal_state import PortalState
from ..model.robots import Robot, RobotRun
from .events import Events, flattened

DOCUMENT_CLASSES = {
    "LEAD": "CCrmDocumentLead",
    "DEAL": "CCrmDocumentDeal",
    "CONTACT": "CCrmDocumentContact",
    "COMPANY": "CCrmDocumentCompany",
    "QUOTE": "Bitrix\\Crm\\Integration\\BizProc\\Document\\Quote",
    "SMART_INVOICE": "Bitrix\\Crm\\Integration\\BizProc\\Document\\SmartInvoice",
}
DIALOG = "BIZPROC_ACTIVITY_PROPERTIES_DIALOG"
FIELD = re.compile(r"\{=Document:([A-Za-z0-9_.]+)\}")
DYNAMIC = "Bitrix\\Crm\\Integration\\BizProc\\Document\\Dynamic"


def find(state: PortalState, kind: str, code: str, client_id: str) -> Robot | None:
    fitting = (robot for robot in state.robots if (robot.kind, robot.code, robot.client_id) == (kind, code, client_id))
    return next(fitting, None)


def is_taken(state: PortalState, code: str, client_id: str) -> bool:
    """Whether a code is taken: an application's robots and activities share their codes."""
    return any((robot.code, robot.client_id) == (code, client_id) for robot in state.robots)


def dialogs(state: PortalState, client_id: str) -> list[Robot]:
    """The robots with a frame in their dialog, which portals list among the placements."""
    return [robot for robot in state.robots if robot.client_id == client_id and robot.dialog]


def filled(text: str, fields: Mapping[str, Any]) -> str:
    """The text with placeholders replaced by the card's field values."""
    return FIELD.sub(lambda match: str(fields.get(match[1]) or ""), text)


def fire(
    state: PortalState,
    events: Events,
    client_id: str,
    code: str,
    document: str,
    properties: dict[str, Any],
    person: Person,
    *,
    is_awaited: bool = False,
) -> RobotRun:
    """Run a robot on `DEAL_5` as this person; the POST is sent in the background, like an event."""
    robot = find(state, "robot", code, client_id) or find(state, "activity", code, client_id)
    installation = state.installation(client_id)
    if robot is None or installation is None:
        raise ApiError("NOT_FOUND", f"There is no robot {code}")
    run = RobotRun(secrets.token_hex(16), code, document, client_id, is_awaited)
    state.robot_runs[run.token] = run
    kind = document.rpartition("_")[0]
    auth = events.tokens(installation, person) | {"WORKFLOW_ID": run.token[:13], "ACTIVITY_NAME": "A1", "CODE": code}
    fields = {
        "workflow_id": run.token[:13],
        "code": code,
        "event_token": run.token,
        "use_subscription": "Y" if is_awaited else "N",
        "timeout_duration": "0",
        **flattened("document_id", ["crm", DOCUMENT_CLASSES.get(kind, DYNAMIC), document]),
        **flattened("document_type", ["crm", DOCUMENT_CLASSES.get(kind, DYNAMIC), kind]),
        **flattened("properties", properties),
        **flattened("auth", auth),
    }
    events.post(f"robot {code}", robot.handler, fields, client_id)
    return run
