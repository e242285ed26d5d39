"""A company's own certificates: trusted in every call if CA_BUNDLE names them, otherwise never."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from b24app.bitrix24.calls import Call
from b24app.bitrix24.connections import trusted
from b24app.bitrix24.gateway import WEB, Bitrix24, open_gateway
from b24app.config import Config, ConfigInvalid
from b24app.errors import Unreachable
from tests.house.test_config import WHOLE
from tests.support.tls_server import TlsServer, tls_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TlsServer]:
    with tls_server(tmp_path) as server:
        yield server


# Browsers and certifi know more than a hundred.
MANY_AUTHORITIES = 50


def gateway(server: TlsServer, ca_bundle: str) -> Bitrix24:
    secret = ((server.url,), "id", "secret", WEB, lambda exchange: None)
    return open_gateway(*secret, is_insecure_allowed=True, ca_bundle=ca_bundle)


def test_portals_and_authorization_servers_are_asked(server: TlsServer) -> None:
    b24 = gateway(server, str(server.certificate))
    assert b24.portals.call(f"{server.url}/rest/", "token", Call("profile")) == {"answered": True}
    b24.authorities.probe(server.url)
    assert b24.authorities.renew(server.url, "refresh").pair.access_token == "a"


def test_without_it_nobody_is(server: TlsServer) -> None:
    b24 = gateway(server, "")
    with pytest.raises(Unreachable, match="TLS_FAILED"):
        b24.portals.call(f"{server.url}/rest/", "token", Call("profile"))
    with pytest.raises(Unreachable, match="TLS_FAILED"):
        b24.authorities.probe(server.url)
    with pytest.raises(Unreachable, match="TLS_FAILED"):
        b24.authorities.renew(server.url, "refresh")


def test_public_authorities_are_trusted_on(server: TlsServer) -> None:
    assert len(trusted(str(server.certificate)).get_ca_certs()) > MANY_AUTHORITIES


def test_a_file_that_is_missing_or_holds_none_stops_the_start(server: TlsServer, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no certificate")
    for path in (tmp_path / "missing.pem", tmp_path / "notes.txt", tmp_path):
        with pytest.raises(ConfigInvalid, match="CA_BUNDLE: must be a file of certificates"):
            Config.from_environment({**WHOLE, "CA_BUNDLE": str(path)})
    whole = Config.from_environment({**WHOLE, "CA_BUNDLE": str(server.certificate)})
    assert whole.ca_bundle == str(server.certificate)
