"""The frame: reading the POST that opens it, and answering with a page that only its portal may show."""

from flask import Response, make_response, render_template, request, stream_template

from b24app.bitrix24.addresses import is_origin
from b24app.bitrix24.payloads import FrameCall, read_frame
from b24app.models import Portal
from b24app.web.source import source

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{origin}; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def read_call() -> FrameCall:
    """The placement call of this request; raises Malformed."""
    return read_frame(request.args.to_dict(flat=False), request.form.to_dict(flat=False), source())


def page_for(portal: Portal, template: str, status: int = 200, **words: object) -> Response:
    """A page with data: only the proved portal may frame it."""
    html = render_template(template, frame={"portal_origin": portal.origin}, **words)
    return _framed_by(portal, make_response(html, status))


def page_in_pieces(portal: Portal, template: str, **words: object) -> Response:
    """The same for a page that is made while its reader watches: each piece goes out as soon as it is there."""
    html = stream_template(template, frame={"portal_origin": portal.origin}, **words)
    answer = _framed_by(portal, Response(html, mimetype="text/html"))
    # A proxy before us must not collect the pieces.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def page_for_anyone(template: str, status: int = 200, **words: object) -> Response:
    """A page without data: anybody may frame it, so that a refusal can be read where it happens."""
    answer = make_response(render_template(template, frame=None, **words), status)
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(origin="", ancestors="*")
    return answer


def _framed_by(portal: Portal, answer: Response) -> Response:
    # Whatever was stored, and whenever: only an origin gets into the policy.
    origin = portal.origin if is_origin(portal.origin) else "'none'"
    policy = CONTENT_SECURITY_POLICY.format(origin=f" {origin}" if origin == portal.origin else "", ancestors=origin)
    answer.headers["Content-Security-Policy"] = policy
    return answer
