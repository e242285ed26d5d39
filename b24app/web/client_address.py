"""The client address of a request, for rate limits."""

import ipaddress

from flask import request

# Whoever has one IPv6 address usually has its whole network.
IPV6_NETWORK_BITS = 64


def source() -> str:
    """The client's address, for IPv6 its network; empty for a local socket.

    A proxy's header counts only if TRUSTED_PROXIES is set.
    """
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False))
    return str(address)
