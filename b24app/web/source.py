"""The source of a request, for budgets."""

import ipaddress

from flask import request

# Anybody with one IPv6 address has its whole network.
IPV6_NETWORK_BITS = 64


def source() -> str:
    """The peer's address, for IPv6 its network; empty if a local socket has none.

    A proxy's header is only believed if TRUSTED_PROXIES is set.
    """
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False))
    return str(address)
