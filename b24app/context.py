"""What a request has at hand: the settings, a database session of its own, and Bitrix24."""

from dataclasses import dataclass
from typing import cast

from flask import current_app, g
from sqlalchemy.orm import Session, sessionmaker

from b24app.bitrix24 import Bitrix24
from b24app.config import Config
from b24app.tasks import Queue


@dataclass(frozen=True)
class Context:
    """Made once by create_app."""

    config: Config
    sessions: sessionmaker[Session]
    b24: Bitrix24
    queue: Queue


def context() -> Context:
    return cast(Context, current_app.extensions["logbook"])


def config() -> Config:
    return context().config


def b24() -> Bitrix24:
    return context().b24


def database() -> Session:
    """The session of this request, opened at first use."""
    if "database" not in g:
        g.database = context().sessions()
    return cast(Session, g.database)


def close_database(_failure: BaseException | None = None) -> None:
    if session := g.pop("database", None):
        session.close()
