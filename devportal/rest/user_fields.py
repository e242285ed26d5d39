"""The fields of people that an application may read, by scope."""

from __future__ import annotations

from typing import Any

from ..clock import Clock
from ..crm.departments import departments_of
from ..model.people import Person

ALWAYS = ["ID", "XML_ID", "ACTIVE", "NAME", "LAST_NAME", "SECOND_NAME", "TITLE", "IS_ONLINE", "TIME_ZONE"]
PLACES = ["CITY", "STATE", "COUNTRY"]
BRIEF = [
    *ALWAYS,
    *("TIMESTAMP_X", "DATE_REGISTER", "LAST_ACTIVITY_DATE", "PERSONAL_PHOTO", "PERSONAL_PROFESSION"),
    *("PERSONAL_GENDER", "PERSONAL_BIRTHDAY", "WORK_POSITION"),
    *(f"{group}_{name}" for group in ("PERSONAL", "WORK") for name in PLACES),
    *("UF_EMPLOYMENT_DATE", "UF_TIMEMAN", "UF_SKILLS", "UF_INTERESTS", "UF_DEPARTMENT", "UF_PHONE_INNER"),
]
CONTACT = ["PHONE", "FAX", "PAGER", "STREET", "MAILBOX", "ZIP", "NOTES"]
BASIC = [
    *BRIEF,
    *(f"{group}_{name}" for group in ("PERSONAL", "WORK") for name in CONTACT),
    *("EMAIL", "PERSONAL_MOBILE", "WORK_COMPANY", "WORK_DEPARTMENT", "WORK_WWW", "WORK_PROFILE", "WORK_LOGO"),
    *("UF_DISTRICT", "UF_SKYPE", "UF_SKYPE_LINK", "UF_ZOOM", "UF_TWITTER", "UF_FACEBOOK", "UF_LINKEDIN", "UF_XING"),
    "UF_WEB_SITES",
]
FULL = [*BASIC, "LAST_LOGIN", "PERSONAL_WWW", "PERSONAL_ICQ"]
SCOPES = {"user": FULL, "user_basic": BASIC, "user_brief": BRIEF}

TYPES = {
    **dict.fromkeys(FULL, "string"),
    "ID": "integer",
    "ACTIVE": "boolean",
    "UF_DEPARTMENT": "integer",
    "USER_TYPE": "string",
    **dict.fromkeys(("DATE_REGISTER", "LAST_LOGIN", "LAST_ACTIVITY_DATE", "TIMESTAMP_X"), "datetime"),
    **dict.fromkeys(("PERSONAL_BIRTHDAY", "UF_EMPLOYMENT_DATE"), "date"),
}


def names_for(scopes: list[str]) -> list[str]:
    """The fields of the widest scope."""
    return next((names for scope, names in SCOPES.items() if scope in scopes), BRIEF)


def record(person: Person, clock: Clock, scopes: list[str]) -> dict[str, Any]:
    """The fields that the scopes allow; missing values are empty strings."""
    now = clock.datetime(person.time_zone).replace(microsecond=0).isoformat()
    known: dict[str, Any] = {
        "ID": str(person.id),
        "ACTIVE": person.is_active,
        "NAME": person.name,
        "LAST_NAME": person.last_name,
        "EMAIL": f"{person.name}.{person.last_name}@portal.example".lower(),
        "WORK_POSITION": person.position,
        "TIME_ZONE": person.time_zone,
        "IS_ONLINE": "Y" if person.is_active else "N",
        "DATE_REGISTER": "2024-01-15T00:00:00+00:00",
        "LAST_LOGIN": now,
        "LAST_ACTIVITY_DATE": now,
        "TIMESTAMP_X": now,
        "UF_DEPARTMENT": departments_of(person),
    }
    return {name: known.get(name, "") for name in names_for(scopes)} | {"USER_TYPE": "employee"}
