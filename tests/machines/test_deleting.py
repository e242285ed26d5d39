"""The worker deletes entries of programs, whatever their state."""

from devportal import Portal
from tests.support.logbook import Logbook
from tests.support.machines import DEAL, machine, told


class TestDeleting:
    """DELETE /api/v1/entries/{id}"""

    def test_the_worker_takes_it_off_the_timeline(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        number = client.number()
        installed.work()
        answer = client.send("DELETE", f"/entries/{number}")
        assert (answer.status_code, told(answer)["state"]) == (202, "posted")
        installed.work()
        assert (portal.timeline(DEAL, 1), client.state(number)) == ([], "deleted")
        assert [row.title for row in installed.entries()] == [""]
        assert told(client.send("DELETE", f"/entries/{number}"))["state"] == "deleted"

    def test_what_was_never_sent_never_is(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        number = client.number()
        client.send("DELETE", f"/entries/{number}")
        portal.calls.clear()
        installed.work()
        assert (client.state(number), list(portal.calls)) == ("deleted", [])

    def test_a_refused_deletion_is_reported(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        number = client.number()
        installed.work()
        portal.deny_edit(portal.administrator, DEAL, 1)
        client.send("DELETE", f"/entries/{number}")
        installed.work()
        shown = told(client.get(f"/entries/{number}"))
        assert (shown["state"], shown["reason"]) == ("posted", "ACCESS_DENIED")

    def test_a_portal_that_hangs_is_asked_again_later(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        number = client.number()
        installed.work()
        client.send("DELETE", f"/entries/{number}")
        portal.faults.html(times=1)
        installed.work()
        assert client.state(number) == "posted"
        installed.pass_time(3600)
        installed.work()
        assert client.state(number) == "deleted"

    def test_an_unsure_entry_is_looked_for_and_then_deleted(self, installed: Logbook, portal: Portal) -> None:
        client = machine(installed, portal)
        number = client.number()
        portal.faults.reset(method="batch", processed=True)
        installed.work()
        assert client.state(number) == "waiting"
        client.send("DELETE", f"/entries/{number}")
        for _ in range(2):
            installed.pass_time(3600)
            installed.work()
        assert (portal.timeline(DEAL, 1), client.state(number)) == ([], "deleted")
