"""Access to portals and authorization servers, with shared timeouts; passed around as ``b24``."""

from collections.abc import Callable
from dataclasses import dataclass

from b24app.bitrix24.admission import Admission
from b24app.bitrix24.bulkhead import Bulkhead
from b24app.bitrix24.callbacks import CallbackClient
from b24app.bitrix24.client import Client, Exchange
from b24app.bitrix24.connections import Connections
from b24app.bitrix24.oauth import Authorities
from b24app.bitrix24.reachability import Reachability
from b24app.bitrix24.timeouts import Timeouts

WEB = Timeouts(connect_seconds=3, read_seconds=10)
WORKER = Timeouts(connect_seconds=3, read_seconds=60)


@dataclass(frozen=True)
class Bitrix24:
    """``portals`` calls REST methods of portals, ``authorities`` calls the authorization servers.

    Calls for unproved requests go through ``admission``. ``reachability`` knows whether a server was reached lately.
    ``callbacks`` posts to the callback addresses of machines.
    """

    portals: Client
    authorities: Authorities
    admission: Admission
    reachability: Reachability
    callbacks: CallbackClient

    @property
    def longest_call_seconds(self) -> float:
        """The longest time that one call can take."""
        return self.portals.timeouts.longest_seconds


def open_gateway(
    authorities: tuple[str, ...],
    client_id: str,
    client_secret: str,
    timeouts: Timeouts,
    note: Callable[[Exchange], None],
    *,
    is_insecure_allowed: bool,
    ca_bundle: str = "",
) -> Bitrix24:
    """Open the connections. Only portals must have public addresses: the operator chose the authorization servers."""
    # The worker separates portals itself, and nobody waits for its threads.
    bulkhead = Bulkhead() if timeouts == WEB else None
    chosen = Connections(is_insecure_allowed=True, ca_bundle=ca_bundle)
    allowed = Connections(is_insecure_allowed=is_insecure_allowed, ca_bundle=ca_bundle)
    portals = Client(allowed, timeouts, note, bulkhead)
    trusted = Client(chosen, timeouts, bulkhead=bulkhead)
    servers = Authorities(authorities, trusted, client_id, client_secret, note, is_insecure_allowed=is_insecure_allowed)
    return Bitrix24(
        portals=portals,
        authorities=servers,
        admission=Admission(),
        reachability=Reachability(servers),
        callbacks=CallbackClient(allowed),
    )
