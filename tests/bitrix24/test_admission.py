"""Unproved callers use up a budget; a proof refills it."""

from contextlib import ExitStack

import pytest

from b24app.bitrix24.admission import (
    MOST_ANONYMOUS,
    MOST_ANONYMOUS_PER_PORTAL,
    MOVE_BURST,
    PORTAL_BURST,
    REFUSED_SECONDS,
    REMEMBERED,
    SOURCE_BURST,
    Admission,
    Applicant,
)
from b24app.errors import OVER_BUDGET, AnswerLost, Crowded, LogbookError, NotProved
from tests.bitrix24.test_bulkhead import Time

PORTAL = "f" * 32


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def admission(time: Time) -> Admission:
    return Admission(time)


def somebody(secret: str, source: str = "192.0.2.1", **facts: bool) -> Applicant:
    return Applicant(PORTAL, source, secret, **facts)


def ask(admission: Admission, applicant: Applicant, answer: LogbookError | None = None) -> bool:
    """Whether Bitrix24 was asked; its answer is ``answer``, or a proof."""
    is_asked = False
    try:
        with admission.admit(applicant):
            is_asked = True
            if answer:
                raise answer
    except LogbookError:
        pass
    return is_asked


def forge(admission: Admission, count: int = 100, prefix: str = "", source: str = "192.0.2.1", **facts: bool) -> int:
    """How many of so many made-up tokens Bitrix24 is asked about."""
    refusal = NotProved(reason="invalid_token")
    return sum(ask(admission, somebody(f"{prefix}{n}", source, **facts), refusal) for n in range(count))


def test_made_up_tokens_of_one_address_use_up_its_budget_and_no_other(admission: Admission) -> None:
    assert forge(admission) == SOURCE_BURST / 2
    with pytest.raises(NotProved, match=OVER_BUDGET), admission.admit(somebody("more")):
        pass
    assert ask(admission, somebody("true", source="192.0.2.2"))
    assert ask(admission, somebody("another", is_insider=True))


def test_many_addresses_use_up_half_of_what_a_portal_has(admission: Admission) -> None:
    asked = sum(forge(admission, 5, f"{n}.", source=f"192.0.2.{n}") for n in range(20))
    assert asked == PORTAL_BURST / 2
    assert ask(admission, somebody("true", is_insider=True))


def test_budgets_fill_with_time(admission: Admission, time: Time) -> None:
    forge(admission)
    time.now += 10
    assert forge(admission, prefix="later") == 2
    time.now += 3600
    assert forge(admission, prefix="much later") == SOURCE_BURST / 2


def test_proofs_cost_nothing_and_make_good_for_an_address(admission: Admission) -> None:
    forge(admission, 4)
    assert all(ask(admission, somebody(f"true{n}")) for n in range(100))
    assert forge(admission, prefix="again") == SOURCE_BURST / 2


def test_a_token_that_was_refused_is_not_asked_about_for_some_seconds(admission: Admission, time: Time) -> None:
    refusal = NotProved(reason="expired_token")
    assert ask(admission, somebody("old"), refusal)
    with pytest.raises(NotProved, match="expired_token"), admission.admit(somebody("old")):
        pass
    assert ask(admission, Applicant("another portal", "192.0.2.1", "old"))
    time.now += REFUSED_SECONDS
    assert ask(admission, somebody("old"))


def test_what_a_busy_portal_says_is_not_held_against_a_token(admission: Admission) -> None:
    assert ask(admission, somebody("true"), NotProved(reason="query_limit_exceeded"))
    assert ask(admission, somebody("true"))


def test_one_address_alone_never_uses_up_what_newcomers_have(admission: Admission, time: Time) -> None:
    for second in range(600):
        time.now += 1
        for number in range(3):
            ask(admission, Applicant("", "192.0.2.1", f"{second}.{number}"), NotProved(reason="invalid_token"))
    assert ask(admission, Applicant("", "192.0.2.2", "true"))


def test_a_token_that_was_proved_is_asked_about_whatever_others_have_done(admission: Admission) -> None:
    assert ask(admission, somebody("true"))
    forge(admission)
    assert ask(admission, somebody("true"))
    assert ask(admission, somebody("true"), NotProved(reason="expired_token"))
    assert not ask(admission, somebody("true"))


def test_only_so_many_anonymous_callers_wait_at_a_time(admission: Admission) -> None:
    with ExitStack() as waiting:
        for number in range(MOST_ANONYMOUS_PER_PORTAL):
            waiting.enter_context(admission.admit(somebody(f"one{number}")))
        with pytest.raises(Crowded), admission.admit(somebody("more")):
            pass
        for number in range(MOST_ANONYMOUS - MOST_ANONYMOUS_PER_PORTAL):
            waiting.enter_context(admission.admit(Applicant("second", "192.0.2.1", f"two{number}")))
        with pytest.raises(Crowded), admission.admit(Applicant("third", "192.0.2.1", "x")):
            pass
        assert ask(admission, somebody("inside", is_insider=True))
    assert ask(admission, somebody("afterwards"))


def test_people_are_told_if_the_portal_does_not_answer(admission: Admission) -> None:
    while ask(admission, somebody("x", is_insider=True), AnswerLost(code="GATEWAY", status=502)):
        pass
    with pytest.raises(Crowded), admission.admit(somebody("x", is_insider=True)):
        pass


def test_where_a_portal_has_moved_to_is_asked_rarely_unless_it_has(admission: Admission) -> None:
    outside, inside = somebody("x"), somebody("x", is_insider=True)
    assert [admission.may_ask_for_move(outside) for _ in range(MOVE_BURST + 1)] == [True] * MOVE_BURST + [False]
    assert admission.may_ask_for_move(inside)
    admission.note_move(outside)
    assert admission.may_ask_for_move(outside)


def test_what_attackers_send_takes_no_memory_without_end(admission: Admission) -> None:
    for number in range(REMEMBERED + 100):
        ask(admission, Applicant(PORTAL, f"source {number}", f"token {number}", True), NotProved(reason="x"))
        ask(admission, Applicant(PORTAL, "s", f"true {number}", True))
    assert len(admission._sources._buckets) <= REMEMBERED
    assert len(admission._refused._words) <= REMEMBERED
    assert len(admission._proved._words) <= REMEMBERED
