"""Faults on demand; there are none until someone asks for them."""

from .calls import CallFaults
from .effects import Effect, Kind
from .events import EventFaults

__all__ = ["CallFaults", "Effect", "EventFaults", "Kind"]
