"""Logbook: entries with an icon, a title and a text on the timelines of Bitrix24's CRM."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix

from b24app import cli, error_reports, logs, process_metrics, telemetry
from b24app.bitrix24.gateway import WEB, WORKER, open_gateway
from b24app.bitrix24.timeouts import Timeouts
from b24app.config import PROJECT, Config, ConfigInvalid
from b24app.context import Context, close_database
from b24app.crypto import Vault
from b24app.db import connect, sessions
from b24app.services.access import rest_log
from b24app.tasks import Queue


class Logbook(Flask):
    """The application; none of its functions is asynchronous."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Flask would examine each function at each call."""
        return func


def create_app(config: Config, *, has_pages: bool = True) -> Flask:
    """Build the application. Commands answer no requests and start faster without the pages."""
    logs.configure(config.log_format)
    if config.sentry_dsn:
        error_reports.begin(config.sentry_dsn)
    if config.metrics_folder:
        process_metrics.prepare(config.metrics_folder)
    if config.traces_address:
        telemetry.begin(config.traces_address)
    app = Logbook(__name__, template_folder=PROJECT / "templates", static_folder=PROJECT / "static")

    configure(app, config, _connect(config))
    app.teardown_appcontext(close_database)
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=0)  # type: ignore[method-assign]

    logs.init_app(app)
    process_metrics.init_app(app)
    telemetry.init_app(app)
    if has_pages:
        from b24app import routes

        routes.init_app(app, config.app_url)
    cli.init_app(app)
    return app


def _connect(config: Config) -> Engine:
    """Raises ConfigInvalid if the database's folder is missing and cannot be created."""
    try:
        engine = connect(config.database_url, Vault(config.token_keys))
    except OSError as failure:
        sentence = f"the folder {failure.filename} cannot be made: {failure.strerror}; name a file in a folder that"
        raise ConfigInvalid([f"DATABASE_URL: {sentence} the user who runs Logbook may write to"]) from None
    telemetry.watch(engine)
    return engine


def configure(app: Flask, config: Config, engine: Engine) -> None:
    """Give the application its configuration, its database and its connections."""
    app.extensions["logbook"] = _context(config, sessions(engine), WEB)
    app.extensions["logbook-worker"] = _context(config, sessions(engine), WORKER)


def _context(config: Config, factory: sessionmaker[Session], timeouts: Timeouts) -> Context:
    b24 = open_gateway(
        config.authorities,
        config.client_id,
        config.client_secret,
        timeouts,
        process_metrics.noting(telemetry.noting(rest_log.note)),
        is_insecure_allowed=config.is_insecure_allowed,
        ca_bundle=config.ca_bundle,
    )
    return Context(config, factory, b24, Queue(config.database_url))
