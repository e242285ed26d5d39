"""Which kinds of cards there are."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...crm.kinds import FIXED, NAMED_ONLY
from ...model.records import SmartType
from ..call import Call
from ..envelope import Page, moment
from ..listing import PAGE, Listing, page_of
from ..parameters import integer
from ..registry import method

# The options of smart processes, and whether they are switched on here.
SETTINGS = {
    "isCategoriesEnabled": "N",
    "isStagesEnabled": "Y",
    "isBeginCloseDatesEnabled": "Y",
    "isClientEnabled": "Y",
    "isUseInUserfieldEnabled": "N",
    "isLinkWithProductsEnabled": "Y",
    "isMycompanyEnabled": "Y",
    "isDocumentsEnabled": "N",
    "isSourceEnabled": "Y",
    "isObserversEnabled": "Y",
    "isRecyclebinEnabled": "N",
    "isAutomationEnabled": "Y",
    "isBizProcEnabled": "N",
    "isSetOpenPermissions": "Y",
    "isPaymentsEnabled": "N",
    "isCountersEnabled": "N",
}
TYPES = {
    "id": "integer",
    "title": "string",
    "code": "string",
    "createdBy": "user",
    "entityTypeId": "integer",
    "customSectionId": "integer",
    **dict.fromkeys(SETTINGS, "boolean"),
    "createdTime": "datetime",
    "updatedTime": "datetime",
    "updatedBy": "user",
}


@method(
    "crm.type.list",
    scopes=("crm",),
    who="CRM administrator",
    refusals=("ACCESS_DENIED", "INVALID_ARG_VALUE"),
    page=PAGE,
)
def types(call: Call) -> Page:
    require_administrator(call)
    rows = [description(call, smart) for smart in call.portal.state.types]
    page = page_of(Listing(TYPES, call.portal.zone).chosen(rows, call.parameters), call.parameters.get("start"))
    return Page({"types": page.rows}, page.total, page.next)


@method("crm.type.get", scopes=("crm",), who="CRM administrator", refusals=("ACCESS_DENIED", "NOT_FOUND", 100))
def get(call: Call) -> dict[str, Any]:
    require_administrator(call)
    number = integer(call.parameters, "id")
    smart = next((row for row in call.portal.state.types if row.id == number), None)
    if smart is None:
        raise errors.ApiError("NOT_FOUND", "SPA not found")
    return {"type": description(call, smart)}


@method("crm.enum.ownertype", scopes=("crm",))
def owner_types(call: Call) -> list[dict[str, Any]]:
    dynamic = [kind for kind in call.portal.cards.kinds() if kind not in FIXED]
    kinds = sorted([*FIXED, *NAMED_ONLY, *dynamic], key=lambda kind: kind.entity_type_id)
    return [
        {
            "ID": kind.entity_type_id,
            "NAME": kind.name,
            "SYMBOL_CODE": kind.code,
            "SYMBOL_CODE_SHORT": kind.short,
        }
        for kind in kinds
    ]


def require_administrator(call: Call) -> None:
    if not call.person.is_admin:
        raise errors.denied("Access denied")


def description(call: Call, smart: SmartType) -> dict[str, Any]:
    created = moment(smart.created_at, call.portal.zone)
    return {
        "id": smart.id,
        "title": smart.title,
        "code": "",
        "createdBy": 1,
        "entityTypeId": smart.entity_type_id,
        "customSectionId": None,
        **SETTINGS,
        "createdTime": created,
        "updatedTime": created,
        "updatedBy": 1,
    }
