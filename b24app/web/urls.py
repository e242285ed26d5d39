"""URLs in pages, built once: static files with their hash, pages by endpoint."""

from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for
from markupsafe import Markup

from b24app import i18n
from b24app.current_request import request_id
from b24app.web.static_files import StaticFiles

# Room for all pages below a few prefixes.
MOST_ADDRESSES = 512


def init_app(app: Flask) -> None:
    """Give templates ``asset(filename)``, ``url_for(endpoint)`` and ``request_id``.

    ``imported_by(script)`` lists the modules that a script needs, so that pages can preload them.
    ``same_for_all(template)`` is a part that depends only on the language, rendered once.
    """
    static = StaticFiles(Path(app.static_folder or ""), app.static_url_path or "")
    app.wsgi_app = static.before(app.wsgi_app)  # type: ignore[assignment,method-assign]

    def asset(filename: str) -> str:
        return f"{request.script_root}{app.static_url_path}/{filename}?v={static.files[filename].hash}"

    app.extensions["logbook.hash_of"] = lambda filename: static.files[filename].hash
    app.extensions["logbook.addresses"] = lru_cache(MOST_ADDRESSES)(lambda _root, endpoint: url_for(endpoint))

    @lru_cache(MOST_ADDRESSES)
    def drawn(_root: str, _language: str, template: str) -> Markup:
        return Markup(app.jinja_env.get_template(template).render())  # noqa: S704 - templates escape

    def same_for_all(template: str) -> Markup:
        return drawn(request.script_root, i18n.language(), template)

    app.jinja_env.globals.update(asset=asset, imported_by=static.imported_by, url_for=address_of)
    app.jinja_env.globals.update(same_for_all=same_for_all)
    app.context_processor(lambda: {"request_id": request_id.get()})
    app.after_request(_add_headers)


def address_of(endpoint: str) -> str:
    """The result of ``url_for``, cached, since a composer has dozens of URLs."""
    return str(current_app.extensions["logbook.addresses"](request.script_root, endpoint))


def _add_headers(answer: Response) -> Response:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer
