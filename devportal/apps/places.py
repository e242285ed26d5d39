"""The codes of the places where applications can be bound."""

from __future__ import annotations

from ..crm.kinds import Kind

WITHOUT_ORDER = ["LEAD", "DEAL", "CONTACT", "COMPANY", "QUOTE", "SMART_INVOICE"]
EVERY_KIND = [*WITHOUT_ORDER, "ORDER"]

# template: the kinds that have it; smart processes have all of them
TEMPLATES: dict[str, list[str]] = {
    "CRM_{}_DETAIL_TAB": EVERY_KIND,
    "CRM_{}_DETAIL_ACTIVITY": EVERY_KIND,
    "CRM_{}_DETAIL_TOOLBAR": WITHOUT_ORDER,
    "CRM_{}_LIST_MENU": WITHOUT_ORDER,
    "CRM_{}_LIST_TOOLBAR": EVERY_KIND,
    "CRM_{}_ACTIVITY_TIMELINE_MENU": ["LEAD", "DEAL", "QUOTE", "SMART_INVOICE"],
    "CRM_{}_DOCUMENTGENERATOR_BUTTON": WITHOUT_ORDER,
    "CRM_{}_ROBOT_DESIGNER_TOOLBAR": ["LEAD", "DEAL", "SMART_INVOICE"],
    "CRM_{}_FUNNELS_TOOLBAR": ["SMART_INVOICE"],
}
CRM_PLACES = [
    "CRM_ACTIVITY_LIST_MENU",
    "CRM_FUNNELS_TOOLBAR",
    "CRM_ANALYTICS_MENU",
    "CRM_ANALYTICS_TOOLBAR",
    "CRM_DETAIL_SEARCH",
    "CRM_REQUISITE_AUTOCOMPLETE",
    "CRM_BANK_DETAIL_AUTOCOMPLETE",
    "CRM_INVOICE_LIST_MENU",
    "CRM_INVOICE_LIST_TOOLBAR",
]
OTHER_PLACES = ["LEFT_MENU", "REST_APP_URI", "PAGE_BACKGROUND_WORKER", "IMMOBILE_CONTEXT_MENU", "BI_ANALYTICS_MENU"]

# Only for placement.list; these pages do not exist here.
ELSEWHERE: dict[str, list[str]] = {
    "task": [
        "TASK_LIST_CONTEXT_MENU",
        "TASK_USER_LIST_TOOLBAR",
        "TASK_GROUP_LIST_TOOLBAR",
        "TASK_VIEW_TAB",
        "TASK_VIEW_SIDEBAR",
        "TASK_VIEW_TOP_PANEL",
        "TASK_ROBOT_DESIGNER_TOOLBAR",
    ],
    "user": ["USER_PROFILE_MENU", "USER_PROFILE_TOOLBAR"],
    "sonet_group": ["SONET_GROUP_DETAIL_TAB", "SONET_GROUP_TOOLBAR", "SONET_GROUP_ROBOT_DESIGNER_TOOLBAR"],
    "calendar": ["CALENDAR_GRIDVIEW"],
    "telephony": ["CALL_CARD", "TELEPHONY_ANALYTICS_MENU"],
}

SINGLE_HANDLER = frozenset({"REST_APP_URI", "PAGE_BACKGROUND_WORKER"})
PER_PERSON = frozenset({"PAGE_BACKGROUND_WORKER"})
ACTIVITY = "_DETAIL_ACTIVITY"
# Only these keep OPTIONS; for others, the portal silently drops them.
KEEPS_OPTIONS = (ACTIVITY, "PAGE_BACKGROUND_WORKER", "CRM_BANK_DETAIL_AUTOCOMPLETE")


def codes(kinds: list[Kind], scopes: list[str]) -> list[str]:
    """The codes in a portal with these kinds of cards, for an application with these scopes."""
    found = list(OTHER_PLACES) if "placement" in scopes else []
    if "crm" in scopes:
        dynamic = [kind.code for kind in kinds if kind.code.startswith("DYNAMIC_")]
        for template, names in TEMPLATES.items():
            found += [template.format(name) for name in [*names, *dynamic]]
        found += CRM_PLACES
    for scope in scopes:
        found += ELSEWHERE.get(scope, [])
    return found
