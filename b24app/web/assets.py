"""Static files under addresses that change with their content, and headers that every answer bears."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

from b24app.tracing import request_id

YEAR_SECONDS = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Templates get ``asset(filename)`` and the number of their request."""
    folder = Path(app.static_folder or "")

    def asset(filename: str) -> str:
        return url_for("static", filename=filename, v=_content_hash(folder / filename))

    app.jinja_env.globals["asset"] = asset
    app.context_processor(lambda: {"request_id": request_id.get()})
    app.after_request(_add_headers)


@cache
def _content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _add_headers(answer: Response) -> Response:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    is_hashed = request.endpoint == "static" and "v" in request.args
    answer.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable" if is_hashed else "no-store"
    return answer
