"""A fault of calls: its kind, the calls it applies to, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ..http import Response

Kind = Literal["delay", "reset", "html", "garbage", "proxy", "refuse"]
KINDS: tuple[str, ...] = get_args(Kind)
EVERY = "*"

HTML = b"<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>"
GARBAGE = b'{"result":{"logMessage":{"id":1,"crea'


@dataclass
class Effect:
    """A fault; with `times` None it applies until cleared, with `processed` after the portal has processed the call."""

    kind: Kind
    method: str = EVERY
    times: int | None = 1
    seconds: float = 0.0
    code: str = ""
    processed: bool = False
    status: int = 500
    # Only calls about this card, ``2-12``; empty for all.
    card: str = ""

    def matches(self, names: list[str], only: str = "", card: str = "") -> bool:
        """Whether the fault applies: a batch matches by any of its commands, but refusals match single commands."""
        if self.times == 0 or only not in ("", self.kind) or self.card not in ("", card):
            return False
        return self.method == EVERY or self.method in (names[:1] if self.kind == "refuse" else names)

    def use(self) -> None:
        if self.times is not None:
            self.times -= 1

    @property
    def sentence(self) -> str:
        what = f"{self.kind} {self.code}".strip() + (f" of {self.seconds:g} s" if self.seconds else "")
        often = "until switched off" if self.times is None else f"for the next {self.times}"
        which = ("every call" if self.method == EVERY else self.method) + (f" on card {self.card}" if self.card else "")
        return f"{what}, {which}, {often}{', after processing' if self.processed else ''}"


def faulty_answer(effect: Effect) -> Response:
    """The answer that replaces the real one."""
    if effect.kind == "reset":
        return Response(0, resets=True)
    if effect.kind == "html":
        return Response(500, HTML, "text/html; charset=utf-8")
    if effect.kind == "proxy":
        return Response(effect.status, b"upstream request timeout", "text/plain")
    return Response(200, GARBAGE)
