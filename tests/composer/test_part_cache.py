"""Parts of pages are rendered once for many readers: nobody sees another portal's, or an outdated one."""

import threading
from typing import Any

from sqlalchemy import event

from b24app.models import Person
from b24app.services.settings import settings, writers
from b24app.services.settings.settings import Section
from b24app.web import icons, shown_entries
from devportal import Portal
from tests.conftest import any_database
from tests.devportal.pictures import png
from tests.settings.test_icons import choose
from tests.support.attacker import install
from tests.support.logbook import Logbook, Page

pytestmark = any_database

READING = ("SELECT", "WITH")


def titles(page: Page) -> dict[str, str]:
    tiles = page.soup.select("label.tile")
    return {str(radio["value"]): str(tile["title"]) for tile in tiles for radio in tile.select("input")}


def add_icon(portal: Portal, code: str) -> None:
    portal.icons.add(code, png())


def test_portals_that_offer_the_same_share_what_is_drawn(installed: Logbook, portal: Portal, second: Portal) -> None:
    installed.open_tab(portal)
    drawn = icons.kept_palettes().misses
    assert titles(installed.open_tab(second)) == titles(installed.open_tab(portal))
    assert icons.kept_palettes().misses == drawn
    assert (icons.kept_palettes().maxsize, shown_entries.kept_rows().maxsize) == (
        icons.PALETTES_KEPT,
        shown_entries.ROWS_KEPT,
    )


def test_a_picture_is_fetched_from_no_portal_but_ones_own(installed: Logbook, portal: Portal, second: Portal) -> None:
    for one in (portal, second):
        add_icon(one, "own")
    for _again in range(2):
        for one, other in ((portal, second), (second, portal)):
            page = installed.open_tab(one)
            assert f"{one.host}/upload/" in page.text
            assert other.host not in page.text


def test_an_icon_that_comes_or_goes_is_seen_at_once(installed: Logbook, portal: Portal, second: Portal) -> None:
    before = titles(installed.open_tab(portal))
    add_icon(portal, "new-one")
    assert titles(installed.open_tab(portal)).keys() == {*before, "new-one"}
    assert titles(installed.open_tab(second)) == before
    portal.icons.delete("new-one")
    assert titles(installed.open_tab(portal)) == before


def test_each_reads_the_icons_in_their_own_language(installed: Logbook, portal: Portal) -> None:
    for _again in range(2):
        assert titles(installed.open_tab(portal))["call"] == "Call"
        assert titles(installed.open_tab(portal, language="de"))["call"] == "Anruf"


def test_what_administrators_choose_holds_for_their_portal_and_at_once(
    installed: Logbook, portal: Portal, second: Portal
) -> None:
    everything = titles(installed.open_tab(second))
    installed.open_tab(portal)
    choose(installed, portal, order=("task", "call"), hidden=frozenset(["sum"]), default="task")
    page = installed.open_tab(portal)
    assert page.icons[:2] == ["task", "call"]
    assert page.form["icon"] == "task"
    assert "sum" not in page.icons
    assert titles(installed.open_tab(second)) == everything


def test_a_name_alone_makes_another_palette(installed: Logbook, portal: Portal) -> None:
    add_icon(portal, "logbook-x")
    installed.open_tab(portal)
    choose(installed, portal, names={"logbook-x": "Site visit"})
    assert titles(installed.open_tab(portal))["logbook-x"] == "Site visit"


def test_rows_differ_by_author_and_reader(installed: Logbook, portal: Portal) -> None:
    installed.post(installed.open_tab(portal).form, icon="comment", title="Mine", text="x")
    for _again in range(2):
        own = installed.open_tab(portal).history[0]
        others = installed.send(portal.frame(portal.administrator)).history[0]
        assert own.select("[data-delete-entry]")
        assert not others.select("[data-delete-entry]")


def test_who_may_write_is_judged_at_each_opening(installed: Logbook, portal: Portal) -> None:
    assert installed.open_tab(portal).icons
    installed.send(portal.frame(portal.administrator))
    with installed.database() as session:
        person = session.query(Person).filter_by(bitrix_id=portal.administrator.id).one()
        only = writers.Writers(writers.Who.ADMINISTRATORS).as_map()
        settings.save(session, person, Section.WRITERS, only, version=0)
    assert installed.open_tab(portal).icons == []
    assert installed.send(portal.frame(portal.administrator)).icons


def test_after_an_uninstall_nothing_that_was_drawn_is_shown(installed: Logbook, portal: Portal) -> None:
    add_icon(portal, "before")
    assert "before" in titles(installed.open_tab(portal))
    portal.uninstall()
    assert installed.open_tab(portal).status == 403
    portal.icons.delete("before")
    install(installed, portal)
    assert "before" not in titles(installed.open_tab(portal))


class TestCost:
    """What an opening asks of the database and of the portal."""

    def test_an_opening_reads_and_writes_little(self, installed: Logbook, portal: Portal) -> None:
        installed.post(installed.open_tab(portal).form, icon="comment", title="Called", text="x")
        frame = portal.frame(portal.employee)
        installed.send(frame)
        portal.calls.clear()
        statements, commits = self.counted(installed, lambda: installed.send(frame))
        assert (len(statements) <= 6, commits) == (True, 1), statements
        assert [call.method for call in portal.calls] == ["batch"]
        assert [one for one in statements if not one.startswith(READING)] == []

    def test_a_fresh_pair_costs_one_statement_more_and_no_commit(self, installed: Logbook, portal: Portal) -> None:
        installed.open_tab(portal)
        frame = portal.frame(portal.employee)
        statements, commits = self.counted(installed, lambda: installed.send(frame))
        assert (len(statements) <= 6, commits) == (True, 1), statements

    def test_a_post_by_script_commits_before_and_after_it_is_sent(self, installed: Logbook, portal: Portal) -> None:
        form = {**installed.open_tab(portal).form, "icon": "comment", "title": "Called", "text": "x"}
        installed.submit("/drafts", form)
        portal.calls.clear()
        statements, commits = self.counted(installed, lambda: installed.post_by_script(form))
        writing = [one.split()[0] for one in statements if not one.startswith(READING)]
        # The draft goes with the commit that writes the entry, claimed already; the outcome has the other one; the
        # third has only read the token pair.
        assert writing == ["DELETE", "INSERT", "UPDATE"]
        assert (len(statements) <= 7, commits <= 3) == (True, True), (statements, commits)
        assert [call.method for call in portal.calls] == ["crm.timeline.logmessage.add"]

    def test_a_kept_draft_is_one_commit(self, installed: Logbook, portal: Portal) -> None:
        form = {**installed.open_tab(portal).form, "icon": "comment", "title": "Called", "text": "x"}
        # Only a new draft may be one too many on its card.
        for most in (5, 2):
            statements, commits = self.counted(installed, lambda: installed.submit("/drafts", form))
            assert (len(statements) <= most, commits) == (True, 1), statements

    def counted(self, logbook: Logbook, work: Any) -> tuple[list[str], int]:
        """What this thread does: the log of calls is written beside it."""
        statements: list[str] = []
        commits: list[Any] = []
        here = threading.get_ident()

        def note_commit(connection: Any) -> None:
            commits.extend([connection] if threading.get_ident() == here else [])

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.extend([statement] if threading.get_ident() == here else [])

        engine = logbook.context.engine
        event.listen(engine, "before_cursor_execute", note)
        event.listen(engine, "commit", note_commit)
        work()
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", note_commit)
        return statements, len(commits)
