"""Parses web addresses strictly, since their hosts end up in headers."""

import ipaddress
import re
from urllib.parse import urlsplit

from b24app.errors import Malformed

# Hosts on company networks may have underscores, although the standard forbids them.
LABEL = r"[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*")
PATH = re.compile(r"(?:/[0-9A-Za-z._~-]{1,100}){0,5}")


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


def host_of(endpoint: str) -> str:
    """The host in an endpoint that was checked before, with its port."""
    return endpoint.partition("://")[2].partition("/")[0]


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


def _host(name: str) -> str:
    """A host name, an IPv4 address or a bracketed IPv6 address; raises Malformed for anything else."""
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
