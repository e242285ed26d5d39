"""What may happen to a call, to which calls, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ..http import Response

Kind = Literal["delay", "reset", "html", "garbage", "refuse"]
KINDS: tuple[str, ...] = get_args(Kind)
EVERY = "*"

HTML = b"<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>"
GARBAGE = b'{"result":{"logMessage":{"id":1,"crea'


@dataclass
class Effect:
    """`times` None means until switched off; `processed` means after the portal has done what was asked."""

    kind: Kind
    method: str = EVERY
    times: int | None = 1
    seconds: float = 0.0
    code: str = ""
    processed: bool = False

    def matches(self, names: list[str]) -> bool:
        """A batch is met through any of its commands, except by a refusal, which hits the command alone."""
        if self.times == 0:
            return False
        return self.method == EVERY or self.method in (names[:1] if self.kind == "refuse" else names)

    def use(self) -> None:
        if self.times is not None:
            self.times -= 1

    @property
    def sentence(self) -> str:
        what = f"{self.kind} {self.code}".strip() + (f" of {self.seconds:g} s" if self.seconds else "")
        often = "until switched off" if self.times is None else f"for the next {self.times}"
        which = "every call" if self.method == EVERY else self.method
        return f"{what}, {which}, {often}{', after processing' if self.processed else ''}"


def spoiled(effect: Effect) -> Response:
    """The answer that comes instead of the real one."""
    if effect.kind == "reset":
        return Response(0, resets=True)
    if effect.kind == "html":
        return Response(500, HTML, "text/html; charset=utf-8")
    return Response(200, GARBAGE)
