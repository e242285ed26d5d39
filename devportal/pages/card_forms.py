"""The CRM's forms: adding, renaming, moving and deleting cards."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request

from ..crm.kinds import Kind
from ..errors import ApiError
from ..model.records import Item
from . import current_page

pages = Blueprint("card_forms", __name__)


@pages.post("/_box/cards/<int:entity_type_id>/add")
def add(entity_type_id: int) -> Any:
    portal, kind = current_page.portal(), kind_of(entity_type_id)
    with portal.lock:
        item = portal.changes.add_titled(entity_type_id, request.form.get("title", ""), current_page.person())
    return redirect(kind.card_path(item.id), 303)


@pages.post("/_box/cards/<int:entity_type_id>/<int:entity_id>")
def change(entity_type_id: int, entity_id: int) -> Any:
    """Changes the title, the stage or both."""
    portal, kind = current_page.portal(), kind_of(entity_type_id)
    given = {name: request.form[name] for name in ("title", "stageId") if request.form.get(name)}
    with portal.lock:
        try:
            portal.changes.update(item_of(entity_type_id, entity_id), given, current_page.person())
        except ApiError as error:
            abort(403 if error.code == "ACCESS_DENIED" else 400, error.description)
    return redirect(kind.card_path(entity_id), 303)


@pages.post("/_box/cards/<int:entity_type_id>/<int:entity_id>/delete")
def delete(entity_type_id: int, entity_id: int) -> Any:
    portal, kind = current_page.portal(), kind_of(entity_type_id)
    with portal.lock:
        try:
            portal.changes.delete(item_of(entity_type_id, entity_id), current_page.person())
        except ApiError as error:
            abort(403, error.description)
    return redirect(kind.list_path, 303)


def kind_of(entity_type_id: int) -> Kind:
    return current_page.portal().cards.kind(entity_type_id) or abort(404, "There is no such section in this portal.")


def item_of(entity_type_id: int, entity_id: int) -> Item:
    found = current_page.portal().cards.item(entity_type_id, entity_id)
    return found or abort(404, "The item does not exist or was deleted.")
