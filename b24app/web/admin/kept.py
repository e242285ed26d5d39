"""A refusal in the settings loses nothing that was typed: it is shown again, and can be sent again."""

import logging

from flask import Response, request

from b24app.errors import LogbookError
from b24app.web import errors, frame, refusals

log = logging.getLogger(__name__)

# What we put into the form ourselves.
OURS = {"session", "language", "version", "LANG", "order", "kept"}


def answer(failure: LogbookError) -> Response:
    """The page for a failure, with the words of the form that met it; a frame's own call has none."""
    if "session" not in request.form:
        return errors.answer(failure)
    log.warning("refused", extra={"code": str(failure)})
    refusal = refusals.of(failure)
    fields = list(request.form.items(multi=True))
    return frame.page_for_anyone(
        "admin/refused.html",
        refusal.status,
        refusal=refusal,
        address=request.path,
        fields=fields,
        typed=[(name, value) for name, value in fields if name not in OURS and value.strip()],
    )
