"""Refuses request bodies that are too long or have fields without names, however they are sent."""

import io
from typing import IO, Any

import flask
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.utils import cached_property

LONGEST = 256 * 1024
# With a robot's dialog, portals send descriptions of all the document's fields.
LARGE = {"/robot/settings": 2 * 1024 * 1024}


def init_app(app: flask.Flask) -> None:
    """Limit the length of every request's body."""
    app.request_class = Request
    app.config.update(MAX_CONTENT_LENGTH=LONGEST, MAX_FORM_MEMORY_SIZE=LONGEST)


class Request(flask.Request):
    """Requests without a length (``Transfer-Encoding: chunked``) would otherwise be cut at the limit.

    A part of a multipart form without a name would become a field called None.
    """

    def __init__(self, environ: Any, *arguments: Any, **more: Any) -> None:
        super().__init__(environ, *arguments, **more)
        if (limit := LARGE.get(self.path)) is not None:
            self.max_content_length = self.max_form_memory_size = limit

    @property
    def is_chunked(self) -> bool:
        return self.content_length is None and bool(self.environ.get("wsgi.input_terminated"))

    @cached_property
    def stream(self) -> IO[bytes]:
        stream = super().stream
        if not self.is_chunked:
            return stream
        body = stream.read()
        if self.environ["wsgi.input"].read(1):
            raise RequestEntityTooLarge
        return io.BytesIO(body)

    def _load_form_data(self) -> None:
        super()._load_form_data()
        if None in self.form or None in self.files:
            raise BadRequest("a part without a name")
