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
    "users",
]
