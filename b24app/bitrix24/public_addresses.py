"""Refuses private addresses: portals and callbacks must have public ones.

The operator can allow private addresses for the portal in a box.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from b24app.bitrix24.addresses import origin_of
from b24app.errors import Malformed

# Printable characters, without spaces and fragments.
PLAIN_ADDRESS = re.compile(r"[!\"$-~]*")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Which of the addresses with another one in them are global depends on Python's version.
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


def is_public_url(address: str, *, is_insecure_allowed: bool) -> bool:
    """Whether an address that somebody gave us may be called, judged without resolving its host.

    The resolved address is checked when it is called.
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


def is_public(address: Address) -> bool:
    """Whether an address is public. The one embedded in it for translation or tunnels decides, if there is one."""
    inner = _embedded(address)
    return address.is_global and not address.is_multicast if inner is None else is_public(inner)


def is_private_host(host: str) -> bool:
    """Whether a host, perhaps with a port, is not public by its name alone; nothing is resolved."""
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
