"""How old what lies unread may be, against a log that knows when each record was written."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from consumer.pipeline.ends import EndsSeen
from tests.fakes.pipeline import TP


class LogMachine(RuleBasedStateMachine):
    """Writes, settles, and hears of the log's end late; time never stands still."""

    def __init__(self) -> None:
        """Begin at the start of an empty log."""
        super().__init__()
        self.ends = EndsSeen()
        self.now_ms = 1_000
        self.ends.assign(TP, self.now_ms)
        self.written_ms: list[int] = []
        self.next_offset = 0
        self.heard: list[tuple[int, int]] = []

    @rule(milliseconds=st.integers(1, 1_000))
    def time_passes(self, milliseconds: int) -> None:
        """Nothing else happens."""
        self.now_ms += milliseconds

    @rule(count=st.integers(1, 3))
    def write(self, count: int) -> None:
        """Append records."""
        self.written_ms += [self.now_ms] * count
        self.now_ms += 1

    @rule(count=st.integers(1, 5))
    def settle(self, count: int) -> None:
        """Read on and settle; the loop looks a moment later."""
        self.next_offset = min(len(self.written_ms), self.next_offset + count)
        self.ends.reach(TP, self.next_offset)

    @rule()
    def ask(self) -> None:
        """Ask for the end; the answer is on its way, with the time of the question."""
        self.heard.append((len(self.written_ms), self.now_ms))
        self.now_ms += 1

    @rule(data=st.data())
    def hear(self, data: st.DataObject) -> None:
        """Get one of the answers, in any order."""
        if self.heard:
            end, at_ms = self.heard.pop(data.draw(st.integers(0, len(self.heard) - 1)))
            self.ends.mark(TP, end, at_ms)
            self.ends.reach(TP, self.next_offset)

    @invariant()
    def nothing_unsettled_is_older(self) -> None:
        """Else a delete among it could have been removed although we call ourselves in time."""
        seen_ms = self.ends.seen_ms(TP)
        assert seen_ms is not None
        assert all(each >= seen_ms for each in self.written_ms[self.next_offset :])

    def teardown(self) -> None:
        """Whoever reads to the end and hears of it is as young as that answer."""
        self.settle(len(self.written_ms))
        self.ask()
        asked_ms = self.heard[-1][1]
        self.ends.mark(TP, *self.heard[-1])
        self.ends.reach(TP, self.next_offset)
        self.ends.mark(TP, *self.heard[-1])
        self.ends.reach(TP, self.next_offset)
        assert self.ends.seen_ms(TP) == asked_ms


TestLog = LogMachine.TestCase
