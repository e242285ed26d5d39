"""Calls of a telephone system outside, and the empty drive, as documented."""

from typing import Any

import pytest

from devportal import Portal
from tests.devportal.client import Caller

REGISTER = "telephony.externalCall.register"
CALL: dict[str, Any] = {"USER_ID": 7, "PHONE_NUMBER": "+49 30 5550-101", "TYPE": 2}


@pytest.fixture(autouse=True)
def scopes(portal: Portal) -> None:
    portal.application.scope = "telephony,disk"


def test_a_call_is_registered_with_its_client(employee: Caller) -> None:
    call = employee.result(REGISTER, **CALL, CRM_ENTITY_TYPE="CONTACT", CRM_ENTITY_ID="1")
    assert call.pop("CALL_ID").startswith("externalCall.")
    assert call == {
        "CRM_CREATED_LEAD": None,
        "CRM_CREATED_ENTITIES": [],
        "CRM_ENTITY_TYPE": "CONTACT",
        "CRM_ENTITY_ID": 1,
    }


def test_the_same_call_keeps_its_id_for_half_an_hour(portal: Portal, employee: Caller) -> None:
    first = employee.result(REGISTER, **CALL)["CALL_ID"]
    portal.clock.advance(1700)
    assert employee.result(REGISTER, **CALL, CRM_ENTITY_TYPE="LEAD")["CALL_ID"] == first
    assert employee.result(REGISTER, **CALL, EXTERNAL_CALL_ID="b")["CALL_ID"] != first
    portal.clock.advance(200)
    assert employee.result(REGISTER, **CALL)["CALL_ID"] != first


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"USER_ID": ""}, "USER_ID or USER_PHONE_INNER should be set"),
        ({"USER_ID": 99}, "User is not found or is not active"),
        ({"TYPE": 6}, "Unknown TYPE"),
        ({"PHONE_NUMBER": "nobody"}, "Unsupported phone number format"),
        ({"CALL_START_DATE": "yesterday"}, "CALL_START_DATE should be in the ISO-8601 format"),
    ],
)
def test_a_call_that_cannot_be_is_refused(employee: Caller, changes: dict[str, Any], words: str) -> None:
    body = employee(REGISTER, **(CALL | changes))
    assert (body["error"], body["error_description"]) == ("ERROR_CORE", words)


def test_there_are_no_files(employee: Caller) -> None:
    assert employee.error("disk.file.get", ID=1) == 100
    assert employee.error("disk.file.get", id="") == "ERROR_ARGUMENT"
    assert employee("disk.file.get", id=1)["error_description"] == "Could not find entity with id `1`"
