"""Worker threads: they run push attempts, one at a time each, and nothing else.

A worker gets an immutable batch and gives back an immutable outcome by a queue (design §3).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from consumer.domain.fates import Attempt, Batch, Broken, Outcome

RunAttempt = Callable[[Batch, float], Outcome]
"""Makes one attempt within its deadline, counted from the given monotonic time. Never raises; if it
does, that is a bug of ours."""


class WorkerThreads:
    """A fixed number of daemon threads: a stuck request never keeps the process from ending."""

    def __init__(self, run_attempt: RunAttempt, threads: int) -> None:
        """Start `threads` threads that wait for batches."""
        self._run_attempt = run_attempt
        self._batches: queue.SimpleQueue[tuple[Batch, float]] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"push-{number}", daemon=True).start()

    def submit(self, batch: Batch, since: float) -> None:
        """Queue a batch for the next free worker; its time runs since `since`."""
        self._batches.put((batch, since))

    def outcomes(self, wait_seconds: float = 0.0) -> Sequence[Outcome]:
        """Return what has come back; wait up to `wait_seconds` for the first."""
        outcomes: list[Outcome] = []
        try:
            if wait_seconds > 0:
                outcomes.append(self._outcomes.get(timeout=wait_seconds))
            while True:
                outcomes.append(self._outcomes.get_nowait())
        except queue.Empty:
            return outcomes

    def _work(self) -> None:
        while True:
            self._outcomes.put(self._attempt(*self._batches.get()))

    def _attempt(self, batch: Batch, since: float) -> Outcome:
        try:
            return self._run_attempt(batch, since)
        except Exception as error:  # noqa: BLE001 - the outermost frame of a thread
            # The class only: a message may quote what was sent.
            return Broken(batch.batch_id, Attempt(), f"{type(error).__name__} in a push worker")
