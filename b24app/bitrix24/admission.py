"""Limits how often unproved callers can make us call Bitrix24.

Anybody can post a frame with a made-up token, and only Bitrix24 can tell. So each call that ends without a proof is
charged to a budget of the portal and to one of the sender's address; a proof refills the latter. Each process has
budgets of its own.
"""

import hashlib
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from b24app.bitrix24.bulkhead import CROWDED
from b24app.bitrix24.rate_limit import Buckets
from b24app.errors import OVER_BUDGET, CallFailed, Crowded, NotProved, Refused

# Of the 50 calls at once that a portal allows, and the two a second after them. An address gets less than a portal,
# so that no single one can exhaust a portal's budget.
PORTAL_BURST, PORTAL_PER_SECOND = 20, 0.5
SOURCE_BURST, SOURCE_PER_SECOND = 12, 0.2
# Finding out where a portal has moved takes an additional call to the authorization server.
MOVE_BURST, MOVE_PER_SECOND = 3, 1 / 30
# Of a web process's threads; callers with the portal's application token are not counted.
MOST_ANONYMOUS, MOST_ANONYMOUS_PER_PORTAL = 6, 3
REFUSED_SECONDS = 10
PROVED_SECONDS = 3600
REMEMBERED = 10_000


@dataclass(frozen=True)
class Applicant:
    """An unproved caller; ``secret`` is the token or code that Bitrix24 is asked to confirm.

    ``member_id`` is empty for portals that we do not know, which share one budget. Callers with
    ``is_insider`` have sent the portal's application token, which outsiders do not know.
    """

    member_id: str
    source: str
    secret: str = field(repr=False)
    is_insider: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.member_id, self.source


class Admission:
    """Limits calls for unproved requests; ``admit`` is a context manager around such a call."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(32)
        self._portals = Buckets(PORTAL_BURST, PORTAL_PER_SECOND, clock)
        self._sources = Buckets(SOURCE_BURST, SOURCE_PER_SECOND, clock)
        self._moves = Buckets(MOVE_BURST, MOVE_PER_SECOND, clock)
        self._anonymous: Counter[str] = Counter()
        self._refused = _Memory(REFUSED_SECONDS, clock)
        self._proved = _Memory(PROVED_SECONDS, clock)

    @contextmanager
    def admit(self, applicant: Applicant) -> Iterator[None]:
        """Raises NotProved if the caller was refused a moment ago or is over the budget; raises Crowded."""
        digest = self._digest(applicant)
        with self._lock:
            self._check(applicant, digest)
            self._anonymous[applicant.member_id] += not applicant.is_insider
        try:
            yield
        except (NotProved, CallFailed) as failure:
            self._charge(applicant, digest, failure)
            raise
        else:
            self._acquit(applicant, digest)
        finally:
            with self._lock:
                self._anonymous[applicant.member_id] -= not applicant.is_insider
                self._anonymous += Counter()  # drops entries that are back at zero

    def may_ask_for_move(self, applicant: Applicant) -> bool:
        """Whether the authorization server may be asked again where this portal is; counts as a request."""
        key = applicant.member_id, applicant.is_insider
        with self._lock:
            if not self._moves.has(key):
                return False
            self._moves.take(key)
            return True

    def note_move(self, applicant: Applicant) -> None:
        """Refill the budget, since the request was justified."""
        with self._lock:
            self._moves.fill((applicant.member_id, applicant.is_insider))

    def _check(self, applicant: Applicant, digest: bytes) -> None:
        if reason := self._refused.get(digest):
            raise NotProved(reason=reason)
        if self._proved.get(digest) is not None:
            return
        if not applicant.is_insider and self._is_crowded(applicant.member_id):
            raise Crowded(code=CROWDED)
        # The second half of each budget is reserved for callers with the application token.
        half = 0 if applicant.is_insider else 0.5
        if not (
            self._sources.has(applicant.key, spared=half * SOURCE_BURST)
            and self._portals.has(applicant.member_id, spared=half * PORTAL_BURST)
        ):
            raise (
                Crowded(code="SILENT")
                if self._portals.is_silent(applicant.member_id)
                else NotProved(reason=OVER_BUDGET)
            )

    def _is_crowded(self, member_id: str) -> bool:
        of_portal = self._anonymous[member_id]
        return of_portal >= MOST_ANONYMOUS_PER_PORTAL or self._anonymous.total() >= MOST_ANONYMOUS

    def _charge(self, applicant: Applicant, digest: bytes, failure: NotProved | CallFailed) -> None:
        """Spend the budget only after the call, since all concurrent callers may be proved."""
        with self._lock:
            if isinstance(failure, NotProved):
                self._proved.drop(digest)
                # A portal that was only busy may answer differently in a moment.
                if not Refused(code=failure.reason.upper()).is_passing:
                    self._refused.put(digest, failure.reason)
            if not isinstance(failure, Crowded):
                self._sources.take(applicant.key)
                self._portals.take(applicant.member_id)
                self._portals.mark_silent(applicant.member_id, isinstance(failure, CallFailed))

    def _acquit(self, applicant: Applicant, digest: bytes) -> None:
        with self._lock:
            self._sources.fill(applicant.key)
            self._portals.mark_silent(applicant.member_id, False)
            self._proved.put(digest, "")

    def _digest(self, applicant: Applicant) -> bytes:
        words = f"{applicant.member_id} {applicant.secret}".encode()
        return hashlib.blake2b(words, key=self._salt, digest_size=32).digest()


class _Memory:
    """A bounded number of recent refusals, by digest, for a few seconds. Not thread-safe."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._words: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    def get(self, digest: bytes) -> str | None:
        until, word = self._words.get(digest, (0.0, ""))
        if until <= self._clock():
            self._words.pop(digest, None)
            return None
        return word

    def put(self, digest: bytes, word: str) -> None:
        self._words[digest] = (self._clock() + self._seconds, word)
        self._words.move_to_end(digest)
        while len(self._words) > REMEMBERED:
            self._words.popitem(last=False)

    def drop(self, digest: bytes) -> None:
        self._words.pop(digest, None)
