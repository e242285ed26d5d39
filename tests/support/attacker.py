"""Attackers, and how to check that they learn nothing."""

import socket
import threading

from devportal import Portal
from tests.support.logbook import Logbook, Page


class Attacker:
    """Listens on an address of their own, answers like a friendly portal, and keeps every connection made to it."""

    ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"result":{}}'

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def address(self) -> str:
        return f"http://{self.host}"

    def stop(self) -> None:
        """Ends by a call of our own, the only one that must not be counted."""
        self._is_over = True
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()

    _is_over = False

    def _listen(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if self._is_over:
                    return
                connection.settimeout(2)
                try:
                    self.heard.append(connection.recv(65536))
                    connection.sendall(self.ANSWER)
                except OSError:
                    self.heard.append(b"connected")


def install(logbook: Logbook, portal: Portal) -> None:
    """By the portal's administrator, to the end."""
    page = logbook.send(portal.install_frame(portal.administrator))
    assert page.status == 200, page.text
    portal.finish_install()


def learns_nothing(page: Page, portal: Portal) -> None:
    """Nothing of the portal is in the page, and nothing in it gives access to more."""
    assert page.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert not {"X-Frame-Options", "Set-Cookie", "Location"} & set(page.headers)
    secrets = [portal.member_id, portal.host, portal.name, portal.application_token or portal.host]
    secrets += [person.last_name for person in portal.people]
    secrets += [item.title for items in portal.state.items.values() for item in items.values()]
    whole = page.text + str(page.headers)
    assert [secret for secret in secrets if secret in whole] == []
    assert page.soup.select("form, [data-entry-id], [data-portal-origin]") == []
