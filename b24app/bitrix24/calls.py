"""Calls, batches of calls, and parsing portals' answers, whose JSON is shaped by PHP. Pure.

Docs: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html and …/data-encoding.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any
from urllib.parse import quote

from b24app.errors import AnswerLost, Refused
from b24app.storable_text import storable

BATCH, BATCH_LENGTH = "batch", 50
BREAKDOWNS = {"INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER"}
# Far in the future, in unix seconds: anything later, or no time at all, must not break the arithmetic.
LATEST_MOMENT = 5e10
LARGEST_NUMBER = 2**63 - 1  # of databases and PHP
# How JSON can contain text that cannot be stored; pairs of surrogates match as well, but survive the cleaning.
PERHAPS_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")
UNPRINTABLE = re.compile(r"[^ -~]")
# Bitrix24's own codes are numbers or several words; "Gateway Timeout" and "forbidden" are what proxies say.
REFUSAL_CODE = re.compile(r"[0-9]*|[A-Za-z0-9]*_[A-Za-z0-9_]*", re.ASCII)
LONGEST_CODE = 64
# A batch replaces this with the answers of its earlier commands, anywhere in a text.
REFERENCE = re.compile(r"\$\w*\[", re.ASCII)
STEP = re.compile(r"\[([^\[\]]*)\]")
# What PHP prints into an answer if a server displays errors, each on its own line; ``^`` keeps the search linear.
NOTICE = re.compile(
    rb"(?m)(?:<br />\r?\n)?^(?:<b>)?(?:PHP )?(?:Warning|Notice|Deprecated|Strict Standards)(?:</b>)?: "
    rb"[^\r\n]{1,4000}? on line (?:<b>)?[0-9]{1,6}(?:</b>)?(?:<br />)?\r?\n"
)
# Searching more would keep everybody else waiting.
LONGEST_WITH_NOTICES = 1_000_000
UTC_OFFSET = re.compile(r"[+-][0-9]{2}:[0-9]{2}\Z", re.ASCII)
Json = Any
_quoted_name = lru_cache(1024)(partial(quote, safe=""))


@dataclass(frozen=True)
class Call:
    """One method with its parameters; nested parameters are maps and lists."""

    method: str
    parameters: Mapping[str, Json] = field(default_factory=dict, repr=False)

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters in PHP's encoding of nested values, ``fields[title]=...``."""
        return [pair for name, value in self.parameters.items() for pair in _flatten(name, value)]

    @cached_property
    def command(self) -> str:
        """The call as a batch takes it, ``method?name=value``."""
        return self.method + "?" + "&".join([f"{_quoted_name(name)}={_quoted(text)}" for name, text in self.pairs])


class Reference(str):
    """What a batch replaces with the result of an earlier command, ``$result[add][logMessage][id]``."""

    __slots__ = ()

    def value_in(self, results: Mapping[str, Json]) -> Json:
        """The value if the command has already been executed, or the reference itself."""
        first, *steps = STEP.findall(self)
        if first not in results:
            return self
        value = results[first]
        for step in steps:
            value = as_map(value).get(step)
        return "" if value is None else value


# The methods of optional scopes, which Logbook can do without.
OPTIONAL = "bizproc."


def batch(calls: Mapping[str, Call]) -> Call:
    """Build a batch of up to 50 commands, which are executed in this order, even if some fail."""
    return Call(BATCH, {"halt": 0, "cmd": {key: call.command for key, call in calls.items()}})


def ask_all(calls: Mapping[str, Call], ask: Callable[[Call], Json]) -> "Answers":
    """Make all calls in one batch, except those with text that a batch would expand, which are sent separately.

    The order is kept. Raises what ``ask`` raises, except for refusals of single calls.
    """
    joined = Answers({})
    for is_alone, part in _parts(calls):
        part = {key: joined.filled_into(call) for key, call in part.items()}
        joined.add(_ask_alone(part, ask) if is_alone else Answers(ask(batch(part))))
    return joined


def is_executed_in_batch(call: Call) -> bool:
    """Whether a text of the call looks like a reference to the result of another command, ``$result[key]``."""
    texts = call.pairs if "%24" in call.command else []
    return any(REFERENCE.search(text) for _name, text in texts if not isinstance(text, Reference))


def _parts(calls: Mapping[str, Call]) -> list[tuple[bool, dict[str, Call]]]:
    parts: list[tuple[bool, dict[str, Call]]] = []
    for key, call in calls.items():
        is_alone = is_executed_in_batch(call)
        if not parts or is_alone or parts[-1][0]:
            parts.append((is_alone, {}))
        parts[-1][1][key] = call
    return parts


def _ask_alone(part: Mapping[str, Call], ask: Callable[[Call], Json]) -> "Answers":
    ((key, call),) = part.items()
    try:
        return Answers({"result": {key: ask(call)}})
    except Refused as refused:
        if refused.is_authorization or refused.is_passing or refused.is_of_plan:
            raise
        return Answers({"result_error": {key: {"error": refused.code}}})


class Answers:
    """The answers of a batch, command by command."""

    def __init__(self, result: Json) -> None:
        self._results = dict(as_map(as_map(result).get("result")))
        self._errors = dict(as_map(as_map(result).get("result_error")))
        self._times = dict(as_map(as_map(result).get("result_time")))

    def add(self, more: "Answers") -> None:
        """Add the answers to further commands."""
        self._results |= more._results
        self._errors |= more._errors
        self._times |= more._times

    def filled_into(self, call: Call) -> Call:
        """The call with its references to these answers replaced, so that it can be sent separately."""
        return Call(call.method, _filled(call.parameters, self._results)) if self._results else call

    def __getitem__(self, key: str) -> Json:
        """The result of one command; raises Refused, or AnswerLost if its outcome is unknown."""
        if self._is_refused(key):
            raise refusal(self._errors[key], status=200)
        if key not in self._results:
            raise AnswerLost(code="NO_RESULT", status=200)
        return self._results[key]

    def _is_refused(self, key: str) -> bool:
        return key in self._errors and not stands(self._errors[key], self._results.get(key))

    def refusal_of(self, key: str) -> str:
        """The error code of one command; empty if it was not refused."""
        return refusal(self._errors[key], status=200).code if self._is_refused(key) else ""

    def first_refusal(self, commands: Mapping[str, str]) -> str:
        """The error code of the first command that was refused; empty if none was.

        Refusals of optional scopes do not count. ``commands`` are those of the batch.
        """
        wanted = (key for key in self._errors if not commands.get(key, "").startswith(OPTIONAL))
        return next(filter(None, map(self.refusal_of, wanted)), "")

    def resets_at(self, key: str) -> int | None:
        """When this method's operating time is reset, in unix seconds, if the portal reports it."""
        moment = self._moment(key, "operating_reset_at")
        return None if moment is None else int(moment)

    def answered_at(self, key: str) -> float | None:
        """The portal's time when it answered, in unix seconds, if the portal reports it."""
        return self._moment(key, "finish")

    def utc_offset(self, key: str) -> str:
        """The UTC offset of the portal's clock, ``+02:00``; empty if the answer has none."""
        match = UTC_OFFSET.search(str(as_map(self._times.get(key)).get("date_start")))
        return match[0] if match else ""

    def _moment(self, key: str, name: str) -> float | None:
        moment = as_map(self._times.get(key)).get(name)
        return moment if isinstance(moment, int | float) and 0 < moment < LATEST_MOMENT else None


def decoded(body: bytes) -> Json:
    """Parse an answer's JSON, ignoring a byte order mark and PHP's own messages; raises ValueError.

    Characters that databases and pages cannot handle are replaced.
    """
    try:
        try:
            answer = json.loads(body)
        except ValueError:
            if len(body) > LONGEST_WITH_NOTICES:
                raise
            answer = json.loads(NOTICE.sub(b"", body).strip())
        # Checking the bytes first takes a hundredth of the time that going through every text takes.
        return storable(answer) if PERHAPS_UNSTORABLE.search(body) else answer
    except RecursionError:
        raise ValueError("nested too deeply") from None


def stands(answer: Json, result: Json) -> bool:
    """Whether the answer has a valid result: some portals send an empty error with one."""
    return result is not None and _error_of(answer) == ""


def is_refusal(answer: Mapping[str, Json]) -> bool:
    """Whether an answer without a result is a refusal by Bitrix24's REST API, not JSON from a proxy."""
    is_ours = "error_description" in answer or REFUSAL_CODE.fullmatch(_error_of(answer))
    return "error" in answer and bool(is_ours)


def code_of(error: Json) -> str:
    """The error code of an answer, in upper case and printable; codes may be numbers."""
    return UNPRINTABLE.sub("?", str(error).upper()[:LONGEST_CODE]) or "UNKNOWN"


def refusal(body: Json, *, status: int) -> Refused | AnswerLost:
    """The exception for an error body ``{"error", "error_description"}``."""
    code = code_of(_error_of(body))
    # A portal that failed midway cannot guarantee that nothing was executed.
    return AnswerLost(code=code, status=status) if code in BREAKDOWNS else Refused(code=code, status=status)


def _error_of(body: Json) -> str:
    """The error code as it was sent; empty if there is none, or it has no meaning."""
    error = as_map(body).get("error")
    return "" if error is None or error is False else str(error)


def as_map(value: Json) -> Mapping[str, Json]:
    """Parse a map: PHP writes an empty one as ``[]``, and one with the keys 0, 1, 2 as a list."""
    if isinstance(value, list):
        return {str(index): inner for index, inner in enumerate(value)}
    return value if isinstance(value, dict) else {}


def as_rows(value: Json) -> list[Json]:
    """Parse a list, which PHP writes as a map once a key is missing."""
    return list(as_map(value).values())


def as_list_of(value: Json, name: str) -> list[Json]:
    """The rows of an answer ``{name: [...]}`` or a bare ``[...]``; raises AnswerLost for anything else."""
    rows = value.get(name, value) if isinstance(value, dict) else value
    # A list that PHP has filtered keeps its keys, and is written as a map.
    if not isinstance(rows, list) and not (isinstance(rows, dict) and rows and all(map(str.isdecimal, rows))):
        raise AnswerLost(code="NO_LIST", status=200)
    return rows if isinstance(rows, list) else list(rows.values())


def as_flag(value: Json) -> bool:
    """Parse a flag: true, ``"Y"`` or 1, which old methods write as text."""
    return value is True or str(value).upper() in {"Y", "1"}


def as_number(value: Json) -> int:
    """Parse a number, which old methods write as text; raises AnswerLost for anything else."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise AnswerLost(code="NO_NUMBER", status=200) from None
    if abs(number) > LARGEST_NUMBER:
        raise AnswerLost(code="NO_NUMBER", status=200)
    return number


def _quoted(text: str) -> str:
    """References are written as in the documentation."""
    if text.isalnum() and text.isascii():
        return text
    return quote(text, safe="$[]" if isinstance(text, Reference) else "")


def _filled(value: Json, results: Mapping[str, Json]) -> Json:
    if isinstance(value, Mapping):
        return {key: _filled(inner, results) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, results) for inner in value]
    return value.value_in(results) if isinstance(value, Reference) else value


def _flatten(name: str, value: Json) -> list[tuple[str, str]]:
    """PHP's encoding of nested parameters: ``fields[title]=...``."""
    if isinstance(value, str | int):
        return [(name, value if isinstance(value, str) else str(int(value)))]
    if isinstance(value, Mapping):
        return [pair for key, inner in value.items() for pair in _flatten(f"{name}[{key}]", inner)]
    if isinstance(value, list | tuple):
        return [pair for index, inner in enumerate(value) for pair in _flatten(f"{name}[{index}]", inner)]
    return [(name, str(value))]
