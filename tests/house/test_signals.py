"""Handlers of signals run in the middle of anything, so they take no lock: whatever they interrupt may hold it."""

import ast
from pathlib import Path

from tests.house.test_floors import PROJECT


def handlers(path: Path) -> list[ast.expr]:
    """The handlers that a file gives to ``signal.signal``."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return [call.args[1] for call in calls if ast.unparse(call.func) == "signal.signal"]


def test_they_only_put_the_signal_into_a_queue_that_is_made_for_them() -> None:
    found = [
        (path, one)
        for place in ("b24app", "devportal")
        for path in (PROJECT / place).rglob("*.py")
        for one in handlers(path)
    ]
    assert len(found) >= 4
    for path, handler in found:
        if isinstance(handler, ast.Lambda):
            assert ast.unparse(handler.body).endswith("ignals.put(number)"), path
            assert "SimpleQueue" in path.read_text(), path
        else:
            assert ast.unparse(handler) == "signal.SIG_IGN", path
