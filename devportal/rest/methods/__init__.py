"""The methods themselves; importing this package registers them."""

from . import (
    application,
    bizproc,
    crm_activities,
    crm_classic,
    crm_directories,
    crm_items,
    crm_types,
    events,
    icons,
    log_messages,
    options,
    people,
    placements,
    timeline_bindings,
    timeline_pins,
    users,
)

__all__ = [
    "application",
    "bizproc",
    "crm_activities",
    "crm_classic",
    "crm_directories",
    "crm_items",
    "crm_types",
    "events",
    "icons",
    "log_messages",
    "options",
    "people",
    "placements",
    "timeline_bindings",
    "timeline_pins",
    "users",
]
