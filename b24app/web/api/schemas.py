"""The shapes of what machines send and get, as JSON Schema for the OpenAPI document."""

from typing import Any

from b24app.bitrix24.entities import TYPE_IDS
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE
from b24app.services.machines.requests import LONGEST_URL, MOST_CARDS

Schema = dict[str, Any]

LARGEST_NUMBER = 10**18 - 1
KIND: Schema = {
    "description": "A kind of card by its name, or the number of an entity type, such as a smart process.",
    "oneOf": [
        {"type": "string", "enum": sorted(code.lower() for code in TYPE_IDS)},
        {"type": "integer", "minimum": 1, "maximum": 10**9 - 1},
    ],
}
CARD: Schema = {
    "type": "object",
    "required": ["type", "id"],
    "additionalProperties": False,
    "properties": {"type": KIND, "id": {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}},
}
NEW_ENTRY: Schema = {
    "type": "object",
    "required": ["card"],
    "additionalProperties": False,
    "properties": {
        "card": {"$ref": "#/components/schemas/Card"},
        "icon": {"type": "string", "description": "A code of /icons; may come from the template."},
        "title": {"type": "string", "maxLength": LONGEST_TITLE, "description": "Required, unless a template has it."},
        "text": {"type": "string", "maxLength": LONGEST_TEXT, "description": "Required, unless a template has it."},
        "template": {"type": "string", "description": "The id or name of one of /templates."},
        "values": {
            "type": "object",
            "description": "What the template's placeholders stand for; number, author and days need not be given.",
            "additionalProperties": {"type": "string"},
        },
        "also_on": {
            "type": "array",
            "maxItems": MOST_CARDS,
            "items": {"$ref": "#/components/schemas/Card"},
            "description": "More cards on which the entry appears.",
        },
        "happened_at": {"type": "string", "format": "date-time", "description": "When it happened, if not now."},
        "callback_url": {
            "type": "string",
            "format": "uri",
            "maxLength": LONGEST_URL,
            "description": "A public https address that is told once how the entry ended; the POST is signed.",
        },
    },
}
ID: Schema = {"type": "string", "pattern": "^[1-9][0-9]{0,17}$"}
RECEIPT: Schema = {
    "type": "object",
    "required": ["id", "state", "card"],
    "properties": {"id": ID, "state": {"const": "waiting"}, "card": {"$ref": "#/components/schemas/Card"}},
}
STATE: Schema = {"type": "string", "enum": ["waiting", "posted", "failed", "deleted"]}
ENTRY: Schema = {
    "type": "object",
    "required": ["id", "state", "reason", "bitrix_id", "written_at"],
    "properties": {
        "id": ID,
        "state": STATE,
        "reason": {
            "type": ["string", "null"],
            "description": "Bitrix24's code for why it waits or failed, such as ACCESS_DENIED.",
        },
        "bitrix_id": {"type": ["integer", "null"], "description": "The number on the timeline, once it is there."},
        "written_at": {"type": "string", "format": "date-time"},
    },
}
DELETED: Schema = {"type": "object", "required": ["id", "state"], "properties": {"id": ID, "state": STATE}}
ICONS: Schema = {
    "type": "object",
    "required": ["icons"],
    "properties": {
        "icons": {
            "type": "array",
            "items": {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}},
        }
    },
}
TEMPLATE: Schema = {
    "type": "object",
    "required": ["id", "name", "title", "text", "icon", "kinds", "values"],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "name", "title", "text", "icon")},
        "kinds": {"type": "array", "items": KIND, "description": "Kinds of cards; none means all."},
        "values": {"type": "array", "items": {"type": "string"}, "description": "The placeholders in it."},
    },
}
TEMPLATES: Schema = {
    "type": "object",
    "required": ["templates"],
    "properties": {"templates": {"type": "array", "items": {"$ref": "#/components/schemas/Template"}}},
}
PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "request_id")},
        "status": {"type": "integer"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
SCHEMAS: dict[str, Schema] = {
    "Card": CARD,
    "NewEntry": NEW_ENTRY,
    "Receipt": RECEIPT,
    "Entry": ENTRY,
    "Deleted": DELETED,
    "Icons": ICONS,
    "Template": TEMPLATE,
    "Templates": TEMPLATES,
    "Problem": PROBLEM,
}
