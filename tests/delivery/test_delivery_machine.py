"""Whatever happens in whatever order, an accepted entry ends up on the timeline exactly once."""

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select

from b24app.errors import LogbookError
from b24app.models import EntryState, LogEntry
from b24app.services.access import tokens
from b24app.services.delivery import claims, outbox
from devportal import Box, Person
from tests.support.logbook import Logbook

ADD = "crm.timeline.logmessage.add"
LIST = "crm.timeline.logmessage.list"
CARDS = (1, 3)
ICON = "comment"


class Delivery(RuleBasedStateMachine):
    """People post while the portal, the network and our own processes misbehave."""

    def __init__(self, logbook: Logbook, box: Box) -> None:
        super().__init__()
        self.logbook, self.box = logbook, box
        self.portal = box.add_portal()
        self.accepted: Counter[tuple[int, str]] = Counter()
        self.last: tuple[int, dict[str, str]] | None = None
        self.install()

    def install(self) -> None:
        page = self.logbook.send(self.portal.install_frame(self.portal.administrator))
        assert page.status == 200, page.text
        self.portal.finish_install()

    @rule(
        who=st.sampled_from(["administrator", "employee"]),
        card=st.sampled_from(CARDS),
        title=st.sampled_from(["Called", "Wrote"]),
    )
    def post(self, who: str, card: int, title: str) -> None:
        person: Person = getattr(self.portal, who)
        page = self.logbook.send(self.portal.frame(person, options={"ID": str(card)}))
        if page.status != 200:
            return  # the fault hit the opening itself
        self.last = card, {**page.form, "icon": ICON, "title": title, "text": f"of {who}"}
        outcome = self.logbook.post(self.last[1]).outcome
        assert outcome in {"posted", "queued", "refused"}
        if outcome != "refused":
            self.accepted[card, f"{title} of {who}"] += 1
        else:
            self.last = None

    @precondition(lambda self: self.last)
    @rule()
    def post_the_same_form_again(self) -> None:
        assert self.last
        assert self.logbook.post(self.last[1]).outcome in {"posted", "queued", "expired"}

    @rule(effect=st.sampled_from(["reset", "html", "garbage"]), processed=st.booleans(), times=st.integers(1, 2))
    def break_down(self, effect: str, processed: bool, times: int) -> None:
        getattr(self.portal.faults, effect)(ADD, times=times, processed=processed)

    @rule(code=st.sampled_from(["QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "INTERNAL_SERVER_ERROR"]))
    def refuse(self, code: str) -> None:
        self.portal.faults.refuse(code, ADD)

    @rule()
    def hide_the_timeline(self) -> None:
        self.portal.faults.html(LIST)

    @rule()
    def expire(self) -> None:
        self.portal.expire_access_tokens()

    @rule(processed=st.booleans())
    def lose_a_renewal(self, processed: bool) -> None:
        self.portal.expire_access_tokens()
        self.box.faults.reset("oauth/token", processed=processed)

    @rule()
    def rename(self) -> None:
        self.portal.rename()

    @rule()
    def work(self) -> None:
        self.logbook.work()

    @rule(seconds=st.sampled_from([6, 80, 301]))
    def wait(self, seconds: int) -> None:
        self.logbook.pass_time(seconds)

    @rule(is_sent=st.booleans())
    def kill_a_process_that_holds_an_entry(self, is_sent: bool) -> None:
        """Killed after the claim: before the call went out, or after the portal executed it."""
        with self.logbook.database() as session:
            pending = select(LogEntry).where(LogEntry.state == EntryState.PENDING)
            entry = session.scalars(pending.where(LogEntry.portal.has(member_id=self.portal.member_id))).first()
            if entry and entry.id in claims.take(session, [entry.id], EntryState.PENDING) and is_sent:
                with suppress(LogbookError):
                    tokens.call_as(session, self.logbook.context.b24, entry.person, outbox.add_call(entry))

    @rule()
    def uninstall_and_install_again(self) -> None:
        """What had not arrived is gone with the portal's rows; what had arrived stays."""
        token = self.portal.application_token
        self.portal.faults.clear()
        self.box.faults.clear()
        self.portal.uninstall()
        fields = {"event": "ONAPPUNINSTALL", "ts": "4102444800", "auth[member_id]": self.portal.member_id}
        assert self.logbook.event({**fields, "auth[application_token]": str(token)}) == 200
        for _ in range(4):
            self.logbook.work()
            self.logbook.pass_time(61)
        with self.logbook.database() as session:
            mine = LogEntry.portal.has(member_id=self.portal.member_id)
            assert session.scalar(select(func.count()).select_from(LogEntry).where(mine)) == 0
        self.accepted, self.last = self.on_timeline(), None
        self.install()

    def on_timeline(self) -> Counter[tuple[int, str]]:
        messages = [(card, message) for card in CARDS for message in self.portal.timeline(2, card)]
        return Counter((card, f"{message.title} {message.text}") for card, message in messages)

    def teardown(self) -> None:
        """The faults end, everybody opens their tab again, and the worker continues."""
        self.portal.clear_faults()
        for person in (self.portal.administrator, self.portal.employee):
            assert self.logbook.send(self.portal.frame(person)).status == 200
        for _ in range(12):
            self.logbook.pass_time(4000)
            self.logbook.work()
        assert {entry.state for entry in self.logbook.entries()} <= {EntryState.SENT, EntryState.FAILED}
        assert self.on_timeline() == self.accepted


@pytest.mark.timeout(300)
def test_nothing_is_lost_and_nothing_doubled(logbook: Logbook, box: Box) -> None:
    class DeliveryHere(Delivery):
        def __init__(self) -> None:
            super().__init__(logbook, box)

    run_state_machine_as_test(
        DeliveryHere,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
