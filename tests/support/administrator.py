"""An administrator's way through the settings of their portal."""

from typing import Any

from devportal import Portal
from devportal.model.people import Person
from tests.support.logbook import Logbook, Page


class Admin:
    """Opens the settings in the portal's frame; every later request has the session of the page before."""

    def __init__(self, logbook: Logbook, portal: Portal, person: Person | None = None) -> None:
        self.logbook = logbook
        self.portal = portal
        self.page = logbook.send(portal.frame(person or portal.administrator, placement="DEFAULT"))
        self.session = str(self.page.one("input[name=session]")["value"])

    def go(self, section: str, **fields: Any) -> Page:
        """Open a section, ``places`` or ``icons/upload``, with further fields."""
        return self.submit(f"/settings/{section}", fields)

    def submit(self, address: str, fields: dict[str, Any]) -> Page:
        """Send a form; lists are fields that are given several times, a tuple is a file."""
        self.page = self.logbook.submit(address, {"session": self.session, **fields})
        return self.page
