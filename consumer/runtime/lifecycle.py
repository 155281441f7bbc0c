"""From the first turn to the last: signals, the drain, the close (design §3)."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from consumer.domain.errors import ConfigError
from consumer.runtime.loop import Loop
from consumer.runtime.ports import Clock

SECOND_SIGNAL_EXIT_CODE = 130
"""What a second signal ends the process with: at once, nothing committed."""

LEAVE_SECONDS = 5.0
"""What the last commit may take when the drain used up its time: brokers can be away. Below the
margin that the chart's grace period adds to `shutdown.drain_seconds`."""


class StopRequest:
    """Set by the first SIGTERM or SIGINT; the second one ends the process at once."""

    def __init__(self) -> None:
        """Start without a request."""
        self.requested = False

    def install(self) -> None:
        """Take over SIGTERM and SIGINT. Main thread only."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.requested:
            os._exit(SECOND_SIGNAL_EXIT_CODE)
        self.requested = True


def run(loop: Loop, stop: StopRequest, clock: Clock, drain_seconds: float) -> None:
    """Turn until asked to stop, then send what was taken in, within `drain_seconds`, and leave.

    Raises FatalError without leaving: nothing may be committed after a broken invariant. Raises
    ConfigError after leaving in order, without a drain: what is settled is committed, and that
    commit says which topic was read. If it was created anew, nothing else in Kafka does.
    """
    loop.ports.observer.state_changed("running")
    try:
        deadline = _turn(loop, stop, clock, drain_seconds)
    except ConfigError:
        loop.hazards.tell()
        _leave(loop, clock, clock.monotonic() + LEAVE_SECONDS)
        raise
    _leave(loop, clock, max(deadline, clock.monotonic() + LEAVE_SECONDS))


def _turn(loop: Loop, stop: StopRequest, clock: Clock, drain_seconds: float) -> float:
    """Turn until asked to stop and until the drain is done or late; return when it is late."""
    while not stop.requested:
        loop.turn()
    loop.start_draining()
    deadline = clock.monotonic() + drain_seconds
    while not loop.is_drained() and clock.monotonic() < deadline:
        loop.turn()
    return deadline


def _leave(loop: Loop, clock: Clock, by: float) -> None:
    with _ended_after(by - clock.monotonic() + LEAVE_SECONDS):
        loop.close(by)


@contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """End the process, with a trace of every thread, if what is inside does not return.

    The Kafka client can wait without a bound, and without letting go of the interpreter: then no
    signal of Python and no other thread can act. What was settled is committed by then.
    """
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
