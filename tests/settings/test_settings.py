"""The settings as a whole: who may open and save them, concurrent saves, and the audit list."""

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.errors import Outdated
from b24app.models import Change, Person
from b24app.services.settings import settings
from b24app.services.settings.settings import Saved, Section
from devportal import Box, Portal
from tests.support.administrator import Admin
from tests.support.attacker import install, learns_nothing
from tests.support.logbook import Logbook


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def addresses(logbook: Logbook) -> list[str]:
    """Everything that the settings answer to."""
    rules = logbook.app.url_map.iter_rules()
    return sorted({rule.rule for rule in rules if rule.rule.startswith("/settings")})


def administrator(session: Session, portal: Portal) -> Person:
    return session.scalars(select(Person).where(Person.bitrix_id == portal.administrator.id)).one()


class TestWrongPeople:
    """Every address of the settings asks the portal again who it is."""

    def test_an_employees_session_opens_nothing(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        session = installed.send(portal.frame(portal.employee)).form["session"]
        portal.calls.clear()
        for address in addresses(installed):
            page = installed.submit(address, {"session": session})
            assert (page.status, page.refusal) == (401, "expired"), address
            learns_nothing(page, portal)
        assert list(portal.calls) == []

    def test_one_who_is_no_administrator_any_more_is_refused(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        portal.administrator.is_admin = False
        for address in addresses(installed):
            page = admin.submit(address, {"version": "0"})
            assert (page.status, page.refusal) == (403, "refused"), address
            learns_nothing(page, portal)

    def test_a_form_of_another_portal_changes_nothing_here(
        self, admin: Admin, installed: Logbook, box: Box, portal: Portal
    ) -> None:
        second = box.add_portal(kind="on-premise", name="Workshop")
        install(installed, second)
        foreign = Admin(installed, second)
        portal.calls.clear()
        for address in addresses(installed):
            page = foreign.submit(address, {"version": "0"})
            assert portal.url not in page.text, address
            assert portal.member_id not in page.text, address
        assert list(portal.calls) == []

    def test_what_was_typed_is_still_there(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        portal.faults.reset("batch")
        for address in addresses(installed):
            typed = {"text": "<b>Typed</b> with care", "title-de": "Mein Buch", "order": "call", "name-7": "Nobody"}
            page = admin.submit(address, typed)
            if page.status == 503:
                shown = [[part.text for part in page.soup.select(f".typed {tag}")] for tag in ("dt", "dd")]
                assert shown == [["Text", "Deutsch"], ["<b>Typed</b> with care", "Mein Buch"]]
                again = {str(area["name"]): area.text.strip() for area in page.soup.select("form textarea")}
                assert again == {"session": admin.session, **typed}
                break
        else:
            pytest.fail("no section met the fault")


class TestSaving:
    """A section is saved on top of the version that was shown, or not at all."""

    def test_each_saving_counts_and_is_written_down(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        with installed.database() as session:
            person = administrator(session, portal)
            assert settings.read(session, person.portal_id, Section.WRITERS) == Saved(0, None)
            assert settings.save(session, person, Section.WRITERS, {"who": "all"}, version=0)
            assert settings.save(session, person, Section.WRITERS, {"who": "some"}, version=1)
            assert settings.read(session, person.portal_id, Section.WRITERS) == Saved(2, {"who": "some"})
            written = [(change.person_id, change.before, change.after) for change in session.scalars(select(Change))]
            assert written == [(person.id, None, {"who": "all"}), (person.id, {"who": "all"}, {"who": "some"})]

    def test_saving_the_same_again_is_no_change(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        with installed.database() as session:
            person = administrator(session, portal)
            settings.save(session, person, Section.WRITERS, {"who": "all"}, version=0)
            assert not settings.save(session, person, Section.WRITERS, {"who": "all"}, version=1)
            assert settings.read(session, person.portal_id, Section.WRITERS).version == 1

    @pytest.mark.parametrize("version", [0, 2])
    def test_another_version_is_outdated(self, admin: Admin, installed: Logbook, portal: Portal, version: int) -> None:
        with installed.database() as session:
            person = administrator(session, portal)
            settings.save(session, person, Section.WRITERS, {"who": "all"}, version=0)
            with pytest.raises(Outdated):
                settings.save(session, person, Section.WRITERS, {"who": "some"}, version=version)
            assert settings.read(session, person.portal_id, Section.WRITERS) == Saved(1, {"who": "all"})

    @pytest.mark.parametrize("version", [0, 1])
    def test_of_several_who_save_at_once_one_wins(
        self, admin: Admin, installed: Logbook, portal: Portal, version: int
    ) -> None:
        outcomes: list[str] = []
        barrier = threading.Barrier(4)

        def save(number: int) -> None:
            with installed.database() as session:
                person = administrator(session, portal)
                session.commit()
                barrier.wait()
                try:
                    settings.save(session, person, Section.ICONS, {"default": number}, version=version)
                    outcomes.append("saved")
                except Outdated:
                    outcomes.append("outdated")

        with installed.database() as session:
            if version:
                settings.save(session, administrator(session, portal), Section.ICONS, {}, version=0)
        threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["outdated"] * 3 + ["saved"]
        with installed.database() as session:
            assert len(session.scalars(select(Change)).all()) == version + 1


class TestChanges:
    """The audit list."""

    def test_an_empty_one_says_what_it_is_for(self, admin: Admin) -> None:
        assert "Nobody has changed anything yet" in admin.go("changes").text

    def test_it_names_who_and_what_and_pages_by_key(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        with installed.database() as session:
            person = administrator(session, portal)
            for number in range(45):
                settings.save(session, person, Section.WRITERS, {"who": f"<i>{number}</i>"}, version=number)
        page = admin.go("changes")
        assert "Anna Keller" in page.one("li.row").text
        assert "Who may write" in page.one("li.row").text
        seen = []
        while True:
            seen += [row.select("pre")[1].text for row in page.soup.select("li.row")]
            key = page.soup.select_one("input[name=before]")
            if key is None:
                break
            page = admin.go("changes", before=str(key["value"]))
        assert [text.split("<i>")[1].split("<")[0] for text in seen] == [str(number) for number in range(44, -1, -1)]
