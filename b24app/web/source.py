"""Where a request comes from, as far as a budget is concerned."""

import ipaddress

from flask import request

# Whoever has one IPv6 address has all that begin alike.
IPV6_NETWORK_BITS = 64


def source() -> str:
    """The address of the other side, for IPv6 its network; empty where a socket of this machine tells none.

    A header says who is behind a proxy only where TRUSTED_PROXIES says that there is one.
    """
    address = _address()
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False))
    return str(address or "")


def public_source() -> str:
    """The same; empty where it may be a proxy that we were not told of, behind which everybody is."""
    address = _address()
    return source() if address and address.is_global else ""


def _address() -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
