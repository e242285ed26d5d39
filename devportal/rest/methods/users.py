"""The people of the portal, their departments, and a notification to one of them."""

from __future__ import annotations

from typing import Any

from ...crm import departments
from ...errors import ApiError
from ...model.records import Notification
from .. import user_fields
from ..call import Call
from ..envelope import Page
from ..listing import PAGE, Listing, page_of, selected
from ..parameters import mapping, to_integer, upper
from ..registry import method

SCOPES = ("user", "user_brief", "user_basic")
MAX_ATTACHMENT = 60_000


@method("user.current", scopes=SCOPES)
def current(call: Call) -> dict[str, Any]:
    return user_fields.record(call.person, call.portal.clock, call.caller.scopes)


@method("user.get", scopes=SCOPES, page=PAGE, fidelity="complete but for ADMIN_MODE and pictures, which nobody has")
def users(call: Call) -> Page:
    given, zone = upper(call.parameters), call.portal.zone
    rows = [user_fields.record(person, call.portal.clock, call.caller.scopes) for person in call.portal.people]
    conditions = mapping(given.get("FILTER")) or {
        name: value for name, value in given.items() if name in user_fields.TYPES
    }
    searched = [row for row in rows if is_found(row, upper(conditions).get("NAME_SEARCH"))]
    listing = Listing(user_fields.TYPES, zone, is_strict=False)
    chosen = listing.chosen(searched, {"filter": conditions, "order": order_of(given)})
    page = page_of(chosen, given.get("START"))
    return Page([selected(row, given.get("SELECT")) for row in page.rows], page.total, page.next)


@method("department.get", scopes=("department",), page=PAGE)
def department_list(call: Call) -> Page:
    given = upper(call.parameters)
    conditions: dict[str, Any] = {name: given[name] for name in ("ID", "NAME", "PARENT", "UF_HEAD") if name in given}
    order = order_of(given)
    if to_integer(given.get("SORT")) is not None:
        conditions, order = {**conditions, "SORT": given["SORT"]}, {}
    listing = Listing(departments.TYPES, call.portal.zone, is_strict=False)
    rows = departments.departments(call.portal.name)
    return page_of(listing.chosen(rows, {"filter": conditions, "order": order}), given.get("START"))


@method(
    "im.notify",
    scopes=("im",),
    refusals=("USER_ID_EMPTY", "MESSAGE_EMPTY", "ATTACH_OVERSIZE"),
    fidelity="kept in the portal's state; attachments are not checked",
)
def notify(call: Call) -> int:
    given = upper(call.parameters)
    user_id, message = addressed(given)
    state, tag = call.portal.state, str(given.get("TAG") or "")
    kept = [one for one in state.notifications if not tag or (one.tag, one.client_id) != (tag, call.client_id)]
    kind = "SYSTEM" if str(given.get("TYPE")).upper() == "SYSTEM" else "USER"
    number = state.next_id("notification")
    state.notifications[:] = [*kept, Notification(number, user_id, call.person.id, kind, message, tag, call.client_id)]
    return number


def addressed(given: dict[str, Any]) -> tuple[int, str]:
    """The recipient and text of a notification; raises `ApiError` if one is missing or too long."""
    user_id, message = to_integer(given.get("USER_ID") or 0) or 0, str(given.get("MESSAGE") or "").strip()
    if user_id <= 0:
        raise ApiError("USER_ID_EMPTY", "User ID can't be empty")
    if not message:
        raise ApiError("MESSAGE_EMPTY", "Message can't be empty")
    if len(str(given.get("ATTACH") or "")) > MAX_ATTACHMENT:
        raise ApiError("ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach")
    return user_id, message


def order_of(given: dict[str, Any]) -> dict[str, Any]:
    """The field in `sort` and the direction in `order`; by default ascending ids."""
    return {str(given.get("SORT") or "ID"): given.get("ORDER") or "ASC"}


def is_found(row: dict[str, Any], words: Any) -> bool:
    """Whether each word of a quick search begins a name, the position or the address."""
    parts = " ".join(str(row.get(name, "")) for name in ("NAME", "LAST_NAME", "WORK_POSITION", "EMAIL")).casefold()
    return all(any(part.startswith(word) for part in parts.split()) for word in str(words or "").casefold().split())
