"""Privacy: how long texts are stored, and erasing a person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from b24app.machine_models import ApiKey
from b24app.models import Change, EntryState, LogEntry, Person, RestCall, SavedDraft, SavedSettings, TokenPair
from b24app.services.settings import retention, settings
from b24app.services.settings.settings import Section
from b24app.services.settings.writers import Who
from devportal import Portal
from tests.conftest import any_database
from tests.settings.test_writers import let_write
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.outboxes import WORDS, on_timeline, post, titles, unsure, waiting

DAY_SECONDS = 24 * 3600


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def choose(admin: Admin, keep: str, days: str = "") -> Page:
    version = str(admin.go("privacy").one("input[name=version]")["value"])
    return admin.go("privacy/save", keep=keep, days=days, version=version)


def send_earlier(logbook: Logbook, seconds: float) -> None:
    """As if everything had been sent so long ago."""
    with logbook.database() as session:
        for entry in session.scalars(select(LogEntry).where(LogEntry.sent_at.is_not(None))):
            assert entry.sent_at
            entry.sent_at -= timedelta(seconds=seconds)
        session.commit()


class TestKeepingWords:
    """Of entries that are on their timeline."""

    def test_they_stay_if_nothing_is_chosen(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        send_earlier(installed, 1000 * DAY_SECONDS)
        installed.work()
        assert [entry.title for entry in installed.entries()] == ["Called"]

    def test_they_are_stored_for_some_days_and_then_deleted(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        assert choose(admin, "days", "30").outcome == "saved"
        post(installed, portal)
        send_earlier(installed, 30 * DAY_SECONDS - 60)
        installed.work()
        assert [entry.title for entry in installed.entries()] == ["Called"]
        send_earlier(installed, 60)
        installed.work()
        assert [(entry.title, entry.text, entry.state) for entry in installed.entries()] == [("", "", EntryState.SENT)]

    @any_database
    def test_not_at_all_deletes_them_in_the_workers_next_round(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        choose(admin, "never")
        post(installed, portal)
        installed.work()
        assert [entry.text for entry in installed.entries()] == [""]
        assert on_timeline(portal) == ["Called"]

    @any_database
    def test_the_card_shows_its_entries_and_the_list_says_where_the_words_are(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        choose(admin, "never")
        post(installed, portal)
        installed.work()
        page = installed.send(portal.frame(portal.employee))
        assert "They agreed." in page.history[0].text
        assert "has not kept" not in page.text
        assert titles(admin.go("deliveries", state="sent")) == ["(only on the timeline)"]

    @any_database
    def test_what_is_not_on_the_timeline_keeps_its_words(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        choose(admin, "never")
        waiting(installed, portal)
        with installed.database() as session:
            person = session.scalars(select(Person)).first()
            assert person
            retention.trim(session, person.portal_id)
        assert [entry.title for entry in installed.entries()] == ["Called"]

    @any_database
    def test_another_portal_keeps_its_own(
        self, admin: Admin, installed: Logbook, portal: Portal, second: Portal
    ) -> None:
        choose(admin, "never")
        post(installed, second)
        installed.work()
        assert [entry.title for entry in installed.entries()] == ["Called"]

    def test_more_than_one_step_takes_at_once_are_deleted(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        choose(admin, "never")
        post(installed, portal)
        with installed.database() as session:
            (entry,) = session.scalars(select(LogEntry))
            facts = {column.key: getattr(entry, column.key) for column in LogEntry.__table__.columns}
            del facts["id"]
            many = [{**facts, "form_key": str(number), "bitrix_id": 10_000 + number} for number in range(1200)]
            session.execute(insert(LogEntry), many)
            session.commit()
            retention.trim(session, entry.portal_id)
            assert session.scalars(select(LogEntry).where(LogEntry.text != "")).all() == []
            assert retention.due(session) == []

    @pytest.mark.parametrize("days", ["0", "-1", "3651", "9999", "", "x", "٣", "1.5"])
    @any_database
    def test_a_senseless_number_of_days_is_not_saved(self, admin: Admin, days: str) -> None:
        page = choose(admin, "days", days)
        assert (page.status, page.outcome) == (422, "invalid")
        assert page.one("input[name=days]")["value"] == days
        assert choose(admin, "days", "3650").outcome == "saved"

    @any_database
    def test_a_choice_of_nobody_is_refused(self, admin: Admin) -> None:
        assert admin.go("privacy/save", keep="for ever", version="0").status == 400

    @any_database
    def test_two_administrators_do_not_overwrite_each_other(self, admin: Admin) -> None:
        choose(admin, "never")
        page = admin.go("privacy/save", keep="always", version="0")
        assert (page.status, page.outcome) == (409, "outdated")
        assert page.one("input[name=keep][checked]")["value"] == "always"


def erase(admin: Admin, number: int, **fields: str) -> Page:
    return admin.go("privacy/erase", erased=str(number), **{"is_sure": "yes", **fields})


class TestErasing:
    """One person, by an administrator."""

    def test_nothing_of_them_is_left_but_the_timeline(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        employee = portal.employee
        let_write(installed, portal, Who.CHOSEN, employee.id)
        post(installed, portal)
        unsure(installed, portal, stands=True, title="Later")
        form = installed.send(portal.frame(employee)).form
        installed.submit("/drafts", {**form, **WORDS})
        page = erase(admin, employee.id)
        assert (page.status, page.outcome) == (200, "saved")
        assert f"{employee.name} {employee.last_name}" in page.one("[data-outcome]").text
        with installed.database() as session:
            everything = " ".join(
                str(row._mapping)
                for table in (LogEntry, SavedDraft, Person, TokenPair, RestCall, SavedSettings)
                for row in session.execute(select(*table.__table__.columns))
            )
            assert "They agreed" not in everything
            assert employee.last_name not in everything
            assert session.scalars(select(Person.bitrix_id)).all() == [portal.administrator.id]
            assert session.scalars(select(RestCall).where(RestCall.person_id == employee.id)).all() == []
            stored = settings.read(session, session.scalars(select(Person.portal_id)).one(), Section.WRITERS)
            assert stored.choices == {"who": "chosen", "people": [{"id": employee.id, "name": ""}]}
            change = session.scalars(select(Change).order_by(Change.id.desc())).first()
            assert change
            assert (change.section, change.after) == ("privacy", {"erased": employee.id})
            assert "Colleague" not in str(session.scalars(select(Change.after)).all())
        assert set(on_timeline(portal)) == {"Called", "Later"}
        assert "erased" in admin.go("changes").text

    @any_database
    def test_others_keep_everything(self, admin: Admin, installed: Logbook, portal: Portal, second: Portal) -> None:
        post(installed, second)
        installed.send(portal.frame(portal.employee))
        erase(admin, portal.employee.id)
        assert [entry.title for entry in installed.entries()] == ["Called"]
        assert second.employee.id == portal.employee.id
        assert installed.send(second.frame(second.employee)).history

    @any_database
    def test_if_they_open_it_again_it_knows_them_again(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        erase(admin, portal.employee.id)
        assert post(installed, portal, title="Again").outcome == "posted"

    @any_database
    def test_a_form_that_is_still_open_writes_nothing(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        form = installed.send(portal.frame(portal.employee)).form
        erase(admin, portal.employee.id)
        page = installed.post(form, **WORDS)
        assert page.outcome != "posted"
        assert installed.entries() == []
        assert on_timeline(portal) == []

    @any_database
    def test_while_an_entry_is_being_sent_nothing_is_erased(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        waiting(installed, portal)
        with installed.database() as session:
            session.execute(update(LogEntry).values(state=EntryState.SENDING))
            session.commit()
        page = erase(admin, portal.employee.id)
        assert (page.status, page.outcome) == (409, "refused")
        assert len(installed.entries()) == 1
        with installed.database() as session:
            assert session.scalars(select(Person).where(Person.bitrix_id == portal.employee.id)).one().name

    @any_database
    def test_who_has_changed_settings_stays_a_number_in_the_list_of_changes(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        portal.reader.is_admin = True
        choose(Admin(installed, portal, portal.reader), "never")
        with installed.database() as session:
            maker = session.scalars(select(Person).where(Person.bitrix_id == portal.reader.id)).one()
            key = {"name": "Telephone", "digest": "d", "hint": "h", "form_key": "k", "per_minute": 60}
            whose = {"portal_id": maker.portal_id, "maker_id": maker.id, "created_at": datetime.now(UTC)}
            session.add(ApiKey(**key, **whose))
            session.commit()
        erase(admin, portal.reader.id)
        page = admin.go("changes")
        assert f"User {portal.reader.id}" in page.text
        assert portal.reader.last_name not in page.text
        with installed.database() as session:
            assert session.scalars(select(ApiKey)).all() == []

    @any_database
    @pytest.mark.parametrize(
        "fields", [{"is_sure": ""}, {"erased": ""}, {"erased": "1e3"}, {"erased": "99999"}, {"erased": "itself"}]
    )
    def test_without_a_person_or_the_tick_nobody_is_erased(
        self, admin: Admin, installed: Logbook, portal: Portal, fields: dict[str, Any]
    ) -> None:
        installed.send(portal.frame(portal.employee))
        if fields.get("erased") == "itself":
            fields = {"erased": str(portal.administrator.id)}
        page = admin.go("privacy/erase", **{"erased": str(portal.employee.id), "is_sure": "yes", **fields})
        assert (page.status, page.outcome) == (422, "invalid")
        with installed.database() as session:
            assert len(session.scalars(select(Person)).all()) == 2

    @any_database
    def test_people_are_found_by_a_part_of_their_name(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        installed.send(portal.frame(portal.employee))
        assert "Nobody else who is called that" in admin.go("privacy/find", called="zzz").text
        page = admin.go("privacy/find", called=portal.employee.last_name[:3].lower())
        assert [str(one["value"]) for one in page.soup.select("input[name=erased]")] == [str(portal.employee.id)]
