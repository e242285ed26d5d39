"""Pools of connections, which refuse private addresses, and the certificates that they trust."""

import socket
from functools import lru_cache
from ssl import SSLContext
from typing import Any, ClassVar, cast

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from b24app.bitrix24.public_addresses import refuse_private_peer
from b24app.bitrix24.timeouts import HttpConnection, HttpsConnection

POOLED_PORTALS = 64
POOLED_CONNECTIONS_PER_PORTAL = 16


def connections(*, is_insecure_allowed: bool, ca_bundle: str = "") -> PoolManager:
    """Connection pools that never connect to private or loopback addresses without permission.

    Plain urllib3, since requests would double the time of a call; the environment is ignored.
    A company's own authorities in ``ca_bundle`` are trusted in addition to the public ones.
    """
    pools = PoolManager(POOLED_PORTALS, maxsize=POOLED_CONNECTIONS_PER_PORTAL)
    kinds = (_Adapter if is_insecure_allowed else _PublicAdapter).POOLS

    def make_secure(*place: Any, **how: Any) -> HTTPConnectionPool:
        return kinds["https"](*place, **{**how, "ssl_context": _trusted(ca_bundle)})

    pools.pool_classes_by_scheme = {**kinds, "https": cast("Any", make_secure)}
    return pools


@lru_cache(maxsize=8)
def _trusted(ca_bundle: str) -> SSLContext:
    """The trusted certificates, read once per process, when first needed: they take 40 ms and several megabytes."""
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


class _PublicHttpConnection(HttpConnection):
    def _new_conn(self) -> socket.socket:
        return refuse_private_peer(self, super()._new_conn())


class _PublicHttpsConnection(HttpsConnection):
    def _new_conn(self) -> socket.socket:
        return refuse_private_peer(self, super()._new_conn())


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
            # requests itself adds the public authorities.
            kwargs["ssl_context"] = create_urllib3_context()
            kwargs["ssl_context"].load_verify_locations(cafile=self._ca_bundle)
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.POOLS


class _PublicAdapter(_Adapter):
    POOLS: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _PublicHttpPool, "https": _PublicHttpsPool}
