"""Encrypted values are useless in other columns and rows: write access to the database does not help."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from b24app.crypto import Vault
from b24app.models import Person, TokenPair
from b24app.models import Portal as PortalRow
from b24app.services.access import sealing
from devportal import Portal
from tests.conftest import TOKEN_KEY, any_database
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
SEALED = {"portals": ["application_token"], "token_pairs": ["access_token", "refresh_token"], "drafts": ["words"]}


def run(logbook: Logbook, statement: str, **values: object) -> list[tuple[object, ...]]:
    with logbook.database() as session:
        result = session.execute(text(statement), values)
        rows = [tuple(row) for row in result] if statement.startswith("SELECT") else []
        session.commit()
        return rows


@pytest.fixture
def both(installed: Logbook, portal: Portal) -> dict[str, dict[str, str]]:
    """The administrator's form and the employee's, by name."""
    people = {"administrator": portal.administrator, "employee": portal.employee}
    return {name: installed.send(portal.frame(person)).form for name, person in people.items()}


def swap_pairs(logbook: Logbook) -> None:
    """Each person's tokens to the other one."""
    (one, two) = run(logbook, "SELECT person_id, access_token, refresh_token FROM token_pairs ORDER BY person_id")
    for person, pair in ((one[0], two[1:]), (two[0], one[1:])):
        run(
            logbook,
            "UPDATE token_pairs SET access_token=:a, refresh_token=:r WHERE person_id=:p",
            p=person,
            a=pair[0],
            r=pair[1],
        )


def test_nobody_posts_with_the_swapped_tokens_of_another(
    installed: Logbook, portal: Portal, both: dict[str, dict[str, str]]
) -> None:
    swap_pairs(installed)
    portal.calls.clear()
    assert installed.post(both["employee"], **WORDS).outcome == "queued"
    assert on_timeline(portal) == []
    assert portal.calls == []
    # Their own next opening brings a pair that is theirs.
    installed.send(portal.frame(portal.employee))
    installed.work()
    assert on_timeline(portal) == ["Called"]


@any_database
def test_a_person_who_was_given_another_number_gets_nobodys_tokens(
    installed: Logbook, portal: Portal, both: dict[str, dict[str, str]]
) -> None:
    """The row of the tokens is untouched, and the row of the person is made another one's."""
    run(installed, "UPDATE people SET bitrix_id = bitrix_id + 1000")
    run(
        installed,
        "UPDATE people SET bitrix_id = :employee WHERE bitrix_id = :administrator",
        employee=portal.employee.id,
        administrator=portal.administrator.id + 1000,
    )
    portal.calls.clear()
    assert installed.post(both["employee"], **WORDS).outcome == "queued"
    assert portal.calls == []


@any_database
def test_a_refresh_token_is_no_access_token(
    installed: Logbook, portal: Portal, both: dict[str, dict[str, str]]
) -> None:
    run(installed, "UPDATE token_pairs SET access_token = refresh_token")
    portal.calls.clear()
    assert installed.post(both["employee"], **WORDS).outcome == "queued"
    assert portal.calls == []


@any_database
def test_an_application_token_of_another_portal_proves_nothing(
    installed: Logbook, portal: Portal, second: Portal
) -> None:
    (theirs,) = run(installed, "SELECT application_token FROM portals WHERE member_id = :m", m=second.member_id)
    run(installed, "UPDATE portals SET application_token = :t", t=theirs[0])
    token = str(second.application_token)
    event = {"event": "ONAPPUNINSTALL", "auth[member_id]": portal.member_id, "auth[application_token]": token}
    assert installed.event(event) == 403
    assert installed.event({**event, "auth[member_id]": second.member_id}) == 200


@any_database
def test_a_draft_of_another_is_shown_to_nobody(
    installed: Logbook, portal: Portal, both: dict[str, dict[str, str]]
) -> None:
    for name, form in both.items():
        installed.submit("/drafts", {**form, **WORDS, "title": f"Thoughts of the {name}"})
    (words,) = run(installed, "SELECT words FROM drafts ORDER BY person_id LIMIT 1")
    run(installed, "UPDATE drafts SET words = :w", w=words[0])
    shown = [installed.send(portal.frame(person)).text for person in (portal.administrator, portal.employee)]
    assert sum("Thoughts of the" in page for page in shown) == 1


def make_old(logbook: Logbook) -> None:
    """As they were sealed before seals named an owner."""
    vault = Vault([TOKEN_KEY])
    for table, columns in SEALED.items():
        key = "person_id" if table == "token_pairs" else "id"
        for column in columns:
            for number, sealed in run(logbook, f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL"):  # noqa: S608
                opened = str(vault.open(str(sealed).removeprefix("b1."))).split("\n", 2)[2]
                run(logbook, f"UPDATE {table} SET {column} = :s WHERE {key} = :k", s=vault.seal(opened), k=number)  # noqa: S608


def all_sealed(logbook: Logbook) -> Iterator[str]:
    for table, columns in SEALED.items():
        for column in columns:
            rows = run(logbook, f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608
            yield from (str(row[0]) for row in rows)


def test_old_secrets_are_read_and_sealed_again_by_the_worker(
    installed: Logbook, portal: Portal, both: dict[str, dict[str, str]]
) -> None:
    installed.submit("/drafts", {**both["employee"], **WORDS})
    make_old(installed)
    assert not any(sealed.startswith("b1.") for sealed in all_sealed(installed))
    assert installed.post(both["administrator"], **WORDS).outcome == "posted"
    installed.work()
    assert len(list(all_sealed(installed))) >= 6
    assert all(sealed.startswith("b1.gAAAA") for sealed in all_sealed(installed))
    with installed.database() as session:
        assert sealing.seal_again(session) == 0
        for pair in session.query(TokenPair):
            person = session.get_one(Person, pair.person_id)
            assert sealing.opened(pair.access_token, sealing.of_person(person)) == pair.access_token
        one = session.query(PortalRow).one()
        assert sealing.opened(one.application_token, one.member_id) == portal.application_token
    assert installed.post(both["employee"], **{**WORDS, "title": "Again"}).outcome == "posted"


@any_database
def test_what_has_no_owner_is_not_sealed(installed: Logbook) -> None:
    with installed.database() as session:
        session.query(PortalRow).one().application_token = "somebody's"
        with pytest.raises(Exception, match="needs an owner"):
            session.commit()
