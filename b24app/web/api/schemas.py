"""The JSON Schemas of requests and answers for the OpenAPI document."""

from typing import Any

from b24app.bitrix24.entities import FIRST_SMART_PROCESS, TYPE_IDS
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE
from b24app.services.machines.requests import LARGEST_NUMBER, LONGEST_URL, MOST_CARDS
from b24app.services.settings.placeholders import NAMES as PLACEHOLDERS

Schema = dict[str, Any]

KIND: Schema = {
    "description": "A kind of card by its name, or the number of an entity type, such as a smart process.",
    "oneOf": [
        {"type": "string", "enum": sorted(code.lower() for code in TYPE_IDS)},
        {"type": "integer", "enum": sorted(TYPE_IDS.values())},
        {"type": "integer", "minimum": FIRST_SMART_PROCESS, "maximum": 10**9 - 1},
    ],
}
NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}
CARD: Schema = {
    "type": "object",
    "required": ["type", "id"],
    "additionalProperties": False,
    "properties": {"type": KIND, "id": NUMBER},
}
VALUE: Schema = {"type": ["string", "integer"]}
WORDS: Schema = {
    "icon": {"type": "string", "minLength": 1, "description": "A code of /icons; required, unless a template has it."},
    "title": {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_TITLE,
        "description": "Required, unless a template has it.",
    },
    "text": {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_TEXT,
        "description": "Required, unless a template has it.",
    },
    "template": {"type": "string", "minLength": 1, "description": "The id or name of one of /templates."},
    "happened_at": {"type": "string", "format": "date-time", "description": "When it happened, if not now."},
    "callback_url": {
        "type": "string",
        "format": "uri",
        "maxLength": LONGEST_URL,
        "description": "A public https address that is told once how the entry ended; the POST is signed.",
    },
}
HAS_WORDS: list[Schema] = [{"required": ["icon", "title", "text"]}, {"required": ["template"]}]
NEW_ENTRY: Schema = {
    "type": "object",
    "required": ["card"],
    "anyOf": HAS_WORDS,
    "additionalProperties": False,
    "properties": {
        "card": {"$ref": "#/components/schemas/Card"},
        **WORDS,
        "values": {
            "type": "object",
            "description": "What the template's placeholders stand for; number, author and days need not be given.",
            "properties": dict.fromkeys(PLACEHOLDERS, VALUE),
            "additionalProperties": VALUE,
        },
        "also_on": {
            "type": "array",
            "maxItems": MOST_CARDS,
            "items": {"$ref": "#/components/schemas/Card"},
            "description": "More cards on which the entry appears.",
        },
    },
    "dependentRequired": {"values": ["template"]},
}
# OpenAPI has no style for lists of objects in forms, so each field is described by its full name.
NEW_ENTRY_FORM: Schema = {
    "type": "object",
    "required": ["card[type]", "card[id]"],
    "anyOf": HAS_WORDS,
    "additionalProperties": False,
    "properties": {
        "card[type]": KIND,
        "card[id]": NUMBER,
        **WORDS,
        **{f"values[{name}]": VALUE for name in PLACEHOLDERS},
        "also_on[0][type]": {**KIND, "description": "The first of more cards on which the entry appears."},
        "also_on[0][id]": NUMBER,
    },
    "dependentRequired": {
        **{f"values[{name}]": ["template"] for name in PLACEHOLDERS},
        "also_on[0][type]": ["also_on[0][id]"],
        "also_on[0][id]": ["also_on[0][type]"],
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
    "NewEntryForm": NEW_ENTRY_FORM,
    "Receipt": RECEIPT,
    "Entry": ENTRY,
    "Deleted": DELETED,
    "Icons": ICONS,
    "Template": TEMPLATE,
    "Templates": TEMPLATES,
    "Problem": PROBLEM,
}
