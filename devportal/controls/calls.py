"""Faults of single calls."""

from __future__ import annotations

from ..errors import SYSTEM
from ..faults import Effect, Kind
from .control import METHOD, PROCESSED, TIMES, WHERE, Field, Given, control

GROUP = "Calls"
SECONDS = Field("seconds", "Seconds", "number", "2")
STATUS = Field("status", "Status", "number", "503")
CARD = Field("card", "Only on this card (2-12)")
CODE = Field("code", "Code", "choice", "QUERY_LIMIT_EXCEEDED", tuple(sorted(SYSTEM)))


@control("delay", GROUP, "Answer late", WHERE, METHOD, SECONDS, TIMES, PROCESSED)
def delay(given: Given) -> None:
    add(given, "delay")


@control("reset", GROUP, "Break the connection", WHERE, METHOD, TIMES, PROCESSED)
def reset(given: Given) -> None:
    add(given, "reset")


@control("html", GROUP, "Answer 500 with a page", WHERE, METHOD, TIMES, PROCESSED)
def html(given: Given) -> None:
    add(given, "html")


@control("garbage", GROUP, "Answer broken JSON", WHERE, METHOD, TIMES, PROCESSED)
def garbage(given: Given) -> None:
    add(given, "garbage")


@control("proxy", GROUP, "Answer as a proxy in the portal's stead", WHERE, METHOD, STATUS, TIMES, PROCESSED)
def proxy(given: Given) -> None:
    status, method = int(given.number("status", 503)), given.text("method", "*").lower()
    given.faults.proxy(status, method, given.times, processed=given.flag("processed"))


@control("refuse", GROUP, "Refuse", WHERE, METHOD, CODE, TIMES, CARD)
def refuse(given: Given) -> None:
    code, method = given.choice("code", CODE.choices), given.text("method", "*")
    given.faults.refuse(code, method, given.times, card=given.text("card"))


@control("clear-faults", GROUP, "Clear all faults", earlier_name="calm")
def clear(given: Given) -> None:
    given.portal.clear_faults()


def add(given: Given, kind: Kind) -> None:
    seconds = given.number("seconds", 2) if kind == "delay" else 0.0
    method = given.text("method", "*").lower()
    given.faults.add(Effect(kind, method, given.times, seconds, processed=given.flag("processed")))
