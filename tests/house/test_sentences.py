"""Every code that pages explain has a sentence for each of its readers, in one place."""

import re

import pytest

from b24app import i18n
from b24app.codes import Notice, OutcomeKind, PlaceState, Reason, RefusalKind
from b24app.config import PROJECT
from b24app.models import EntryState, LogEntry
from b24app.services.delivery.retry import GIVEN_UP_REASONS
from b24app.services.delivery.sender import PARKING
from b24app.web import sentences
from b24app.web.sentences import Reader
from tests.conftest import any_database
from tests.support.logbook import Logbook

REFUSING = {Reason.NOT_FOUND, Reason.OWNER_NOT_FOUND, Reason.INSUFFICIENT_SCOPE, Reason.INVALID_CREDENTIALS}
REFUSED = REFUSING | set(GIVEN_UP_REASONS) | {Reason.ACCESS_DENIED}
OF_AUTHORIZATION_SERVERS = {"renewal_refusals.py", "installation_proof.py"}
WAITING = set(Reason) - REFUSING - set(GIVEN_UP_REASONS)


def test_every_reason_has_a_sentence_for_every_reader() -> None:
    assert set(sentences.WAITING) == {(reason, reader) for reason in WAITING for reader in Reader}
    assert set(sentences.REFUSED) == {(reason, reader) for reason in REFUSED for reader in Reader}
    assert set(sentences.ADVICE) == REFUSED


def test_every_notice_and_every_state_of_a_place_has_a_sentence() -> None:
    assert set(sentences.NOTICES) == set(Notice)
    assert set(sentences.PLACES) == set(PlaceState)
    assert {Notice(code) for code in PARKING} <= set(Notice)


@any_database
@pytest.mark.parametrize("reader", Reader)
def test_a_code_that_nobody_knows_is_quoted(logbook: Logbook, reader: Reader) -> None:
    i18n.speak("en")
    with logbook.app.test_request_context():
        refused = LogEntry(state=EntryState.FAILED, reason="SOMETHING_NEW")
        assert sentences.of_entry(refused, reader) == "Bitrix24 answered “SOMETHING_NEW”."
        waiting = LogEntry(state=EntryState.PENDING, reason="SOMETHING_NEW")
        assert "did not answer" in sentences.of_entry(waiting, reader)
        assert sentences.advice("SOMETHING_NEW") == "Give your Bitrix24 administrator this code."
        assert sentences.notice("SOMETHING_NEW") == ""


def test_no_code_is_written_as_bare_text_where_it_is_decided_or_shown() -> None:
    """What only one module knows, such as a refusal of one method, or of an authorization server, may be text there."""
    found = []
    for path in (PROJECT / "b24app").rglob("*.py"):
        if path.name not in {"codes.py", *OF_AUTHORIZATION_SERVERS}:
            text = path.read_text()
            found += [f"{path.name}: {code}" for code in {*Notice, *Reason} if f'"{code}"' in text]
            found += [f"{path.name}: {kind}" for kind in re.findall(r'(?:Outcome|Refusal)\(\s*"([\w-]+)"', text)]
    assert found == []


@pytest.mark.parametrize(("template", "kinds"), [("refusal", RefusalKind), ("_outcome", OutcomeKind)])
def test_the_drawings_of_a_template_are_those_of_codes_that_exist(
    template: str, kinds: type[RefusalKind] | type[OutcomeKind]
) -> None:
    text = (PROJECT / f"templates/{template}.html").read_text()
    glyphs = re.search(r"set glyphs = \{(.+?)\}", text, re.DOTALL)
    assert glyphs
    lists = " ".join(re.findall(r"kind in \((.+?)\)", text))
    named = re.findall(r'"([\w-]+)":', glyphs[1]) + re.findall(r'"([\w-]+)"', lists)
    assert len(named) > 8
    assert set(named) - {kind.value for kind in kinds} == set()


def test_what_is_promised_of_outcomes_is_there() -> None:
    promised = ["posted", "queued", "invalid", "refused", "expired"]
    assert [kind.value for kind in OutcomeKind][:5] == promised
