"""Parses batches: commands, references to earlier results, and the outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .envelope import Page
from .parameters import Parameters, is_true, mapping, parse_brackets

Key = str | int

REFERENCE = re.compile(r"\$(result|error|total|next|time)((?:\[[^\[\]]*\])+)")
STEP = re.compile(r"\[([^\[\]]*)\]")


@dataclass
class Outcome:
    """Results and refusals by the commands' keys."""

    results: dict[Key, Any] = field(default_factory=dict)
    errors: dict[Key, Any] = field(default_factory=dict)
    totals: dict[Key, int] = field(default_factory=dict)
    nexts: dict[Key, int] = field(default_factory=dict)
    times: dict[Key, Any] = field(default_factory=dict)

    def known(self) -> dict[str, dict[Key, Any]]:
        """What later commands can refer to, by the word after the dollar sign."""
        return {
            "result": self.results,
            "error": self.errors,
            "total": self.totals,
            "next": self.nexts,
            "time": self.times,
        }

    def accept(self, key: Key, result: Any, timing: dict[str, Any]) -> None:
        self.results[key] = result.rows if isinstance(result, Page) else result
        self.times[key] = timing
        if isinstance(result, Page):
            self.totals[key] = result.total
            if result.next is not None:
                self.nexts[key] = result.next

    def refuse(self, key: Key, body: dict[str, Any]) -> None:
        self.errors[key] = body

    def as_dict(self) -> dict[str, Any]:
        return {
            "result": self.results,
            "result_error": self.errors,
            "result_total": self.totals,
            "result_next": self.nexts,
            "result_time": self.times,
        }


def commands(given: Any) -> list[tuple[Key, str]]:
    """The commands in order; numeric keys become numbers, as in PHP."""
    found = mapping(given)
    return [(int(key) if is_number(key) else key, str(command)) for key, command in found.items()]


def is_number(key: str) -> bool:
    return key.isascii() and key.isdigit() and (key == "0" or not key.startswith("0"))


def halts(parameters: Parameters) -> bool:
    return is_true(parameters.get("halt"))


def read(command: str, known: dict[str, dict[Key, Any]]) -> tuple[str, Parameters]:
    """The method and parameters of a command, with references filled in."""
    name, _, query = command.partition("?")
    parameters = {key: filled(value, known) for key, value in parse_brackets(query).items()}
    return name.strip("/").lower().removesuffix(".json"), parameters


def filled(value: Any, known: dict[str, dict[Key, Any]]) -> Any:
    if isinstance(value, dict):
        return {key: filled(child, known) for key, child in value.items()}
    if isinstance(value, list):
        return [filled(child, known) for child in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    whole = REFERENCE.fullmatch(value)
    if whole:
        return follow(whole[2], known[whole[1]])
    return REFERENCE.sub(lambda found: as_text(follow(found[2], known[found[1]])), value)


def follow(steps: str, results: Any) -> Any:
    """The value behind `[key][field][0]`, or None."""
    node = results
    for step in STEP.findall(steps):
        node = child_of(node, step)
    return node


def child_of(node: Any, step: str) -> Any:
    if isinstance(node, list) and step.isdigit() and int(step) < len(node):
        return node[int(step)]
    if isinstance(node, dict):
        return node.get(step, node.get(int(step)) if is_number(step) else None)
    return None


def as_text(value: Any) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else str(value)
