"""A program whose client never comes back from closing and keeps the interpreter to itself.

Run by `test_watchdog.py`: no Python code can run any more, so no signal is looked at and no other
thread gets its turn, as when librdkafka waits inside its own close.
"""

from __future__ import annotations

import ctypes

from consumer.domain.assignment import CommitPoint
from consumer.runtime import lifecycle
from consumer.runtime.lifecycle import StopRequest, run
from tests.fakes.pipeline import TP, record
from tests.fakes.runtime import Bench

HANG_SECONDS = 20


def main() -> None:
    """Take one record, be asked to stop, and hang in the close."""
    lifecycle.LEAVE_SECONDS = 0.25
    bench, stop = Bench(), StopRequest()
    stop.install()
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0, "+a"))
    bench.clock.now += 60.0  # its window closes
    bench.turn()
    bench.workers.accept_last()
    bench.source.on_close = lambda: hang(bench)
    stop.requested = True
    run(bench.loop, stop, bench.clock, drain_seconds=0.5)


def hang(bench: Bench) -> None:
    """Revoke, say what was committed, and hold the interpreter: `PyDLL` does not let go of it.

    C's `system` speaks and waits in one call, which no signal ends, so nobody is told too early.
    """
    bench.loop.on_revoked([TP])
    points: list[CommitPoint] = [last[TP] for last in bench.checkpoint.last]
    committed = [int(point.next_offset) for point in points]
    wait = f"exec sleep {HANG_SECONDS} <&- >&- 2>&-"
    ctypes.PyDLL(None).system(f"echo 'closing, committed {committed}'; {wait}".encode())


if __name__ == "__main__":
    main()
