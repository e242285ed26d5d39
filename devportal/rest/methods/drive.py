"""The portal's drive, which is empty."""

from __future__ import annotations

from ...errors import ApiError
from ..call import Call
from ..registry import method


@method("disk.file.get", scopes=("disk",), refusals=("ERROR_ARGUMENT", "ERROR_NOT_FOUND", 100), fidelity="no files")
def get(call: Call) -> None:
    """Reads a file; the parameter's name is case-sensitive."""
    number = call.parameters.get("id")
    if "id" not in call.parameters:
        raise ApiError(100, "Could not find value for parameter {id}")
    if number in (None, ""):
        raise ApiError("ERROR_ARGUMENT", "Invalid value of parameter {Parameter #0}")
    raise ApiError("ERROR_NOT_FOUND", f"Could not find entity with id `{number}`")
