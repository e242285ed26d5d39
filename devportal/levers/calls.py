"""What may happen to single calls."""

from __future__ import annotations

from ..faults import SYSTEM
from ..weather import Effect, Kind
from .lever import METHOD, PROCESSED, TIMES, WHERE, Field, Given, lever

GROUP = "Calls"
SECONDS = Field("seconds", "Seconds", "number", "2")
CODE = Field("code", "Code", "choice", "QUERY_LIMIT_EXCEEDED", tuple(sorted(SYSTEM)))


@lever("delay", GROUP, "Answer late", WHERE, METHOD, SECONDS, TIMES, PROCESSED)
def delay(given: Given) -> None:
    add(given, "delay")


@lever("reset", GROUP, "Break the connection", WHERE, METHOD, TIMES, PROCESSED)
def reset(given: Given) -> None:
    add(given, "reset")


@lever("html", GROUP, "Answer 500 with a page", WHERE, METHOD, TIMES, PROCESSED)
def html(given: Given) -> None:
    add(given, "html")


@lever("garbage", GROUP, "Answer broken JSON", WHERE, METHOD, TIMES, PROCESSED)
def garbage(given: Given) -> None:
    add(given, "garbage")


@lever("refuse", GROUP, "Refuse", WHERE, METHOD, CODE, TIMES)
def refuse(given: Given) -> None:
    given.weather.refuse(given.choice("code", CODE.choices), given.text("method", "*"), given.times)


@lever("calm", GROUP, "Fine weather again")
def calm(given: Given) -> None:
    given.portal.calm()


def add(given: Given, kind: Kind) -> None:
    seconds = given.number("seconds", 2) if kind == "delay" else 0.0
    method = given.text("method", "*").lower()
    given.weather.add(Effect(kind, method, given.times, seconds, processed=given.flag("processed")))
