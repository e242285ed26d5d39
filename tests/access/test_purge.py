"""When a portal is purged, all of its rows are deleted, and none of another portal."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from b24app.models import Base
from b24app.services.access import portals, purge
from devportal import Box, Portal
from tests.setup.test_events import row_of
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline, write_many

WORDS = {"icon": "comment", "title": "Called about the offer", "text": "They want it by Friday."}


def live(logbook: Logbook, portal: Portal) -> None:
    """Two people use Logbook; one entry arrives, one waits."""
    install(logbook, portal)
    for person in (portal.administrator, portal.employee):
        form = logbook.send(portal.frame(person)).form
        logbook.post(form, **WORDS)
    portal.authority.renewal_refusal = "PAYMENT_REQUIRED"
    portal.expire_access_tokens()
    logbook.post(form, **{**WORDS, "title": "Waits"})
    portal.authority.renewal_refusal = ""


def counts(logbook: Logbook) -> dict[str, int]:
    with logbook.database() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def condemn(session: Session, portal: Portal) -> int:
    ours = portals.known(session, portal.member_id)
    purge.condemn(session, ours)
    session.commit()
    return ours.id


def forget(logbook: Logbook, portal: Portal) -> None:
    with logbook.database() as session:
        ours = condemn(session, portal)
        purge.purge(session, ours)


# Nothing in it is of any portal: which worker processes run.
OF_THE_OPERATOR = {"workers"}


def test_every_table_hangs_on_the_portals() -> None:
    for table in Base.metadata.sorted_tables:
        if table.name not in {"portals", *OF_THE_OPERATOR}:
            parents = {key.column.table.name: key.ondelete for key in table.foreign_keys}
            assert parents, f"{table.name} hangs on nothing"
            assert set(parents.values()) == {"CASCADE"}, table.name


def test_no_row_survives(logbook: Logbook, portal: Portal) -> None:
    live(logbook, portal)
    before = counts(logbook)
    assert before["log_entries"] == 3
    assert before["people"] == before["token_pairs"] == 2
    forget(logbook, portal)
    assert set(counts(logbook).values()) == {0}


def test_the_rows_of_another_portal_all_survive(logbook: Logbook, box: Box, portal: Portal) -> None:
    live(logbook, portal)
    alone = counts(logbook)
    second = box.add_portal(name="Elsewhere")
    live(logbook, second)
    forget(logbook, second)
    assert counts(logbook) == alone


def test_a_portal_that_was_purged_can_install_again(logbook: Logbook, portal: Portal) -> None:
    live(logbook, portal)
    forget(logbook, portal)
    install(logbook, portal)
    page = logbook.send(portal.frame(portal.employee))
    assert page.status == 200
    assert logbook.post(page.form, **WORDS).outcome == "posted"


class TestMany:
    """A portal with more entries than are deleted at once."""

    @pytest.fixture
    def used(self, installed: Logbook, portal: Portal) -> Logbook:
        write_many(installed, portal, purge.PURGED_AT_ONCE + 1)
        return installed

    def test_between_two_steps_others_write(self, used: Logbook, box: Box, portal: Portal) -> None:
        second = box.add_portal(name="Elsewhere")
        install(used, second)
        form = used.send(second.frame(second.employee)).form
        outcomes = []
        with used.database() as session:
            ours = condemn(session, portal)
            purge.purge(session, ours, lambda _seconds: outcomes.append(used.post(form, **WORDS).outcome))
        assert outcomes == ["posted"]
        assert on_timeline(second) == [WORDS["title"]]
        assert (counts(used)["portals"], counts(used)["log_entries"]) == (1, 1)

    def test_who_is_killed_on_the_way_leaves_a_portal_that_nobody_finds_and_the_worker_purges(
        self, used: Logbook, portal: Portal
    ) -> None:
        def die(_seconds: float) -> None:
            raise KeyboardInterrupt

        with used.database() as session, pytest.raises(KeyboardInterrupt):
            purge.purge(session, condemn(session, portal), die)
        assert counts(used)["log_entries"] == 1
        assert used.send(portal.frame(portal.employee)).status == 403
        used.work()
        assert set(counts(used).values()) == {0}

    def test_installing_meanwhile_creates_a_new_portal_without_any_old_rows(
        self, used: Logbook, portal: Portal
    ) -> None:
        def install_and_post(_seconds: float) -> None:
            install(used, portal)
            assert used.post(used.send(portal.frame(portal.employee)).form, **WORDS).outcome == "posted"

        with used.database() as session:
            purge.purge(session, condemn(session, portal), install_and_post)
        assert row_of(used, portal).suspended_at is None
        assert [entry.title for entry in used.entries()] == [WORDS["title"]]
        assert counts(used)["people"] == 2
