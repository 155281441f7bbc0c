"""Worker threads: they run tasks, one at a time each, and nothing else.

A worker gets an immutable task, such as a batch, and gives back an immutable result by a queue
(design §3).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from consumer.domain.fates import Attempt, Batch, Broken

_TaskT = TypeVar("_TaskT")
_ResultT = TypeVar("_ResultT")


class WorkerThreads(Generic[_TaskT, _ResultT]):
    """A fixed number of daemon threads: a stuck request never keeps the process from ending."""

    def __init__(
        self,
        run: Callable[[_TaskT, float], _ResultT],
        broken: Callable[[_TaskT, Exception], _ResultT],
        threads: int,
    ) -> None:
        """Start `threads` threads that wait for tasks.

        `run` does a task within its deadline, counted from the given monotonic time. It never
        raises; if it does, that is a bug of ours, and `broken` says what came of the task.
        """
        self._run = run
        self._broken = broken
        self._tasks: queue.SimpleQueue[tuple[_TaskT, float]] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[_ResultT] = queue.SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"push-{number}", daemon=True).start()

    def submit(self, task: _TaskT, since: float) -> None:
        """Queue a task for the next free worker; its time runs since `since`."""
        self._tasks.put((task, since))

    def outcomes(self, wait_seconds: float = 0.0) -> Sequence[_ResultT]:
        """Return what has come back; wait up to `wait_seconds` for the first."""
        results: list[_ResultT] = []
        try:
            if wait_seconds > 0:
                results.append(self._results.get(timeout=wait_seconds))
            while True:
                results.append(self._results.get_nowait())
        except queue.Empty:
            return results

    def _work(self) -> None:
        while True:
            self._results.put(self._attempt(*self._tasks.get()))

    def _attempt(self, task: _TaskT, since: float) -> _ResultT:
        try:
            return self._run(task, since)
        except Exception as error:  # noqa: BLE001 - the outermost frame of a thread
            return self._broken(task, error)


def broken_batch(batch: Batch, error: Exception) -> Broken:
    """Return the outcome of an attempt that failed by a bug: a message may quote what was sent."""
    return Broken(batch.batch_id, Attempt(), f"{type(error).__name__} in a push worker")
