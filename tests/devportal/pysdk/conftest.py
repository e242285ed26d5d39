"""The official Python SDK, unmodified: its own https hosts lead to the portal in a box."""

from collections.abc import Iterator

import pytest
from b24pysdk import BitrixApp, BitrixToken, Client
from b24pysdk.credentials import OAuthPlacementData

from devportal import Box, FramePost, Portal
from tests.devportal.conftest import CLIENT_ID, CLIENT_SECRET
from tests.devportal.tls import Proxy

OAUTH = "oauth.bitrix24.tech"
DOMAIN = "brightside.bitrix24.example"
NEW_DOMAIN = "brighter.bitrix24.example"


@pytest.fixture(scope="session")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    proxy = Proxy([OAUTH, DOMAIN, NEW_DOMAIN], tmp_path_factory.mktemp("tls"))
    yield proxy
    proxy.stop()


@pytest.fixture
def portal(box: Box, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Portal:
    """The portal under a name as Bitrix24 gives it, and the authorization server that the SDK knows."""
    portal = box.portals[0]
    portal.state.public_url = f"https://{DOMAIN}"
    box.state.authority.public_url = f"https://{OAUTH}"
    proxy.ports |= {OAUTH: box.state.authority.port, DOMAIN: portal.state.port, NEW_DOMAIN: portal.state.port}
    for name, value in proxy.environment.items():
        monkeypatch.setenv(name, value)
    return portal


@pytest.fixture
def app() -> BitrixApp:
    return BitrixApp(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


def token_of(portal: Portal, app: BitrixApp, frame: FramePost) -> BitrixToken:
    """As an application makes it of the frame's POST."""
    data = OAuthPlacementData.from_dict({**frame.query, **frame.fields})
    return BitrixToken.from_oauth_placement_data(data, app)


@pytest.fixture
def token(portal: Portal, app: BitrixApp) -> BitrixToken:
    return token_of(portal, app, portal.frame(portal.administrator))


@pytest.fixture
def client(token: BitrixToken) -> Client:
    return Client(token, max_retries=1)


@pytest.fixture
def employee(portal: Portal, app: BitrixApp) -> Client:
    return Client(token_of(portal, app, portal.frame(portal.employee)), max_retries=1)
