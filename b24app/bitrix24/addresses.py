"""Which addresses we call: https and public ones, unless the operator allows others for the portal in a box."""

import ipaddress
import re
import socket
from functools import lru_cache
from ssl import SSLContext
from typing import Any, ClassVar
from urllib.parse import urlsplit

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from b24app.bitrix24.patience import HttpConnection, HttpsConnection
from b24app.errors import Malformed

POOLED_PORTALS = 64
POOLED_CONNECTIONS_PER_PORTAL = 16

# Hosts on company networks may have underscores, although the standard forbids them.
LABEL = r"[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*")
# Printable, without a space and a fragment.
PLAIN_ADDRESS = re.compile(r"[!\"$-~]*")
PATH = re.compile(r"(?:/[0-9A-Za-z._~-]{1,100}){0,5}")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Python considers some of these targets global, depending on its version.
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


def origin_of(address: str) -> str:
    """Scheme, host and port of a web address, lower case and in ASCII; raises Malformed for anything else."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Malformed(field="address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None or port == 0:
        raise Malformed(field="address")
    is_default = port in {None, 443 if parts.scheme == "https" else 80}
    return f"{parts.scheme}://{_host(parts.hostname)}" + ("" if is_default else f":{port}")


def is_origin(text: str) -> bool:
    """Whether this is exactly an origin, in normalized form, so that it may enter a page's CSP."""
    try:
        return origin_of(text) == text
    except Malformed:
        return False


def checked_endpoint(address: str, *, is_insecure_allowed: bool) -> str:
    """A portal's client_endpoint, from an authorization server; raises Malformed unless it is https."""
    origin = origin_of(address)
    path = urlsplit(address).path.rstrip("/")
    if not (origin.startswith("https://") or is_insecure_allowed) or not PATH.fullmatch(path):
        raise Malformed(field="client_endpoint")
    return f"{origin}{path}/"


def is_public_url(address: str, *, is_insecure_allowed: bool) -> bool:
    """Whether an address that somebody gave us may be called, as far as is known without looking up its host.

    What its name leads to is checked when it is called.
    """
    try:
        origin = origin_of(address)
        host = urlsplit(address).hostname or ""
    except (Malformed, ValueError):
        return False
    if not PLAIN_ADDRESS.fullmatch(address):
        return False
    return is_insecure_allowed or (origin.startswith("https://") and _may_be_public(host))


def _may_be_public(host: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return "." in host


def _host(name: str) -> str:
    """A host name, an IPv4 address or a bracketed IPv6 address, strictly: it becomes part of headers."""
    try:
        if ":" in name and "%" not in name:
            return f"[{ipaddress.IPv6Address(name)}]"
        host = name.encode("idna").decode() if not name.isascii() else name
    except ValueError:
        raise Malformed(field="address") from None
    host = host.lower().removesuffix(".")
    if not HOST_NAME.fullmatch(host):
        raise Malformed(field="address")
    return host


class PrivateAddress(NewConnectionError):
    """Nothing was sent: the host name resolves to an address that is not public."""


def connections(*, is_insecure_allowed: bool, ca_bundle: str = "") -> PoolManager:
    """Connection pools that never connect to private or loopback addresses without permission.

    Plain urllib3, since requests would double the time of a call; the environment is ignored.
    A company's own authorities in ``ca_bundle`` are trusted in addition to the public ones.
    """
    trusted = _trusted(ca_bundle)
    pools = PoolManager(POOLED_PORTALS, maxsize=POOLED_CONNECTIONS_PER_PORTAL, ssl_context=trusted)
    pools.pool_classes_by_scheme = (_Adapter if is_insecure_allowed else _PublicAdapter).POOLS
    return pools


@lru_cache(maxsize=8)
def _trusted(ca_bundle: str) -> SSLContext:
    """Read once for a process: the public authorities take 40 ms and some megabytes."""
    trusted = create_urllib3_context()
    trusted.load_verify_locations(cafile=certifi.where())
    if ca_bundle:
        trusted.load_verify_locations(cafile=ca_bundle)
    return trusted


def equip(session: requests.Session, *, is_insecure_allowed: bool, ca_bundle: str = "") -> None:
    """Make a session use our connections, and ignore the environment."""
    adapter_type = _Adapter if is_insecure_allowed else _PublicAdapter
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter_type(ca_bundle))


def is_public(address: Address) -> bool:
    """Whether an address is public, and any address embedded in it for translation or tunnels, too."""
    inner = _embedded(address)
    return address.is_global and not address.is_multicast and (inner is None or is_public(inner))


def is_private_host(host: str) -> bool:
    """Whether a host, perhaps with a port, is not public by its name alone: nothing is looked up."""
    name = host.partition(":")[0]
    try:
        return not is_public(ipaddress.ip_address(name))
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address embedded in an IPv6 one: mapped, 6to4, Teredo's client, or NAT64 (RFC 6052)."""
    if address.version == 4:
        return None
    if any(address in network for network in NAT64):
        # Prefixes shorter than /96 put it elsewhere and end in zeros; ambiguous ones count as 0.0.0.0.
        last = int(address) & 0xFFFFFFFF
        return ipaddress.IPv4Address(last if last & 0xFFFFFF else 0)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _refuse_private_peer(connection: HTTPConnection, peer: socket.socket) -> socket.socket:
    """Checks the address that was actually connected to, which prevents DNS rebinding."""
    address = ipaddress.ip_address(peer.getpeername()[0].partition("%")[0])
    if not is_public(address):
        peer.close()
        raise PrivateAddress(connection, "the address is not public")
    return peer


class _PublicHttpConnection(HttpConnection):
    def _new_conn(self) -> socket.socket:
        return _refuse_private_peer(self, super()._new_conn())


class _PublicHttpsConnection(HttpsConnection):
    def _new_conn(self) -> socket.socket:
        return _refuse_private_peer(self, super()._new_conn())


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = HttpsConnection


class _PublicHttpPool(HTTPConnectionPool):
    ConnectionCls = _PublicHttpConnection


class _PublicHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHttpsConnection


class _Adapter(HTTPAdapter):
    POOLS: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _HttpPool, "https": _HttpsPool}

    def __init__(self, ca_bundle: str) -> None:
        self._ca_bundle = ca_bundle
        super().__init__(POOLED_PORTALS, POOLED_CONNECTIONS_PER_PORTAL)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._ca_bundle:
            # Requests adds the public authorities.
            kwargs["ssl_context"] = create_urllib3_context()
            kwargs["ssl_context"].load_verify_locations(cafile=self._ca_bundle)
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.POOLS


class _PublicAdapter(_Adapter):
    POOLS: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _PublicHttpPool, "https": _PublicHttpsPool}
