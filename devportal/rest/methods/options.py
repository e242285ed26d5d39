"""Settings that the portal keeps for an application, for all or per person."""

from __future__ import annotations

from typing import Any

from ...errors import ApiError
from ..call import Call
from ..parameters import mapping
from ..registry import method


@method("app.option.get")
def app_get(call: Call) -> Any:
    return chosen(call, call.caller.installation.options)


@method("app.option.set", who="administrator", refusals=("AccessException", "ArgumentNullException"))
def app_set(call: Call) -> bool:
    if not call.person.is_admin:
        raise ApiError("AccessException", "Administrator authorization required")
    call.caller.installation.options.update(given(call))
    return True


@method("user.option.get")
def user_get(call: Call) -> Any:
    return chosen(call, call.caller.installation.user_options.get(call.person.id, {}))


@method("user.option.set", refusals=("ArgumentNullException",))
def user_set(call: Call) -> bool:
    own = call.caller.installation.user_options.setdefault(call.person.id, {})
    own.update(given(call))
    return True


def chosen(call: Call, options: dict[str, Any]) -> Any:
    """All options, or the named one; None if it does not exist."""
    name = call.parameters.get("option")
    return dict(options) if name in (None, "") else options.get(str(name))


def given(call: Call) -> dict[str, Any]:
    options = mapping(call.parameters.get("options"))
    if not options:
        raise ApiError("ArgumentNullException", "options is empty")
    return options
