"""Lists, adds and removes the icons that log entries may have. Pure, like the other methods.

Docs: https://apidocs.bitrix24.com/api-reference/crm/timeline/logmessage/icon/
"""

import base64
from dataclasses import dataclass

from b24app.bitrix24.calls import Call, Json, as_list_of, as_map
from b24app.errors import AnswerLost

# The length of our column; portals do not accept longer codes.
LONGEST_CODE = 255


@dataclass(frozen=True)
class Icon:
    """An icon that log entries may have; ``file_uri`` is empty for Bitrix24's own icons."""

    code: str
    file_uri: str


def list_icons() -> Call:
    """Docs: …/crm-timeline-icon-list.html"""
    return Call("crm.timeline.icon.list")


def read_icons(result: Json) -> list[Icon]:
    """The icons, each code once, without codes that are too long for an entry."""
    codes = dict(_read_row(row) for row in as_list_of(result, "icons"))
    return [Icon(code, file_uri) for code, file_uri in codes.items() if 0 < len(code) <= LONGEST_CODE]


def _read_row(row: Json) -> tuple[str, str]:
    """Parses only two of its fields, since a portal may list hundreds."""
    fields = as_map({name: row.get(name) for name in ("code", "fileUri")} if isinstance(row, dict) else row)
    return str(fields.get("code") or ""), str(fields.get("fileUri") or "")


def add_icon(code: str, picture: bytes) -> Call:
    """Add a PNG of 24×24 pixels, as an administrator of the CRM. Docs: …/crm-timeline-icon-add.html"""
    return Call("crm.timeline.icon.add", {"code": code, "fileContent": base64.b64encode(picture).decode()})


def read_added_icon(result: Json) -> Icon:
    """The icon as the portal has it; raises AnswerLost if the answer contains none."""
    fields = as_map(as_map(result).get("icon"))
    if not fields.get("code"):
        raise AnswerLost(code="NO_ICON", status=200)
    return Icon(str(fields["code"]), str(fields.get("fileUri") or ""))


def delete_icon(code: str) -> Call:
    """Any application of an administrator can remove any icon. Docs: …/crm-timeline-icon-delete.html"""
    return Call("crm.timeline.icon.delete", {"code": code})
