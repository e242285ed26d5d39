"""The native composer as its script meets it: drawings, and forms that are sent back."""

import json
from dataclasses import dataclass, replace
from typing import Any

from b24app.bitrix24.entities import TYPE_CODES
from devportal import FramePost, Portal
from devportal.model.people import Person
from tests.support.logbook import Logbook

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


@dataclass(frozen=True)
class Drawn:
    """What the portal is asked to draw."""

    status: int
    told: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.told["kind"])

    @property
    def notice(self) -> str:
        """What stands above the form."""
        return " ".join(texts(self.told["notice"])) if self.told["notice"] else ""

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """The properties of the blocks, by the names of the fields."""
        return {block_id.split("-")[0]: block["properties"] for block_id, block in self.told["blocks"].items()}

    @property
    def icons(self) -> dict[str, Any]:
        """The properties of the list of icons."""
        (block,) = self.fields["picture"]["blocks"].values()
        return dict(block["properties"])

    @property
    def options(self) -> list[str]:
        """The cards around the card, with their marks."""
        listed = self.fields["also_on"]["blocks"]["list"]["properties"]["blocks"]
        return [option["properties"]["text"] for option in listed.values()]

    @property
    def form(self) -> dict[str, Any]:
        """What the script sends if nobody touched anything."""
        return {**self.told["form"], **self.told["values"]}


def texts(block: dict[str, Any]) -> list[str]:
    """Every text in a block, in order."""
    properties = block["properties"]
    own = [properties["value"]] if block["type"] == "text" else []
    return own + [line for inner in properties.get("blocks", {}).values() for line in texts(inner)]


def native_frame(portal: Portal, person: Person | None = None, type_id: int = 2, entity_id: int = 1) -> FramePost:
    """What opens the hidden frame on a card."""
    code = f"CRM_{TYPE_CODES.get(type_id, f'DYNAMIC_{type_id}')}_DETAIL_ACTIVITY"
    options = {"entityTypeId": str(type_id), "entityId": str(entity_id), "useBuiltInInterface": "Y"}
    post = portal.frame(person or portal.employee, code, options)
    return replace(post, url=f"{portal.application.app_url}/native")


def open_native(logbook: Logbook, frame: FramePost) -> Drawn:
    """The first drawing, as the page brings it."""
    page = logbook.send(frame)
    return Drawn(page.status, json.loads(str(page.one("[data-drawing]")["data-drawing"])))


def send(logbook: Logbook, address: str, form: dict[str, Any]) -> Drawn:
    """What the script asks later."""
    answer = logbook.app.test_client().post(address, data=form, headers={"X-Answer": "layout"})
    return Drawn(answer.status_code, answer.get_json())


def post(logbook: Logbook, drawn: Drawn, **changes: Any) -> Drawn:
    return send(logbook, "/native/entries", {**drawn.form, **WORDS, **changes})
