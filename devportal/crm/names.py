"""The two spellings of a field: `assignedById` and `ASSIGNED_BY_ID`."""

from __future__ import annotations

import re
from functools import cache

HUMP = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])")


@cache
def upper_name(name: str) -> str:
    """`parentId2` becomes PARENT_ID_2."""
    return name if name.isupper() else HUMP.sub("_", name).upper()


def camel_name(name: str) -> str:
    """`ASSIGNED_BY_ID` becomes assignedById."""
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


def title_of(name: str) -> str:
    """A field's title, made of its name."""
    words = upper_name(name).replace("_", " ").lower()
    return "ID" if words == "id" else words[:1].upper() + words[1:].replace(" id", "")
