"""From a method's name to its answer, one call or a batch of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .. import faults
from ..faults import Fault
from . import batch
from .call import Call, Caller
from .envelope import timing
from .parameters import Parameters
from .registry import METHODS, Method

if TYPE_CHECKING:
    from ..portal import Portal

MAX_COMMANDS = 50


def require_method(name: str) -> None:
    """An unknown method is refused before anybody asks for a token."""
    if name != "batch" and name not in METHODS:
        raise faults.system("ERROR_METHOD_NOT_FOUND")


def require_active(caller: Caller, name: str) -> None:
    """A dismissed person's calls fail, only `profile` still answers him, with nothing."""
    if not caller.person.is_active and name != "profile":
        raise faults.system("authorization_error")


def perform(portal: Portal, caller: Caller, name: str, parameters: Parameters) -> Any:
    """The result of one method; raises `Fault`."""
    method = METHODS.get(name)
    if method is None:
        raise faults.system("ERROR_METHOD_NOT_FOUND")
    require_scope(method, caller)
    client_id = caller.application.client_id
    portal.weather.charge(client_id, name)
    began = time.perf_counter()
    result = method.action(Call(portal, caller, parameters))
    portal.weather.spend(client_id, name, time.perf_counter() - began)
    return result


def require_scope(method: Method, caller: Caller) -> None:
    if method.scopes and not any(scope in caller.scopes for scope in method.scopes):
        raise faults.system("insufficient_scope")


def perform_batch(portal: Portal, caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """Every command in turn; a failing one stops the rest only when `halt` is set."""
    outcome = batch.Outcome()
    for number, (key, command) in enumerate(batch.commands(parameters.get("cmd"))):
        started = portal.clock.now()
        try:
            name, inner = batch.read(command, outcome.known())
            if number >= MAX_COMMANDS:
                raise faults.system("ERROR_BATCH_LENGTH_EXCEEDED")
            if name == "batch":
                raise faults.system("ERROR_BATCH_METHOD_NOT_ALLOWED")
            result = perform(portal, caller, name, inner)
        except Fault as fault:
            outcome.refuse(key, portal.spell(fault))
            if batch.halts(parameters):
                break
            continue
        operating = portal.weather.operating(caller.application.client_id, name)
        outcome.accept(key, result, timing(started, portal.clock.now(), operating, portal.zone))
    return outcome.as_dict()


def command_names(parameters: Parameters) -> Iterator[str]:
    """The methods that a batch asks for, for the record."""
    for _, command in batch.commands(parameters.get("cmd")):
        yield command.partition("?")[0].strip("/").lower()
