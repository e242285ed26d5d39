"""New keys: everything is sealed again with the newest, whoever writes meanwhile, and the old keys can go."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from b24app import create_app
from b24app.config import Config
from b24app.crypto import Vault
from b24app.models import TokenPair
from b24app.services.access import key_rotation
from devportal import Box, Portal
from tests.access.test_sealing import SEALED, all_sealed, make_old, run
from tests.conftest import TOKEN_KEY, any_database, environment
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
NEW_KEY = Fernet.generate_key().decode()


def with_keys(box: Box, database_url: str, *keys: str) -> Logbook:
    return Logbook(
        create_app(Config.from_environment({**environment(box, database_url), "TOKEN_KEYS": ",".join(keys)}))
    )


@pytest.fixture
def rotating(installed: Logbook, portal: Portal, box: Box, database_url: str) -> Iterator[Logbook]:
    """Logbook with a new key in front; the old one has sealed tokens and a draft, some without naming an owner."""
    form = installed.send(portal.frame(portal.employee)).form
    installed.submit("/drafts", {**form, **WORDS})
    make_old(installed)
    installed.send(portal.frame(portal.administrator))
    logbook = with_keys(box, database_url, NEW_KEY, TOKEN_KEY)
    yield logbook
    logbook.close()


def rotate(logbook: Logbook) -> tuple[int, str]:
    result = logbook.app.test_cli_runner().invoke(args=["keys", "rotate"])
    return result.exit_code, result.output


def test_the_old_key_can_go_afterwards_and_nobody_notices(
    rotating: Logbook, portal: Portal, box: Box, database_url: str
) -> None:
    count = len(list(all_sealed(rotating)))
    code, words = rotate(rotating)
    assert (code, f"{count} were sealed again" in words) == (0, True), words
    vault = Vault([NEW_KEY])
    assert all(vault.is_newest(sealed) for sealed in all_sealed(rotating))
    alone = with_keys(box, database_url, NEW_KEY)
    opened = alone.send(portal.frame(portal.employee))
    assert "They agreed." in opened.text, "the draft"
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "crm.timeline.logmessage.add")
    assert alone.post(opened.form, **WORDS).outcome == "queued"
    portal.expire_access_tokens()
    alone.work()
    assert on_timeline(portal) == ["Called"]
    alone.close()


def test_it_can_be_run_again_and_goes_on_where_it_was_stopped(rotating: Logbook) -> None:
    with rotating.database() as session:
        some = text("SELECT person_id, access_token FROM token_pairs ORDER BY person_id LIMIT 1")
        person_id, sealed = session.execute(some).one()
        fresh = Vault([NEW_KEY, TOKEN_KEY]).renewed(sealed)
        session.execute(
            text("UPDATE token_pairs SET access_token = :s WHERE person_id = :p"), {"s": fresh, "p": person_id}
        )
        session.commit()
    count = len(list(all_sealed(rotating)))
    assert f"{count - 1} were sealed again" in rotate(rotating)[1]
    assert "; 0 were sealed again" in rotate(rotating)[1]


def test_what_somebody_writes_meanwhile_is_kept(rotating: Logbook, installed: Logbook, portal: Portal) -> None:
    """A process with the old key in front replaces a value between reading and writing it: the next pass takes that."""
    portal.expire_access_tokens()
    frame = portal.frame(portal.administrator)
    ((target,),) = run(rotating, "SELECT access_token FROM token_pairs ORDER BY person_id LIMIT 1")
    answered: list[int] = []

    class Interrupting(Vault):
        def renewed(self, sealed: str) -> str | None:
            if sealed == target:
                answered.append(installed.send(frame).status)
            return super().renewed(sealed)

    vault = Interrupting([NEW_KEY, TOKEN_KEY])
    with rotating.database() as session:
        while key_rotation.reseal(session, vault).older:
            pass
        pair = session.scalars(select(TokenPair).order_by(TokenPair.person_id)).first()
        assert pair
        assert pair.access_token == frame.fields["AUTH_ID"]
    assert answered == [200]
    assert all(Vault([NEW_KEY]).is_newest(sealed) for sealed in all_sealed(rotating))


def test_a_missing_key_is_reported_by_rotation_and_doctor(rotating: Logbook, box: Box, database_url: str) -> None:
    lacking = with_keys(box, database_url, NEW_KEY)
    count = len(list(all_sealed(rotating)))
    for words in (rotate(lacking)[1], lacking.app.test_cli_runner().invoke(args=["doctor"]).output):
        assert f"{count} of {count} secrets can be opened with no key" in words
    lacking.close()


@any_database
def test_every_sealed_column_is_found_and_has_a_key_of_one_column(logbook: Logbook) -> None:
    found: dict[str, list[str]] = {column.table.name: [] for column in key_rotation.columns()}
    for column in key_rotation.columns():
        assert len(column.table.primary_key) == 1
        found[column.table.name].append(column.name)
    assert {name: found[name] for name in SEALED} == SEALED
    assert run(logbook, "SELECT 1") == [(1,)]
