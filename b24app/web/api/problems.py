"""Refusals of API requests: RFC 9457 problem details, in English, with errors by field."""

import json
from collections.abc import Mapping
from itertools import islice

from flask import Response, g, request

from b24app.current_request import request_id

MEDIA_TYPE = "application/problem+json"
# A request may have thousands of unknown fields; nobody reads more errors than this.
MOST_ERRORS = 100
# The name of each status; the URLs identify kinds of problems and lead to the description.
KINDS = {
    400: ("malformed", "The request cannot be read"),
    401: ("unauthorized", "A valid key is needed"),
    403: ("forbidden", "This key may not do that"),
    404: ("not-found", "There is no such thing"),
    405: ("method", "This address does not take that method"),
    409: ("conflict", "The idempotency key was used for another request"),
    413: ("too-large", "The request is too large"),
    415: ("media-type", "The request has another type than JSON or a form"),
    422: ("invalid", "A field is wrong"),
    429: ("rate", "Too many requests"),
    500: ("unexpected", "Something went wrong in Logbook"),
    503: ("unavailable", "Logbook cannot work now"),
}


class Problem(Exception):
    """Ends an API request with a refusal; never quotes the request."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {KINDS[status][0]}")
        self.status = status
        self.detail = detail
        self.errors = errors or {}
        self.headers = headers or {}


def answer(problem: Problem) -> Response:
    """The problem as a response."""
    kind, title = KINDS[problem.status]
    told: dict[str, object] = {
        "type": f"{request.script_root}/api/v1/#{kind}",
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
        "request_id": request_id.get(),
    }
    if problem.errors:
        told["errors"] = dict(islice(problem.errors.items(), MOST_ERRORS))
    response = Response(json.dumps(told), problem.status, mimetype=MEDIA_TYPE)
    response.headers.update(problem.headers)
    return with_rate(response)


def is_for_machine() -> bool:
    """Whether this request's URL belongs to the API."""
    return request.path.startswith("/api/") or request.path == "/mcp"


def with_rate(response: Response) -> Response:
    """Add headers with what is left of the key's rate, if known."""
    response.headers["Cache-Control"] = "no-store"
    if allowance := g.get("allowance"):
        response.headers["RateLimit-Limit"] = str(allowance.limit)
        response.headers["RateLimit-Remaining"] = str(allowance.remaining)
        response.headers["RateLimit-Reset"] = str(allowance.reset_seconds)
    return response


def of_status(status: int) -> Response:
    """The problem for any other error, by its status alone."""
    details = {
        404: "There is nothing at this address. /api/v1/ describes what there is.",
        405: "/api/v1/ says which methods this address takes.",
        413: "A request may have 256 KB.",
        500: "It was our fault, and it has been noted with this request id.",
        503: "Nothing was written. Try again in a minute, with the same idempotency key.",
    }
    known = status if status in KINDS else 400
    return answer(Problem(known, details.get(known, "The request cannot be read.")))
