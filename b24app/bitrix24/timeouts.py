"""How long a request may take."""

from dataclasses import dataclass

# Portals end requests after 60 seconds, so waiting much longer is pointless.
MORE_SECONDS = 5


@dataclass(frozen=True)
class Timeouts:
    """Timeouts in seconds: for connecting, including the TLS handshake, and until the answer's next byte."""

    connect_seconds: float = 3
    read_seconds: float = 10

    @property
    def exchange_seconds(self) -> float:
        """How long it may take to send a request and to read its whole answer."""
        return self.read_seconds + min(self.read_seconds / 2, MORE_SECONDS)

    @property
    def longest_seconds(self) -> float:
        """The longest time that a call can take."""
        return self.connect_seconds + self.exchange_seconds
