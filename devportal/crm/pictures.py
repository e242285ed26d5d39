"""Decodes pictures and reads the size of PNG files."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def decode(content: str) -> bytes | None:
    """The picture's bytes, or None when the base64 is broken (a data-URI prefix breaks it)."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None


def size_of(picture: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG with a valid header, else None."""
    if len(picture) < 33 or picture[:8] != SIGNATURE or picture[12:16] != b"IHDR":
        return None
    header = picture[12:29]
    (checksum,) = struct.unpack(">I", picture[29:33])
    if zlib.crc32(header) != checksum:
        return None
    width, height = struct.unpack(">II", picture[16:24])
    return width, height
