"""The frame: reads the POST that opens it, and answers with a page that only its portal may show.

A portal may have several names. The stored one is called; the one by which somebody browses, if it is another, comes
with their frame and, once they are proved, may show our pages and is what our script talks to.
"""

from flask import Response, make_response, render_template, request, stream_template

from b24app.bitrix24.addresses import is_origin
from b24app.bitrix24.payloads import FrameCall, read_frame
from b24app.models import Portal
from b24app.web import page_cache
from b24app.web.client_address import source
from b24app.web.sessions import frame_origin

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def read_call() -> FrameCall:
    """The placement call of this request; raises Malformed."""
    return read_frame(request.args.to_dict(flat=False), request.form.to_dict(flat=False), source())


def page_for(portal: Portal, template: str, status: int = 200, **words: object) -> Response:
    """A page with data: only the proved portal may frame it."""
    html = render_template(template, frame={"portal_origin": portal_origin(portal)}, **words)
    return _framed_by(portal, make_response(html, status))


def shared_page_for(portal: Portal, template: str, status: int = 200, **words: object) -> Response:
    """The same for a page that is rendered once for many readers; see shared_pages."""
    frame = {"portal_origin": page_cache.own(portal_origin(portal))}
    return _framed_by(portal, make_response(page_cache.render(template, {"frame": frame, **words}), status))


def page_in_pieces(portal: Portal, template: str, **words: object) -> Response:
    """The same for a streamed page: each piece is sent as soon as it is ready."""
    html = stream_template(template, frame={"portal_origin": portal_origin(portal)}, **words)
    answer = _framed_by(portal, Response(html, mimetype="text/html"))
    # A proxy must not buffer the pieces.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def page_for_anyone(template: str, status: int = 200, **words: object) -> Response:
    """A page without data: anybody may frame it, so that a refusal is visible where it happens."""
    return _framed_by_anyone(make_response(render_template(template, **{"frame": None, **words}), status))


def shared_page_for_anyone(template: str, status: int = 200, **words: object) -> Response:
    """The same for a page that is rendered once for many readers."""
    return _framed_by_anyone(make_response(page_cache.render(template, {"frame": None, **words}), status))


def _framed_by_anyone(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(images="", ancestors="*")
    return answer


def portal_origin(portal: Portal) -> str:
    """The portal's origin as this reader browses it: for links, and for our script's messages."""
    return frame_origin() or portal.origin


def _framed_by(portal: Portal, answer: Response) -> Response:
    # Whatever was stored: only an origin may enter the policy.
    origins = filter(is_origin, dict.fromkeys([portal.origin, portal_origin(portal)]))
    sources = [source for origin in origins for source in _sources(origin)]
    images = "".join(f" {source}" for source in sources if "_" not in source)
    policy = CONTENT_SECURITY_POLICY.format(images=images, ancestors=" ".join(sources) or "'none'")
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _sources(origin: str) -> list[str]:
    """An origin for a CSP; browsers ignore hosts with an underscore there, so their parent domain is added."""
    scheme, _, host = origin.partition("://")
    behind_underscore = host.rpartition("_")[2].partition(".")[2]
    return [origin, f"{scheme}://*.{behind_underscore}"] if "_" in host and behind_underscore else [origin]
