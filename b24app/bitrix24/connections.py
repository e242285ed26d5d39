"""Pools of connections, which refuse private addresses, and the certificates that they trust."""

import socket
from functools import lru_cache
from ssl import SSLContext
from typing import Any, cast

import certifi
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
    kinds = POOLS if is_insecure_allowed else PUBLIC_POOLS

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


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _HttpPool, "https": _HttpsPool}
PUBLIC_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _PublicHttpPool, "https": _PublicHttpsPool}
