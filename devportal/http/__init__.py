"""A small HTTP/1.1 server with kept connections, because the portal must never be what a benchmark measures."""

from .listener import Listener
from .messages import Request, Response

__all__ = ["Listener", "Request", "Response"]
