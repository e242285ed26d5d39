"""The methods that this portal knows, and what each declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import Code
from .call import Call

Action = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Method:
    """A method: who may call it, its refusals, and its fidelity to the real one."""

    name: str
    action: Action
    scopes: tuple[str, ...]
    who: str
    refusals: tuple[Code, ...]
    page: int
    fidelity: str


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *,
    scopes: tuple[str, ...] = (),
    who: str = "any user",
    refusals: tuple[Code, ...] = (),
    page: int = 0,
    fidelity: str = "complete",
) -> Callable[[Action], Action]:
    """A decorator that registers a method; `scopes` are alternatives, without any, no scope is needed."""

    def register(action: Action) -> Action:
        METHODS[name] = Method(name, action, scopes, who, refusals, page, fidelity)
        return action

    return register
