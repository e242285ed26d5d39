"""The background worker: one loop finds what is due and listens to the queue; threads do the work.

When the loop ends, the process ends, with an exit code and a log line.
"""

import logging
import signal
import time
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue

from b24app import telemetry
from b24app.dispatcher import Dispatcher, Task
from b24app.heartbeat import Heartbeat
from b24app.outages import QUEUE, is_outage
from b24app.services import chores
from b24app.services.chores import CHORES, DELIVER, FREQUENT, Chore
from b24app.systemd import Supervisor
from b24app.tasks import Queue

log = logging.getLogger(__name__)

LOOK_SECONDS = 5
# Deliveries are checked each time, since entries have to be settled within 90 seconds; all else once a minute.
LOOKS_A_SWEEP = 12
# The pause between attempts while the database is unavailable.
RETRY_SECONDS = 3
LISTEN_SECONDS = 0.2
HEARTBEAT = "the table of workers"


class Worker:
    """``run`` works until SIGTERM or SIGINT, after which running tasks finish; SIGHUP is ignored."""

    def __init__(self, context: chores.Context, queue: Queue) -> None:
        self._context = context
        self._queue = queue
        self._heartbeat = Heartbeat(context.sessions)
        self._supervisor = Supervisor()
        self.dispatcher = Dispatcher(self._do)
        # An event's lock may be held by what the signal interrupts; this queue is made for signal handlers.
        self._signals: SimpleQueue[int] = SimpleQueue()
        self._look_at = self._listen_at = 0.0
        self._looks = 0

    def run(self) -> None:
        """Run the loop; unexpected exceptions are logged and raised again."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _frame: self._signals.put(number))
        # There is nothing to reload: the configuration is read at startup.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        log.info("worker started")
        try:
            with self.dispatcher.running():
                self._turn()
                self._supervisor.ready()
                while self._signals.empty():
                    self._turn()
                self._supervisor.stopping()
        except BaseException:
            log.exception("the worker has failed")
            raise
        with suppress(Exception):
            self._heartbeat.stop()
        log.info("worker stopped")

    def sweep(self, *which: Chore) -> bool:
        """Submit everything that is due, whatever the state of the queue; returns whether the database answered."""
        for chore in which:
            try:
                for portal_id in chores.due(self._context, chore):
                    self.dispatcher.submit(Task(chore, portal_id))
            except Exception as failure:
                # Already logged; continue with the other chores, unless the database is unavailable.
                if is_outage(failure):
                    return False
        return True

    def _turn(self) -> None:
        self._supervisor.is_alive()
        now = time.monotonic()
        if now >= self._look_at:
            self._look()
        if now < self._listen_at or not self._listen():
            with suppress(Empty):
                self._signals.put(self._signals.get(timeout=LISTEN_SECONDS))

    def _look(self) -> None:
        is_whole_sweep = self._looks % LOOKS_A_SWEEP == 0
        is_answered = self.sweep(*(CHORES if is_whole_sweep else FREQUENT))
        self._looks = self._looks + 1 if is_answered else 0
        self._look_at = time.monotonic() + (LOOK_SECONDS if is_answered else RETRY_SECONDS)
        if is_answered:
            self._beat()
        if is_whole_sweep:
            self._renew_queue()

    def _beat(self) -> None:
        """Write a heartbeat; a failure must not end the worker, since a missing heartbeat is noticed elsewhere."""
        try:
            self._heartbeat.beat()
        except Exception as failure:
            self._context.outages.note(HEARTBEAT, failure)
        else:
            self._context.outages.end(HEARTBEAT)

    def _renew_queue(self) -> None:
        try:
            self._queue.renew()
        except Exception as failure:
            self._miss_queue(failure)
        else:
            self._context.outages.end(QUEUE)

    def _listen(self) -> bool:
        """Listen to the queue; returns whether somebody woke the worker."""
        try:
            portal_id = self._queue.next_wake()
        except Exception as failure:
            self._miss_queue(failure)
            return False
        if portal_id is None:
            return False
        self.dispatcher.submit(Task(DELIVER, portal_id))
        return True

    def _miss_queue(self, failure: Exception) -> None:
        """Log an outage of the queue; meanwhile, the sweep delivers, a little later."""
        self._context.outages.note(QUEUE, failure)
        self._queue.close()
        self._listen_at = time.monotonic() + RETRY_SECONDS

    def _do(self, task: Task) -> timedelta | None:
        with telemetry.piece_of_work(task.chore.name):
            again_in = chores.do(self._context, task.chore, task.portal_id)
        # Later tasks are left to the next round.
        return again_in if again_in is not None and again_in < timedelta(seconds=LOOK_SECONDS) else None
