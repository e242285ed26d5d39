"""Text that databases can store: PostgreSQL takes no zero characters, and none takes unpaired surrogates. Pure."""

import re

UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """The text with a replacement character for each one that cannot be stored; usually the same object."""
    return text if text.isprintable() else UNSTORABLE.sub("\ufffd", text)
