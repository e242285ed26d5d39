"""The portal's pages, as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..http import Request, Response

if TYPE_CHECKING:
    from ..portal import Portal


def respond(portal: Portal, request: Request) -> Response:
    return Response.text(404, f"{portal.name} has no page {request.path}")
