"""The portal of the current page, and the person who opened it."""

from __future__ import annotations

from typing import cast

from flask import request

from ..model.people import Person
from ..portal import Portal

PORTAL_KEY = "devportal.portal"


def portal() -> Portal:
    return cast("Portal", request.environ[PORTAL_KEY])


def cookie_name() -> str:
    """The cookie's name, which differs per portal since cookies ignore ports."""
    return f"acting_{portal().member_id}"


def person() -> Person:
    """The current person: the administrator until another one is chosen."""
    chosen = request.cookies.get(cookie_name(), "")
    found = portal().state.person(int(chosen)) if chosen.isdigit() else None
    return found or portal().administrator


def local_path(path: str) -> str:
    """A path of this portal, even if another URL was given."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
