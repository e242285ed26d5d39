"""Calls a portal or an authorization server: one request, one answer, and a specific error for each failure.

Docs: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/general-principles.html and …/error-codes.html
"""

import json
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast

from b24app.bitrix24.addresses import host_of
from b24app.bitrix24.bulkhead import CROWDED, Bulkhead
from b24app.bitrix24.calls import BATCH, Answers, Call, Json, ask_all, batch, decoded, is_refusal, refusal, stands
from b24app.bitrix24.connections import Connections
from b24app.bitrix24.timeouts import Timeouts
from b24app.codes import CallOutcome, Reason
from b24app.errors import AnswerLost, CallFailed, Moved, PlanLapsed
from b24app.masking import conceal

log = logging.getLogger(__name__)

# Sent by proxies in front of a portal, such as Cloudflare, while the portal may still be executing the call.
GATEWAY_STATUSES = {408, 502, 504, *range(520, 528)}
# Statuses of an HTML page: the portal is no longer at this address, or something in front of it refuses us.
ABSENT_STATUSES = {403, 404, 410}
# The CRM sends this status if a right is missing; the REST API itself sends 401 or 403, also for an expired plan.
RIGHT_MISSING = 400


@dataclass(frozen=True)
class Exchange:
    """A call and its answer, for logging. It contains people's text, but not the token."""

    endpoint: str
    call: Call
    code: str
    status: int
    milliseconds: int
    answer: bytes = field(repr=False)
    outcome: CallOutcome = CallOutcome.OK

    @property
    def methods(self) -> str:
        """The method; for a batch, followed by its commands' methods in brackets."""
        commands = [command.partition("?")[0] for command in self.call.parameters.get("cmd", {}).values()]
        return f"{self.call.method}[{','.join(commands)}]" if commands else self.call.method


class Client:
    """Calls methods at an endpoint such as ``https://portal.bitrix24.com/rest/`` over persistent connections.

    Each exchange, whatever its outcome, is passed to ``note``.
    """

    def __init__(
        self,
        connections: Connections,
        timeouts: Timeouts,
        note: Callable[[Exchange], None] = lambda exchange: None,
        bulkhead: Bulkhead | None = None,
    ) -> None:
        self.connections = connections
        self._note = note
        self._bulkhead = bulkhead
        self.timeouts = timeouts

    def held(self, endpoint: str) -> AbstractContextManager[None]:
        """A slot for a call to this endpoint; raises Crowded if all are taken."""
        return self._bulkhead.hold(endpoint) if self._bulkhead else nullcontext()

    def call(self, endpoint: str, access_token: str, call: Call) -> Json:
        """The ``result`` of one method. Raises Unreachable, AnswerLost, Moved or Refused; never repeats anything."""
        started = time.monotonic()
        code, status, body, outcome = "UNEXPECTED", 0, b"", CallOutcome.LOST
        try:
            with self.held(endpoint):
                status, body = self._send(endpoint, access_token, call)
            # Masked before any use: an error's text, even its code, may quote the token.
            body = conceal(as_utf8(body), access_token)
            result = _read_result(status, body)
            code, outcome = "ok", CallOutcome.OK
            # For the log: a refused command is not a failure of the batch.
            if call.method == BATCH:
                code = Answers(result).first_refusal(cast(dict[str, str], call.parameters["cmd"])) or code
            return result
        except CallFailed as failure:
            code, status, outcome = failure.code, failure.status, failure.outcome
            if code == Reason.ACCESS_DENIED and self._is_plan_lapsed(endpoint, access_token, call, status):
                raise PlanLapsed(code=code, status=status) from None
            raise
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            exchange = Exchange(endpoint, call, code, status, milliseconds, body, outcome)
            _log(exchange)
            if code != CROWDED:
                self._note(exchange)

    def ask_all(self, endpoint: str, access_token: str, calls: dict[str, Call]) -> Answers:
        """Call several methods in one batch; raises like ``call``. Reading an answer raises its own error."""
        return ask_all(calls, lambda call: self.call(endpoint, access_token, call))

    def _is_plan_lapsed(self, endpoint: str, access_token: str, denied: Call, status: int) -> bool:
        """Rights are checked for each command, so a whole batch is refused only if the plan allows no calls."""
        if denied.method == BATCH or status == RIGHT_MISSING:
            return denied.method == BATCH
        try:
            self.call(endpoint, access_token, batch({"application": Call("app.info")}))
        except CallFailed as failure:
            return isinstance(failure, PlanLapsed)
        return False

    def probe(self, address: str) -> str:
        """The Date header of an address's answer; raises CallFailed if there is none."""
        answer = self.connections.request("GET", address, self.timeouts, longest=0)
        return answer.headers.get("date", "")

    def _send(self, endpoint: str, access_token: str, call: Call) -> tuple[int, bytes]:
        body = json.dumps({**call.parameters, "auth": access_token}, allow_nan=False).encode()
        answer = self.connections.request("POST", endpoint + call.method, self.timeouts, body)
        return answer.status, answer.body


def _read_result(status: int, body: bytes) -> Json:
    """Parse the portal's answer; anything that is not from its REST API, such as a proxy's page, is lost."""
    if 300 <= status < 400:
        raise Moved(code="MOVED", status=status)
    if status in GATEWAY_STATUSES:
        raise AnswerLost(code="GATEWAY", status=status)
    answer = _read_json(status, body)
    if stands(answer, answer.get("result")):
        return answer["result"]
    if is_refusal(answer):
        raise refusal(answer, status=status)
    if "result" not in answer or "error" in answer:
        raise AnswerLost(code="NO_ENVELOPE", status=status)
    return None


def _read_json(status: int, body: bytes) -> dict[str, Any]:
    try:
        answer = decoded(body)
    except ValueError:
        raise AnswerLost(code=Reason.NOT_HERE if status in ABSENT_STATUSES else "NO_JSON", status=status) from None
    if not isinstance(answer, dict):
        raise AnswerLost(code="NO_JSON", status=status)
    return answer


def as_utf8(body: bytes) -> bytes:
    """The body in UTF-8, since JSON may come in UTF-16 or UTF-32."""
    encoding = json.detect_encoding(body)
    return body if encoding == "utf-8" else body.decode(encoding, errors="replace").encode()


def _log(exchange: Exchange) -> None:
    log.info(
        "call",
        extra={
            "method": exchange.methods,
            "status": exchange.status,
            "code": exchange.code,
            "milliseconds": exchange.milliseconds,
            "portal": host_of(exchange.endpoint),
        },
    )
