"""Threads for the worker's chores: each task is queued once, and slow portals take no threads from others."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from b24app.services.chores import Chore

# Tasks of responsive portals end within this time; slower ones give up their thread.
PROMPT_SECONDS = 2
PROMPT_THREADS = 8
SLOW_THREADS = 32


@dataclass(frozen=True)
class Task:
    """A chore for one portal."""

    chore: Chore
    portal_id: int


Work = Callable[[Task], timedelta | None]


class Dispatcher:
    """Runs tasks in the order of submission, and never the same one twice at a time.

    PROMPT_THREADS serve responsive portals; portals that are or were slow share SLOW_THREADS.
    """

    def __init__(self, work: Work) -> None:
        """``work`` does a task and returns how soon it is due again; it logs its own failures."""
        self._work = work
        self._changed = threading.Condition()
        self._waiting: dict[Task, float] = {}
        self._running: dict[Task, float] = {}
        self._slow: set[Task] = set()
        self._threads: list[threading.Thread] = []
        self._is_stopping = False

    def submit(self, task: Task, wait_seconds: float = 0) -> None:
        """Schedule a task after a delay; a waiting task is not duplicated, but may be moved forward."""
        with self._changed:
            self._put(task, time.monotonic() + wait_seconds)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ends when the running tasks are done, or at once after a failure; waiting tasks are left to others."""
        try:
            yield
        finally:
            with self._changed:
                self._is_stopping = True
                self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _put(self, task: Task, start_at: float) -> None:
        self._waiting[task] = min(start_at, self._waiting.get(task, start_at))
        if len(self._threads) < min(len(self._waiting) + len(self._running), PROMPT_THREADS + SLOW_THREADS):
            # Daemons, so that a failing process can end while a portal hangs.
            thread = threading.Thread(target=self._run, name=f"chores-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while task := self._next():
            again_in = None
            try:
                again_in = self._work(task)
            except Exception:  # noqa: S110 - logged where it happened, with its portal
                pass
            finally:
                self._finish(task, again_in)

    def _next(self) -> Task | None:
        """Wait for a task and a free thread; None if the worker stops."""
        with self._changed:
            while not self._is_stopping:
                now = time.monotonic()
                if task := self._choose(now):
                    del self._waiting[task]
                    self._running[task] = now
                    return task
                self._changed.wait(self._seconds_to_change(now))
        return None

    def _choose(self, now: float) -> Task | None:
        slow = sum(self._is_slow(task, now) for task in self._running)
        # Slow tasks beyond SLOW_THREADS occupy the other threads.
        prompt = len(self._running) - min(slow, SLOW_THREADS)
        for task, start_at in self._waiting.items():
            has_room = slow < SLOW_THREADS if task in self._slow else prompt < PROMPT_THREADS
            if start_at <= now and task not in self._running and has_room:
                return task
        return None

    def _is_slow(self, task: Task, now: float) -> bool:
        return task in self._slow or now - self._running[task] >= PROMPT_SECONDS

    def _seconds_to_change(self, now: float) -> float | None:
        """Seconds until a task is due, or a running one counts as slow; None if there is neither."""
        due = [start_at for start_at in self._waiting.values() if start_at > now]
        turning_slow = [start + PROMPT_SECONDS for start in self._running.values() if now - start < PROMPT_SECONDS]
        moments = [*due, *turning_slow]
        return max(min(moments) - now, 0.001) if moments else None

    def _finish(self, task: Task, again_in: timedelta | None) -> None:
        with self._changed:
            now = time.monotonic()
            is_slow = now - self._running.pop(task) >= PROMPT_SECONDS
            (self._slow.add if is_slow else self._slow.discard)(task)
            if again_in is not None:
                self._put(task, now + again_in.total_seconds())
            self._changed.notify_all()
