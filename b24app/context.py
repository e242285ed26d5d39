"""What a request works with: the configuration, its own database session, and Bitrix24."""

from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from flask import current_app, g
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from b24app.bitrix24 import Bitrix24
from b24app.config import Config
from b24app.tasks import Queue


@dataclass(frozen=True)
class Context:
    """The application's configuration, database and connections."""

    config: Config
    sessions: sessionmaker[Session]
    b24: Bitrix24
    queue: Queue

    @property
    def engine(self) -> Engine:
        return cast(Engine, self.sessions.kw["bind"])


def context() -> Context:
    return cast(Context, current_app.extensions["logbook"])


def worker_context() -> Context:
    """The worker's context, whose gateway waits longer for portals than that of web requests."""
    return cast(Context, current_app.extensions["logbook-worker"])


def config() -> Config:
    return context().config


def b24() -> Bitrix24:
    return context().b24


def database() -> Session:
    """This request's database session, opened at first use."""
    session: Session | None = g.get("database")
    if session is None:
        session = g.database = context().sessions()
    return session


def close_database(_failure: BaseException | None = None) -> None:
    if session := g.pop("database", None):
        # What was to be kept is committed by now; the pool drops a connection that is gone.
        with suppress(DBAPIError):
            session.close()
