"""Refusals in the settings: the page shows the form's input again, so that it can be sent again."""

import base64
import logging

from flask import Response, request

from b24app.errors import LogbookError
from b24app.i18n import LOCALES, own_name
from b24app.i18n import gettext as _
from b24app.services.settings.own_icons import LONGEST_PICTURE
from b24app.web import errors, frame, refusals

log = logging.getLogger(__name__)


def answer(failure: LogbookError) -> Response:
    """The page for a failure, with the input of the failed form, if any."""
    if "session" not in request.form:
        return errors.answer(failure)
    log.warning("refused", extra={"code": str(failure)})
    refusal = refusals.of(failure)
    fields, picture = list(request.form.items(multi=True)), _picture()
    if picture:
        fields = [*((name, value) for name, value in fields if name != "kept"), ("kept", picture)]
    return frame.page_for_anyone(
        "admin/refused.html",
        refusal.status,
        refusal=refusal,
        address=request.script_root + request.path,
        fields=fields,
        form_type=request.mimetype,
        typed=_typed(),
    )


def _picture() -> str:
    """This request's picture in base64, since no page can fill in a file field."""
    file = request.files.get("picture")
    if not file:
        return ""
    file.stream.seek(0)
    content = file.read(LONGEST_PICTURE + 1)
    return base64.b64encode(content).decode() if len(content) <= LONGEST_PICTURE else ""


def _typed() -> list[tuple[str, str]]:
    """The text fields of the form, by their labels."""
    titles = {f"title-{code}": own_name(code) for code in LOCALES}
    names = {"name": _("Name"), "title": _("Title"), "text": _("Text"), **titles}
    written = [(name, request.form.get(field, "")) for field, name in names.items()]
    return [(name, words) for name, words in written if words.strip()]
