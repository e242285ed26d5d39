"""The frame: reads the POST that opens it, and answers with a page that only its portal may show.

A portal may have several host names. We call the stored one. If somebody browses under another one, their frame names
it; once they are proved, that origin may frame our pages, and our script exchanges messages with it.
"""

from functools import lru_cache

from flask import Response, render_template, request, stream_template

from b24app.bitrix24.addresses import is_origin
from b24app.bitrix24.payloads import FrameCall, read_frame
from b24app.models import Portal
from b24app.web import page_cache
from b24app.web.client_address import source
from b24app.web.sessions import frame_origin

POLICIES_KEPT = 1024
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def read_call() -> FrameCall:
    """The placement call of this request; raises Malformed."""
    return read_frame(request.args.to_dict(flat=False), request.form.to_dict(flat=False), source())


def page_for(portal: Portal, template: str, status: int = 200, **words: object) -> Response:
    """A page with data, which only the proved portal may frame."""
    html = render_template(template, frame={"portal_origin": portal_origin(portal)}, **words)
    return _framed_by(portal, Response(html, status))


def shared_page_for(portal: Portal, template: str, status: int = 200, **words: object) -> Response:
    """The same for a page that is rendered once for many readers; see ``page_cache``."""
    frame = {"portal_origin": page_cache.own(portal_origin(portal))}
    return _framed_by(portal, Response(page_cache.render(template, {"frame": frame, **words}), status))


def page_in_pieces(portal: Portal, template: str, **words: object) -> Response:
    """The same as a stream: each piece is sent as soon as it is ready."""
    html = stream_template(template, frame={"portal_origin": portal_origin(portal)}, **words)
    answer = _framed_by(portal, Response(html, mimetype="text/html"))
    # A proxy must not buffer the pieces.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def page_for_anyone(template: str, status: int = 200, **words: object) -> Response:
    """A page without data, which anybody may frame, so that refusals are visible in the frame."""
    return _framed_by_anyone(Response(render_template(template, **{"frame": None, **words}), status))


def shared_page_for_anyone(template: str, status: int = 200, **words: object) -> Response:
    """The same for a page that is rendered once for many readers."""
    return _framed_by_anyone(Response(page_cache.render(template, {"frame": None, **words}), status))


def _framed_by_anyone(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(images="", ancestors="*")
    return answer


def portal_origin(portal: Portal) -> str:
    """The portal's origin as this reader sees it, for links and for our script's messages."""
    return frame_origin() or portal.origin


def _framed_by(portal: Portal, answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = _policy(portal.origin, portal_origin(portal))
    return answer


@lru_cache(POLICIES_KEPT)
def _policy(*origins: str) -> str:
    """The policy of a page that these may frame; only a valid origin may enter it."""
    sources = [source for origin in filter(is_origin, dict.fromkeys(origins)) for source in _sources(origin)]
    images = "".join(f" {source}" for source in sources if "_" not in source)
    return CONTENT_SECURITY_POLICY.format(images=images, ancestors=" ".join(sources) or "'none'")


def _sources(origin: str) -> list[str]:
    """The sources of a CSP for an origin; browsers ignore hosts with underscores, so the parent domain is added."""
    scheme, _, host = origin.partition("://")
    behind_underscore = host.rpartition("_")[2].partition(".")[2]
    return [origin, f"{scheme}://*.{behind_underscore}"] if "_" in host and behind_underscore else [origin]
