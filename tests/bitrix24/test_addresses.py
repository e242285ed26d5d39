"""Parsing addresses: a host becomes part of a header, so nothing else may be accepted."""

import pytest

from b24app.bitrix24.addresses import checked_endpoint, is_origin, origin_of
from b24app.errors import Malformed

READ = {
    "https://Portal.Example": "https://portal.example",
    "https://portal.example:443/rest/": "https://portal.example",
    "http://portal.example:8080": "http://portal.example:8080",
    "https://crm_test.company.local/rest/": "https://crm_test.company.local",
    "https://_crm.company.local": "https://_crm.company.local",
    "https://bücher.example": "https://xn--bcher-kva.example",
    "https://портал.рф/": "https://xn--80awhdgm.xn--p1ai",
    "https://[2001:DB8::1]:8443/rest/": "https://[2001:db8::1]:8443",
    "https://10.0.0.1": "https://10.0.0.1",
    "https://portal.example./rest/": "https://portal.example",
}
NO_ADDRESSES = [
    *("https://a.example;script-src *;x/rest/", "https://a.example script-src/", "https://a.example,b.example/"),
    *("https://*.example/", "https://*/", "https://'self'/", "https://a..example", "https://-a.example"),
    *("https://a.example-/", "https://%61.example/", "https://a.example\\b/", "https://user@a.example/", "https:///x"),
    *("https://[::1%25eth0]/", "https://[::1;x]/", "https://[::1", "https://a.example:0/", "https://a.example:65536/"),
    *("https://a.example:8x/", "ftp://a.example/", "data:text/html,x", "//a.example", "", "https://" + "a" * 254),
    *("https://" + "a" * 64 + ".example", "https://a.ex\x00ample", "https://a.example\u2028x"),
]
NO_PATHS = ["/;script-src *;x/rest/", "/a b/rest/", "/%3b/rest/", "/a//rest/", "/../'/rest/", "/" + "a" * 101, "/x,y/"]


@pytest.mark.parametrize("address", READ)
def test_an_origin_is_read_in_one_spelling(address: str) -> None:
    assert origin_of(address) == READ[address]
    assert is_origin(READ[address])


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert not is_origin(address)
    with pytest.raises(Malformed):
        checked_endpoint(address, is_insecure_allowed=True)


@pytest.mark.parametrize("path", NO_PATHS)
def test_an_endpoint_has_a_plain_path(path: str) -> None:
    with pytest.raises(Malformed):
        checked_endpoint(f"https://a.example{path}", is_insecure_allowed=True)


@pytest.mark.parametrize("text", ["https://A.example", "https://a.example/", "https://a.example:443", "'none'", "*"])
def test_another_spelling_is_no_origin_for_a_policy(text: str) -> None:
    assert not is_origin(text)


def test_an_endpoint_keeps_its_path() -> None:
    address = "https://a.example/bitrix/rest"
    assert checked_endpoint(address, is_insecure_allowed=False) == "https://a.example/bitrix/rest/"
