"""The description of the API: an OpenAPI 3.1 document, and a page made from it."""

from typing import Any

from flask import Blueprint, Response, jsonify

from b24app.context import config
from b24app.version import VERSION
from b24app.web import frame
from b24app.web.api.problems import KINDS, MEDIA_TYPE
from b24app.web.api.schemas import ID, SCHEMAS

blueprint = Blueprint("description", __name__)

ABOUT = (
    "Writes entries with an icon, a title and a text on the timelines of Bitrix24's CRM. A key, made in the settings "
    "of Logbook, names the portal and the author. 202 means that the entry is committed; it is delivered afterwards, "
    "at the pace that the portal allows."
)
NUMBER = {"name": "id", "in": "path", "required": True, "schema": ID}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same request makes one entry, however often it is sent.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
EXAMPLE = {"card": {"type": "deal", "id": 1}, "icon": "call", "title": "Called", "text": "They agreed."}


@blueprint.get("/openapi.json")
def show() -> Response:
    return jsonify(document())


@blueprint.get("/")
def explain() -> Response:
    """Show the description as a page, for developers."""
    return frame.page_for_anyone("api.html", document=document(), kinds=KINDS)


def document() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Logbook", "version": VERSION, "description": ABOUT},
        "servers": [{"url": f"{config().app_url}/api/v1"}],
        "security": [{"key": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": SCHEMAS,
            "responses": {"Problem": _problem("A refusal")},
        },
    }


def _paths() -> dict[str, Any]:
    body = {
        "required": True,
        "content": {
            "application/json": {"schema": _ref("NewEntry"), "example": EXAMPLE},
            "application/x-www-form-urlencoded": {"schema": _ref("NewEntryForm")},
        },
    }
    return {
        "/entries": {
            "post": {
                **_operation("writeEntry", "Write an entry", "Receipt", 202, (400, 409, 413, 415, 422)),
                "parameters": [IDEMPOTENCY_KEY],
                "requestBody": body,
            }
        },
        "/entries/{id}": {
            "parameters": [NUMBER],
            "get": _operation("readEntry", "Ask how far an entry has come", "Entry", 200, (404,)),
            "delete": _operation("deleteEntry", "Delete an entry that this key wrote", "Deleted", 202, (404,)),
        },
        "/icons": {"get": _operation("listIcons", "List the icons on offer", "Icons", 200)},
        "/templates": {"get": _operation("listTemplates", "List the templates", "Templates", 200)},
    }


def _operation(name: str, summary: str, schema: str, status: int, refused: tuple[int, ...] = ()) -> dict[str, Any]:
    good = {"description": summary, "content": {"application/json": {"schema": _ref(schema)}}}
    statuses = sorted({*refused, 400, 401, 403, 429, 500, 503})
    refusals = {str(code): _problem(KINDS[code][1]) for code in statuses}
    return {"operationId": name, "summary": summary, "responses": {str(status): good, **refusals}}


def _problem(title: str) -> dict[str, Any]:
    return {"description": title, "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}
