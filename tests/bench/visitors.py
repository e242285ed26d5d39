"""People who open cards and post, in a process of their own that costs little: ``python -m tests.bench.visitors``.

Reads a Plan as JSON and writes Happened as JSON. They come at an even rate, whatever becomes of the others: how long
somebody waited is counted from when they wanted to be served, not from when there was a free connection.
"""

import asyncio
import dataclasses
import json
import random
import re
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
SAVED = re.compile(r'data-outcome="(?:posted|queued)"')
WORDS = {"icon": "comment", "text": "They agreed."}
CUT_OFF = "cut off"
AGAIN_SECONDS = 0.5
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Visit:
    """A frame: its address and its body, in which NUMBER is another one for each visit.

    Of all visits, ``share`` are of this kind. The opening is noted as ``opening``; whoever then posts has a ``post``.
    """

    frames: Sequence[tuple[str, str]]
    opening: str
    share: float = 1
    post: str = ""


@dataclass(frozen=True)
class Plan:
    """``rate`` visits a second for so many seconds; with a rate of 0, as many as ``racers`` get one after the other."""

    port: int
    visits: Sequence[Visit]
    seconds: float
    rate: float = 0
    racers: int = 0


@dataclass
class Happened:
    """How long each kind of request took, how often each kind was answered how, and the titles that were written."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    # What the visitors themselves have taken.
    processor_seconds: float = 0

    def note(self, kind: str, answer: int | str, seconds: float) -> None:
        self.seconds.setdefault(kind, []).append(seconds)
        counts = self.answers.setdefault(kind, {})
        counts[str(answer)] = counts.get(str(answer), 0) + 1


class Connections:
    """To one server, kept between requests and used in turns, as by a proxy in front of it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._kept: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def post(self, address: str, body: str, *, is_script: bool = False) -> tuple[int, str]:
        """The status and the page; raises OSError or EOFError where none came."""
        data = body.encode()
        head = f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Length: {len(data)}\r\n"
        head += "X-Answer: parts\r\n" if is_script else ""
        request = f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + data
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while self._kept:
                reader, writer = self._kept.popleft()
                # The server may have closed it, or have gone; a browser sends the request once more.
                if reader.at_eof() or not (answer := await self._ask_again(reader, writer, request)):
                    writer.close()
                    continue
                return answer
            return await self._ask(*await asyncio.open_connection("127.0.0.1", self._port), request)

    async def _ask_again(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> tuple[int, str] | None:
        try:
            return await self._ask(reader, writer, request)
        except ConnectionError:
            return None
        except asyncio.IncompleteReadError as cut:
            if cut.partial:
                raise
            return None

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, str]:
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            found = LENGTH.search(head)
            page = await reader.readexactly(int(found[1]) if found else 0)
        except BaseException:
            writer.close()
            raise
        self._kept.append((reader, writer))
        return int(head[9:12]), page.decode()


@dataclass
class Visitors:
    """All of them, on one thread."""

    plan: Plan
    connections: Connections
    happened: Happened = field(default_factory=Happened)

    async def come(self) -> None:
        luck = random.Random(7)  # noqa: S311 - the same bad luck at every run
        shares = [visit.share for visit in self.plan.visits]
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(int(self.plan.seconds * self.plan.rate)):
                wanted_at = began + number / self.plan.rate
                await asyncio.sleep(wanted_at - time.monotonic())
                group.create_task(self._open(luck.choices(self.plan.visits, shares)[0], number, wanted_at))

    async def race(self) -> None:
        ends_at = time.monotonic() + self.plan.seconds

        async def open_again(number: int) -> None:
            while time.monotonic() < ends_at:
                await self._open(self.plan.visits[0], number, time.monotonic())
                number += self.plan.racers

        await asyncio.gather(*map(open_again, range(self.plan.racers)))

    async def _open(self, visit: Visit, number: int, wanted_at: float) -> None:
        address, body = visit.frames[number % len(visit.frames)]
        status, page = await self._send(visit.opening, address, body.replace("NUMBER", str(number)), wanted_at)
        if visit.post and status == 200:
            await self._post(visit.post, page)

    async def _post(self, kind: str, page: str) -> None:
        """As a person does who sees a broken page: the same form once more, until there is an answer."""
        form = {name: unescape(value) for name, value in HIDDEN.findall(page)}
        title = f"Entry {len(self.happened.written)}"
        self.happened.written.append(title)
        body, answer = urlencode({**form, **WORDS, "title": title}), ""
        while not SAVED.search(answer):
            _status, answer = await self._send(kind, "/entries", body, time.monotonic(), is_script=True)
            if not SAVED.search(answer):
                await asyncio.sleep(AGAIN_SECONDS)

    async def _send(
        self, kind: str, address: str, body: str, wanted_at: float, *, is_script: bool = False
    ) -> tuple[int, str]:
        """The status 0 where a killed process gave no answer."""
        try:
            status, page = await self.connections.post(address, body, is_script=is_script)
        except (OSError, EOFError, TimeoutError):
            status, page = 0, ""
        self.happened.note(kind, status or CUT_OFF, time.monotonic() - wanted_at)
        return status, page


async def main() -> None:
    told = json.load(sys.stdin)
    plan = Plan(**{**told, "visits": [Visit(**visit) for visit in told["visits"]]})
    visitors = Visitors(plan, Connections(plan.port))
    await (visitors.come() if plan.rate else visitors.race())
    visitors.happened.processor_seconds = time.process_time()
    json.dump(dataclasses.asdict(visitors.happened), sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
