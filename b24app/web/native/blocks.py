"""The kinds of blocks that a portal draws for us. Pure.

Docs: https://apidocs.bitrix24.com/api-reference/widgets/crm/detail-activity-area.html
"""

from collections.abc import Mapping, Sequence

Block = dict[str, object]
Blocks = dict[str, Block]

# JavaScript orders numeric keys before all others, so our keys never look like numbers.
KEY = "."
# Precedes the name of a card that can be chosen, since there is no block with checkboxes.
MARKS = {True: "☑", False: "☐"}


def text(value: str, **look: object) -> Block:
    return {"type": "text", "properties": {"value": value, **look}}


def notice(look: str, heading: str, lines: Sequence[str]) -> Block:
    """A coloured section; ``look`` is primary, success, warning or danger."""
    said = {f"line-{number}": text(line, size="sm") for number, line in enumerate(lines) if line}
    return {"type": "section", "properties": {"type": look, "blocks": {"heading": text(heading, bold=True), **said}}}


def field(kind: str, title: str, value: str, error: str = "", placeholder: str = "") -> Block:
    """``kind`` is input or textarea."""
    given = {"title": title, "value": value, "errorText": error, "placeholder": placeholder, "disabled": False}
    return {"type": kind, "properties": given}


def choice(title: str, values: Mapping[str, str], chosen: str, error: str = "") -> Block:
    """A list to choose from; its keys come back prefixed with KEY."""
    offered = {KEY + key: name for key, name in values.items()}
    given = {"title": title, "selectedValue": KEY + chosen, "values": offered, "errorText": error, "disabled": False}
    return {"type": "select", "properties": given}


def beside_picture(address: str, blocks: Blocks) -> Block:
    """Blocks beside a picture, whose URL is absolute."""
    return {"type": "section", "properties": {"imageSrc": address, "imageSize": "sm", "blocks": blocks}}


def options(title: str, names: Mapping[str, str], chosen: Sequence[str]) -> Block:
    """Options of which several can be chosen; a press sends an option's key."""
    lines = {f"option-{key}": _option(key, name, is_chosen=key in chosen) for key, name in names.items()}
    listed: Block = {"type": "list", "properties": {"blocks": lines}}
    return {"type": "section", "properties": {"blocks": {"options": text(title, size="sm"), "list": listed}}}


def _option(key: str, name: str, *, is_chosen: bool) -> Block:
    action = {"type": "layoutEvent", "value": key}
    return {"type": "link", "properties": {"text": f"{MARKS[is_chosen]} {name}", "action": action}}
