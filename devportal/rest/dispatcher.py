"""Dispatches calls and batches to methods."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from .. import errors
from ..context import Caller
from ..errors import ApiError
from ..portal import Portal
from . import batch
from .call import Call
from .envelope import timing
from .parameters import Parameters, mapping
from .registry import METHODS, Method

MAX_COMMANDS = 50


def require_method(name: str) -> None:
    """The method with this name; unknown ones are refused before the token is checked."""
    if name != "batch" and name not in METHODS:
        raise errors.system("ERROR_METHOD_NOT_FOUND")


def require_active(caller: Caller, name: str) -> None:
    """Refuses calls of dismissed people, except for `profile`, whose answer is empty."""
    if not caller.person.is_active and name != "profile":
        raise errors.system("authorization_error")


def perform(portal: Portal, caller: Caller, name: str, parameters: Parameters) -> Any:
    """The result of one method; raises `ApiError`."""
    method = METHODS.get(name)
    if method is None:
        raise errors.system("ERROR_METHOD_NOT_FOUND")
    require_scope(method, caller)
    client_id = caller.application.client_id
    portal.faults.charge(client_id, name, card_of(parameters))
    began = time.perf_counter()
    result = method.action(Call(portal, caller, parameters))
    portal.faults.spend(client_id, name, time.perf_counter() - began)
    return result


def card_of(parameters: Parameters) -> str:
    """The card in a call's parameters, as ``2-12``; empty if there is none."""
    named = {**parameters, **mapping(parameters.get("fields"))}
    kind, number = named.get("entityTypeId"), named.get("entityId") or named.get("id")
    return f"{kind}-{number}" if kind and number else ""


def require_scope(method: Method, caller: Caller) -> None:
    if method.scopes and not any(scope in caller.scopes for scope in method.scopes):
        raise errors.system("insufficient_scope")


def perform_batch(portal: Portal, caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """Performs all commands in turn; a failing command stops the rest only if `halt` is set."""
    outcome = batch.Outcome()
    for number, (key, command) in enumerate(batch.commands(parameters.get("cmd"))):
        started = portal.clock.now()
        try:
            name, inner = batch.read(command, outcome.known())
            if number >= MAX_COMMANDS:
                raise errors.system("ERROR_BATCH_LENGTH_EXCEEDED")
            if name == "batch":
                raise errors.system("ERROR_BATCH_METHOD_NOT_ALLOWED")
            result = perform(portal, caller, name, inner)
        except ApiError as error:
            outcome.refuse(key, portal.spell(error))
            if batch.halts(parameters):
                break
            continue
        operating = portal.faults.operating(caller.application.client_id, name)
        outcome.accept(key, result, timing(started, portal.clock.now(), operating, portal.zone))
    return outcome.as_dict()


def command_names(parameters: Parameters) -> Iterator[str]:
    """The methods of a batch's commands, for the request log."""
    for _, command in batch.commands(parameters.get("cmd")):
        yield command.partition("?")[0].strip("/").lower()
