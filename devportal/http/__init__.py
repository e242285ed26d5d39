"""A small HTTP/1.1 server that keeps connections and can break them: httptools parses, the sockets are ours."""

from .listener import Listener
from .messages import Request, Response

__all__ = ["Listener", "Request", "Response"]
