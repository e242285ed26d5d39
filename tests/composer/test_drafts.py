"""Drafts survive closing the card: per person and card, encrypted, for 14 days."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update

from b24app.bitrix24.entities import Entity
from b24app.models import Person, SavedDraft
from b24app.models import Portal as PortalRow
from b24app.services.delivery import drafts
from b24app.services.delivery.drafts import Form
from b24app.services.delivery.entries import Draft
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page

WORDS = {"icon": "wallet", "title": "Half a thought", "text": "which goes on"}


def keep(logbook: Logbook, page: Page, **words: str) -> int:
    return logbook.submit("/drafts", {**page.form, **WORDS, **words}).status


def words_of(page: Page) -> dict[str, str]:
    return {name: page.form[name] for name in WORDS}


def test_a_draft_is_there_when_the_card_is_opened_again(installed: Logbook, portal: Portal) -> None:
    assert keep(installed, installed.open_tab(portal)) == 204
    again = installed.open_tab(portal)
    assert words_of(again) == WORDS
    assert "14 days" in again.one("[data-kept]").text


def test_it_belongs_to_one_person_and_one_card(installed: Logbook, portal: Portal) -> None:
    keep(installed, installed.open_tab(portal))
    assert installed.open_tab(portal, card_id=2).form["title"] == ""
    assert installed.send(portal.frame(portal.administrator)).form["title"] == ""


def test_the_later_draft_wins(installed: Logbook, portal: Portal) -> None:
    page = installed.open_tab(portal)
    keep(installed, page)
    keep(installed, page, title="A whole one")
    assert installed.open_tab(portal).form["title"] == "A whole one"


def test_the_log_says_whose_it_is(installed: Logbook, portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    keep(installed, installed.open_tab(portal))
    line = [vars(record) for record in caplog.records if record.message == "request"][-1]
    assert (line["path"], line["portal"], line["person"]) == ("/drafts", portal.host, portal.employee.id)


def test_it_costs_the_portal_nothing(installed: Logbook, portal: Portal) -> None:
    page = installed.open_tab(portal)
    portal.calls.clear()
    keep(installed, page)
    assert list(portal.calls) == []


def test_it_is_gone_after_posting_even_if_it_arrives_later(installed: Logbook, portal: Portal) -> None:
    page = installed.open_tab(portal)
    keep(installed, page)
    assert installed.post({**page.form, **WORDS}).outcome == "posted"
    assert installed.open_tab(portal).form["title"] == ""
    keep(installed, page)
    assert installed.open_tab(portal).form["title"] == ""


def test_what_was_posted_does_not_replace_what_is_typed_since_if_it_arrives_later(
    installed: Logbook, portal: Portal
) -> None:
    page = installed.open_tab(portal)
    assert installed.post({**page.form, **WORDS}).outcome == "posted"
    keep(installed, page, title="Typed since")
    keep(installed, page)
    assert installed.open_tab(portal).form["title"] == "Typed since"


def test_nothing_is_saved_if_nothing_was_typed(installed: Logbook, portal: Portal) -> None:
    page = installed.open_tab(portal)
    keep(installed, page)
    keep(installed, page, title=" ", text="\n", icon=page.form["icon"])
    with installed.database() as session:
        assert session.scalars(select(SavedDraft)).all() == []


def test_throwing_away_empties_the_form_and_forgets(installed: Logbook, portal: Portal) -> None:
    page = installed.open_tab(portal)
    keep(installed, page)
    empty = installed.submit("/drafts/discard", {**page.form, **WORDS})
    assert (empty.outcome, empty.form["title"], empty.form["icon"]) == ("discarded", "", "wallet")
    assert installed.open_tab(portal).form["title"] == ""


@pytest.mark.parametrize("address", ["/entries", "/preview", "/history"])
def test_without_script_everything_that_is_not_posted_is_saved(
    installed: Logbook, portal: Portal, address: str
) -> None:
    page = installed.open_tab(portal)
    portal.deny_edit(portal.employee, 2, 1)
    installed.submit(address, {**page.form, **WORDS})
    assert words_of(installed.open_tab(portal)) == WORDS


def test_it_is_sealed_in_the_database(installed: Logbook, portal: Portal) -> None:
    keep(installed, installed.open_tab(portal))
    with installed.database() as session:
        (stored,) = session.execute(text("SELECT words FROM drafts")).scalars()
    assert "thought" not in stored


def test_after_fourteen_days_it_is_gone(installed: Logbook, portal: Portal) -> None:
    keep(installed, installed.open_tab(portal))
    with installed.database() as session:
        session.execute(update(SavedDraft).values(saved_at=datetime.now(UTC) - timedelta(days=14)))
        session.commit()
        assert installed.open_tab(portal).form["title"] == ""
        drafts.drop_old(session)
        assert session.scalars(select(SavedDraft)).all() == []


def test_the_worker_deletes_what_is_too_old(installed: Logbook, portal: Portal) -> None:
    keep(installed, installed.open_tab(portal))
    with installed.database() as session:
        session.execute(update(SavedDraft).values(saved_at=datetime.now(UTC) - timedelta(days=15)))
        session.commit()
        installed.work()
        assert session.scalars(select(SavedDraft)).all() == []


def test_it_goes_with_its_portal(installed: Logbook, portal: Portal) -> None:
    keep(installed, installed.open_tab(portal))
    with installed.database() as session:
        session.delete(session.scalars(select(PortalRow)).one())
        session.commit()
        assert session.scalars(select(SavedDraft)).all() == []


@pytest.mark.parametrize("session", ["", "x"])
def test_nothing_is_saved_without_a_session_and_the_page_says_so(installed: Logbook, session: str) -> None:
    page = installed.submit("/drafts", {"session": session, **WORDS})
    assert (page.status, page.outcome, words_of(page)) == (401, "expired", WORDS)


def test_nothing_is_saved_where_logbook_was_removed_and_the_page_says_so(installed: Logbook, portal: Portal) -> None:
    page = installed.open_tab(portal)
    with installed.database() as session:
        session.execute(update(PortalRow).values(suspended_at=datetime.now(UTC)))
        session.commit()
    refused = installed.submit("/drafts", {**page.form, **WORDS})
    assert (refused.status, refused.outcome, words_of(refused)) == (403, "refused", WORDS)
    with installed.database() as session:
        session.execute(delete(PortalRow))
        session.commit()
    assert installed.submit("/drafts", {**page.form, **WORDS}).status == 403


def test_it_may_come_as_browsers_send_it_when_a_page_is_closed(installed: Logbook, portal: Portal) -> None:
    """Ten thousand characters are too many for that in a percent-encoded form."""
    words = {**installed.open_tab(portal).form, **WORDS, "text": "報" * 10_000}
    answer = installed.app.test_client().post("/drafts", data=words, content_type="multipart/form-data")
    assert answer.status_code == 204
    assert installed.open_tab(portal).form["text"] == words["text"]


@any_database
def test_only_a_persons_latest_drafts_are_stored_and_none_longer_than_an_entry(
    installed: Logbook,
) -> None:
    with installed.database() as session:
        person = session.query(Person).one()
        for number in range(1, drafts.MOST_PER_PERSON + 4):
            draft = Draft("i" * 300, "t" * 300, "x" * 20_000)
            drafts.keep(session, person, Entity(2, number), draft, Form(f"form {number}"))
        assert session.query(SavedDraft).count() == drafts.MOST_PER_PERSON
        assert drafts.of_card(session, person, Entity(2, 3)) == []
        (kept,) = drafts.of_card(session, person, Entity(2, drafts.MOST_PER_PERSON + 3))
        assert (len(kept.draft.icon_code), len(kept.draft.title), len(kept.draft.text)) == (255, 255, 10_000)
