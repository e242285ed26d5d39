"""A fresh box for each test; it costs a few milliseconds."""

from collections.abc import Iterator

import pytest

from devportal import Box, Portal
from devportal.errors import SYSTEM
from devportal.rest.registry import METHODS
from tests.devportal.chromium import Chromium, Visitor
from tests.devportal.client import Caller, Listening

CLIENT_ID = "local.5f0c1d2e3b4a59.12345678"
CLIENT_SECRET = "portal-secret"


@pytest.fixture
def application() -> Iterator[Listening]:
    listening = Listening()
    yield listening
    listening.stop()


@pytest.fixture
def box(application: Listening) -> Iterator[Box]:
    with Box(app_url=application.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, title="Logbook") as box:
        yield box
        for portal in box.portals:
            check_refusals(portal)


def check_refusals(portal: Portal) -> None:
    """Whatever a method refused with is declared of it, and so is in the README."""
    for call in portal.calls:
        if call.error and call.method in METHODS:
            declared = {str(code) for code in METHODS[call.method].refusals}
            assert call.error in declared | set(SYSTEM), f"{call.method} refused with {call.error}"


@pytest.fixture
def portal(box: Box) -> Portal:
    return box.portals[0]


@pytest.fixture
def administrator(portal: Portal) -> Caller:
    return Caller(portal, portal.administrator)


@pytest.fixture
def employee(portal: Portal) -> Caller:
    return Caller(portal, portal.employee)


@pytest.fixture
def reader(portal: Portal) -> Caller:
    return Caller(portal, portal.reader)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    chromium = Chromium()
    yield chromium
    chromium.close()


@pytest.fixture
def visitor(chromium: Chromium, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """A page that must not complain; `@pytest.mark.parametrize("visitor", [False], indirect=True)`: without script."""
    visitor = chromium.open(with_script=getattr(request, "param", True))
    yield visitor
    chromium.run(visitor.close)
    assert visitor.complaints == []


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test with a visitor runs on the browser's thread."""
    if "visitor" not in pyfuncitem.fixturenames:
        return None
    chromium = pyfuncitem.funcargs["chromium"]
    assert isinstance(chromium, Chromium)
    names = pyfuncitem._fixtureinfo.argnames
    chromium.run(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names})
    return True
