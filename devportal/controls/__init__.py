"""The controls: all faults and changes that can be made on the Faults page or over HTTP."""

from . import authorization, calls, cards, dialects, events, lifecycle, limits, people, portals
from .control import CONTROLS, Control, ControlError, Field, Given, find

__all__ = [
    "CONTROLS",
    "Control",
    "ControlError",
    "Field",
    "Given",
    "authorization",
    "calls",
    "cards",
    "dialects",
    "events",
    "find",
    "lifecycle",
    "limits",
    "people",
    "portals",
]
