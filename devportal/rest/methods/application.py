"""Methods about the application and the portal themselves."""

from __future__ import annotations

from typing import Any

from ...errors import ApiError
from ..call import Call
from ..envelope import moment
from ..parameters import is_true, upper
from ..registry import METHODS, method
from ..scopes import EVERY_SCOPE

BASIC_SCOPE = "basic"
FEATURES = {"rest_offline_extended": "Y", "rest_auth_connector": "Y"}


@method("app.info")
def info(call: Call) -> dict[str, Any]:
    installation = call.caller.installation
    return {
        "ID": call.caller.application.id,
        "CODE": call.caller.application.code,
        "VERSION": installation.version,
        "STATUS": installation.status,
        "INSTALLED": installation.is_finished,
        "PAYMENT_EXPIRED": "Y" if installation.is_expired else "N",
        "DAYS": installation.days_left,
        "LANGUAGE_ID": call.portal.state.language,
        **call.portal.licence,
    }


@method("server.time")
def server_time(call: Call) -> str:
    return moment(call.portal.clock.now(), call.portal.zone)


@method("scope")
def scope(call: Call) -> list[str]:
    if is_true(call.parameters.get("full")):
        return [BASIC_SCOPE, *EVERY_SCOPE]
    return list(call.caller.scopes)


@method("method.get")
def method_get(call: Call) -> dict[str, bool]:
    name = str(call.parameters.get("name") or "").lower()
    found = METHODS.get(name)
    has_scope = found is not None and (not found.scopes or any(one in call.caller.scopes for one in found.scopes))
    return {"isExisting": found is not None or name == "batch", "isAvailable": has_scope or name == "batch"}


@method("methods", fidelity="complete (deprecated in favour of method.get)")
def methods(call: Call) -> list[str]:
    wanted = call.parameters.get("scope")
    names = ["batch", *METHODS]
    if wanted is not None:
        return [name for name in METHODS if str(wanted) in (METHODS[name].scopes or (BASIC_SCOPE,))]
    if is_true(call.parameters.get("full")):
        return sorted(names)
    known = [name for name, row in METHODS.items() if set(row.scopes) & set(call.caller.scopes) or not row.scopes]
    return sorted(["batch", *known])


@method("feature.get", refusals=("CODE_EMPTY",), fidelity="two codes, all others N")
def feature(call: Call) -> dict[str, str]:
    code = upper(call.parameters).get("CODE")
    if not code:
        raise ApiError("CODE_EMPTY", "CODE can't be empty")
    return {"value": FEATURES.get(str(code), "N")}
