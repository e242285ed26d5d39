"""A small HTTP/1.1 server with persistent connections that it can break: httptools parses, the sockets are ours."""

from .listener import Listener
from .messages import Request, Response

__all__ = ["Listener", "Request", "Response"]
