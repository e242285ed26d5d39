"""Gone is gone: when a portal is purged, no row of it survives, and none of another portal goes with it."""

from sqlalchemy import func, select

from b24app.models import Base
from b24app.services import portals
from devportal import Box, Portal
from tests.logbook import Logbook
from tests.strangers import install

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


def purge(logbook: Logbook, portal: Portal) -> None:
    with logbook.database() as session:
        portals.purge(session, portals.known(session, portal.member_id))
        session.commit()


def test_every_table_hangs_on_the_portals() -> None:
    for table in Base.metadata.sorted_tables:
        if table.name != "portals":
            parents = {key.column.table.name: key.ondelete for key in table.foreign_keys}
            assert parents, f"{table.name} hangs on nothing"
            assert set(parents.values()) == {"CASCADE"}, table.name


def test_no_row_survives(logbook: Logbook, portal: Portal) -> None:
    live(logbook, portal)
    before = counts(logbook)
    assert before["log_entries"] == 3
    assert before["people"] == before["token_pairs"] == 2
    purge(logbook, portal)
    assert set(counts(logbook).values()) == {0}


def test_the_rows_of_another_portal_all_survive(logbook: Logbook, box: Box, portal: Portal) -> None:
    live(logbook, portal)
    alone = counts(logbook)
    second = box.add_portal(name="Elsewhere")
    live(logbook, second)
    purge(logbook, second)
    assert counts(logbook) == alone


def test_a_portal_that_was_purged_can_install_again(logbook: Logbook, portal: Portal) -> None:
    live(logbook, portal)
    purge(logbook, portal)
    install(logbook, portal)
    page = logbook.send(portal.frame(portal.employee))
    assert page.status == 200
    assert logbook.post(page.form, **WORDS).outcome == "posted"
