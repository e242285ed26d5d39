"""Loads additional methods from a file."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from .registry import METHODS


def load(path: Path) -> list[str]:
    """Runs a Python file that registers methods; returns their names, and raises ValueError if there are none."""
    before = dict(METHODS)
    spec = importlib.util.spec_from_file_location(f"own_methods_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is not a Python file")
    try:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except Exception as error:
        raise ValueError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    added = [name for name, row in METHODS.items() if before.get(name) is not row]
    if not added:
        raise ValueError(f"{path} registers no methods")
    return added
