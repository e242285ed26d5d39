"""Everything that can be made to go wrong, each under a name: for the Weather page and for HTTP."""

from . import authorization, calls, limits, mail, people, portals, readings
from .lever import LEVERS, Field, Given, Lever, LeverError

__all__ = [
    "LEVERS",
    "Field",
    "Given",
    "Lever",
    "LeverError",
    "authorization",
    "calls",
    "limits",
    "mail",
    "people",
    "portals",
    "readings",
]
