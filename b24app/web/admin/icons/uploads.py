"""The picture in an icon form: just uploaded, or carried over from a form that had a problem."""

import base64
import binascii

from flask import Response, request

from b24app.codes import RefusalKind
from b24app.errors import PictureUnfit
from b24app.i18n import gettext as _
from b24app.services.settings.own_icons import LONGEST_PICTURE
from b24app.web import errors, frame
from b24app.web.refusals import Refusal

# Room for a picture in base64 and the arrangement.
LONGEST_UPLOAD = LONGEST_PICTURE * 4 // 3 + 256 * 1024
# Two or three fields for each icon.
MOST_FIELDS = 10_000


def let_in(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Raise the limit of the request body before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = LONGEST_UPLOAD
    request.max_form_parts = MOST_FIELDS


def answer_too_large(_failure: Exception) -> Response:
    errors.drop_the_rest()
    refusal = Refusal(
        RefusalKind.TOO_LARGE,
        413,
        _("This picture is too large"),
        _("A picture may have up to 1 MB."),
        _("Go back and choose a smaller one; the browser still has what you typed."),
    )
    return frame.page_for_anyone("refusal.html", 413, refusal=refusal)


def read() -> tuple[bytes, str]:
    """The icon made from this request's picture, and its problem; both are empty without a picture."""
    file = request.files.get("picture")
    content = (file.read() if file else b"") or _kept()
    if not content:
        return b"", ""
    if len(content) > LONGEST_PICTURE:
        return b"", _("A picture may have up to 1 MB.")
    try:
        # Pillow is imported with the first upload.
        from b24app.services.settings import icon_pictures

        return icon_pictures.fitted(content), ""
    except PictureUnfit as unfit:
        return b"", _error(unfit.reason)


def _kept() -> bytes:
    """A carried-over picture, which is checked like any other."""
    try:
        return base64.b64decode(request.form.get("kept", ""), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _error(reason: str) -> str:
    sentences = {
        "kind": _(
            "This is no PNG, JPEG, WebP or GIF picture. Save it in one of these formats first; "
            "SVG and others do not work."
        ),
        "pixels": _("This picture has too many pixels. Make it smaller first; an icon has only 24 by 24."),
        "empty": _("There is nothing to see in this picture: all of it is transparent."),
    }
    return sentences.get(reason, _("This picture is damaged. Open it in an image editor and save it again."))
