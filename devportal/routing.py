"""Routes a portal's requests to its REST API, pages and authorization."""

from __future__ import annotations

from .http import Request, Response
from .pages import respond as answer_page
from .portal import Portal
from .rest import endpoint
from .rest import methods as methods


def answer(portal: Portal, request: Request) -> Response:
    """Answers any request at the portal's ports; old ports only redirect to the new address."""
    if request.port in portal.state.old_ports:
        return Response.redirect(f"{portal.url}{request.path}{'?' if request.query else ''}{request.query}")
    if request.path.startswith(endpoint.PREFIX):
        return endpoint.answer(portal, request)
    return answer_page(portal, request)
