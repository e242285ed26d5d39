"""Text that databases can store: PostgreSQL takes no zero characters, and none takes unpaired surrogates. Pure."""

import re
from collections.abc import Iterable
from typing import Any

CONTAINERS = (dict, list, tuple)
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """The text with a replacement character for each one that cannot be stored; usually the same object."""
    return text if text.isprintable() else UNSTORABLE.sub("\ufffd", text)


def storable(value: Any) -> Any:
    """The same JSON, or the same parameters of a query, with clean texts; usually the same object, which is fast."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        is_clean = _are_storable(value) and _are_storable(value.values())
        return value if is_clean else {storable(key): storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return value if _are_storable(value) else type(value)(map(storable, value))
    return value


def _are_storable(values: Iterable[Any]) -> bool:
    # A loop, since this runs for each statement, and a generator takes twice as long.
    for one in values:  # noqa: SIM110
        if not one.isprintable() if isinstance(one, str) else isinstance(one, CONTAINERS):
            return False
    return True
