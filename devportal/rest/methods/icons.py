"""The icons that log messages may have."""

from __future__ import annotations

from typing import Any

from ... import errors
from ..call import Call
from ..envelope import Page, php_rows
from ..parameters import string
from ..registry import method


@method(
    "crm.timeline.icon.add",
    scopes=("crm",),
    who="administrator",
    refusals=("ACCESS_DENIED", "INVALID_ARG_VALUE", 100, 0),
)
def add(call: Call) -> dict[str, Any]:
    require_administrator(call)
    code, content = string(call.parameters, "code"), string(call.parameters, "fileContent")
    icon = call.portal.icons.add(code, content)
    return {"icon": call.portal.icons.get(icon.code)}


@method("crm.timeline.icon.get", scopes=("crm",), refusals=("NOT_FOUND", 100))
def get(call: Call) -> dict[str, Any]:
    return {"icon": call.portal.icons.get(string(call.parameters, "code"))}


@method("crm.timeline.icon.list", scopes=("crm",))
def icons(call: Call) -> Page:
    known = call.portal.icons
    codes = [*known.system_codes, *(icon.code for icon in known.custom)]
    rows = [known.get(code) for code in codes]
    return Page({"icons": php_rows(rows, call.portal.state.dialect)}, len(codes))


@method("crm.timeline.icon.delete", scopes=("crm",), who="administrator", refusals=("ACCESS_DENIED", "NOT_FOUND", 100))
def delete(call: Call) -> bool:
    require_administrator(call)
    call.portal.icons.delete(string(call.parameters, "code"))
    return True


def require_administrator(call: Call) -> None:
    if not call.person.is_admin:
        raise errors.denied()
