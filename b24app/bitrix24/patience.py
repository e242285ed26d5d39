"""Connections that tell a failed handshake from what fails later."""

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import NewConnectionError


class HandshakeFailed(NewConnectionError):
    """No TLS came about, so nothing was asked; a TLS that fails later is another matter."""


class HttpsConnection(HTTPSConnection):
    def connect(self) -> None:
        """Raises HandshakeFailed, or NewConnectionError where it does not even come to a handshake."""
        try:
            super().connect()
        except OSError:
            raise HandshakeFailed(self, "the TLS handshake failed") from None
