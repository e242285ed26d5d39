"""Which addresses are public, including every way to embed IPv4 addresses in IPv6."""

import ipaddress

import pytest

from b24app.bitrix24.public_addresses import is_public

# 10.0.0.1, 127.0.0.1 and 169.254.169.254 by NAT64 (both prefixes), 6to4, Teredo and as mapped addresses.
PRIVATE = [
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "64:ff9b:1:ffff::a9fe:a9fe",
    "64:ff9b:1:0:a:0:100:0",
    "64:ff9b:1:a00:0:100::",
    "2002:a00:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:808:808:0:0:f5ff:fffe",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "10.0.0.1",
    "::1",
    "fe80::1",
    "fd00::1",
    "100.64.0.1",
    "224.0.0.1",
    "ff0e::1",
    "0.0.0.0",  # noqa: S104 - nobody listens
]
PUBLIC = [
    "8.8.8.8",
    "64:ff9b:1::808:808",
    "2002:808:808::1",
    "2a00:1450:4001:830::200e",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_ones_are_known_in_every_disguise(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_are_called(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
