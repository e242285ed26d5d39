"""The client address of a request, for rate limits."""

import ipaddress

from flask import request

# Whoever has one IPv6 address usually has its whole network.
IPV6_NETWORK_BITS = 64


def source() -> str:
    """The client's address, for IPv6 its network; empty for a local socket.

    A proxy's header counts only if TRUSTED_PROXIES is set.
    """
    address = _address()
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False))
    return str(address or "")


def public_source() -> str:
    """The same; empty for private addresses, which may be an undeclared proxy's."""
    address = _address()
    return source() if address and address.is_global else ""


def _address() -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
