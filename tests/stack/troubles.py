"""What happens to a scenario while it goes on: parts killed, stopped and brought back, faults.

Two lanes, each one trouble after the other, side by side: one for what lies before the topics
(Connect, broker, registry), one for the program. What the index answers is a matter of a moment.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from tests.e2e.rounds import FAULTS
from tests.stack.places import Part, StackError
from tests.stack.scene import Scene

_LOOK_SECONDS: Final = 0.05
_DOWN_SECONDS: Final = (2.0, 5.0)
_LONGEST_SECONDS: Final = 15.0
_LEDGER: Final = "cdc_ledger_difference_records 0.0"


@dataclass(slots=True)
class Troubles:
    """Begins troubles, and keeps count of what they were. Leave nothing behind: `close`."""

    scene: Scene
    chance: random.Random
    restarted_tasks: int = 0
    """How often Debezium's task had failed and was restarted, as an operator does."""
    _lanes: Mapping[str, ThreadPoolExecutor] = field(
        default_factory=lambda: {name: ThreadPoolExecutor(1) for name in ("source", "program")}
    )
    _over: Counter[str] = field(default_factory=Counter)
    _pending: list[Future[None]] = field(default_factory=list)

    def names(self) -> tuple[str, ...]:
        """Return all kinds of troubles."""
        return (*self._source(), *self._program(), *FAULTS)

    def of_the_program(self) -> tuple[str, ...]:
        """Return those that happen to the program."""
        return tuple(self._program())

    def begin(self, name: str) -> None:
        """Let a trouble happen as soon as its lane is free; do not wait for it."""
        if name in FAULTS:
            effect, endpoint = FAULTS[name]
            self.scene.product.index.fault(effect, endpoint, count=self.chance.randint(1, 3))
            return
        lane = "source" if name in self._source() else "program"
        happen = {**self._source(), **self._program()}[name]
        self._pending.append(self._lanes[lane].submit(self._one, name, happen))

    def open(self) -> int:
        """Return how many are not over. Raises what went wrong in one that is."""
        for each in [one for one in self._pending if one.done()]:
            self._pending.remove(each)
            each.result()
        return len(self._pending)

    def end(self) -> None:
        """Wait until all are over, but for faults of the index that no request has met as yet."""
        for each in self._pending:
            each.result()
        self._pending.clear()

    def counts(self) -> Counter[str]:
        """Return by name how often each was over; of faults, how many requests met them."""
        counts, names = self._over.copy(), {fault: name for name, fault in FAULTS.items()}
        for rule in self.scene.product.index.world.faults.rules():
            assert rule.target.endpoint is not None
            counts[names[rule.effect, rule.target.endpoint]] += rule.hits
        return counts

    def close(self) -> None:
        """Forget what has not begun, wait for what has, and heal the index."""
        for lane in self._lanes.values():
            lane.shutdown(cancel_futures=True)
        self.scene.product.index.heal()

    def _one(self, name: str, happen: Callable[[], None]) -> None:
        happen()
        self._over[name] += 1

    # --- before the topics

    def _source(self) -> dict[str, Callable[[], None]]:
        return {
            "Connect killed": self._connect_killed,
            "Connect restarted": lambda: self._outage(Part.CONNECT, self.scene.stack.stop),
            "broker killed": lambda: self._outage(Part.KAFKA, self.scene.stack.kill),
            "registry stopped": self._registry_stopped,
        }

    def _connect_killed(self) -> None:
        """Kill it while it writes: what it has not committed by then comes again."""
        before, until = self._ends(), time.monotonic() + _LONGEST_SECONDS
        while self._ends() == before and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
        self._outage(Part.CONNECT, self.scene.stack.kill)

    def _ends(self) -> list[dict[int, int]]:
        connector, tables = self.scene.connector, self.scene.product.indexed
        return [self.scene.topics.ends(connector.topic(each.table)) for each in tables]

    def _outage(self, part: Part, end: Callable[[Part], None]) -> None:
        end(part)
        self.scene.stack.start(part)
        self._mend()

    def _registry_stopped(self) -> None:
        self.scene.stack.stop(Part.REGISTRY)
        _pass(self.chance.uniform(*_DOWN_SECONDS))
        self.scene.stack.start(Part.REGISTRY)
        self._mend()

    def _mend(self) -> None:
        """Restart Debezium's task if it has given up."""
        try:
            self.scene.connector.wait_until_running()
        except StackError:
            self.restarted_tasks += 1
            self.scene.connector.restart()

    # --- the program

    def _program(self) -> dict[str, Callable[[], None]]:
        return {"program killed": self._program_killed, "program stopped": self._program_stopped}

    def _program_killed(self) -> None:
        self._assert_it_runs()
        self.scene.product.kill()
        self._start_again()

    def _program_stopped(self) -> None:
        self._assert_it_runs()
        assert self.scene.product.stop() == 0, f"see {self.scene.product.program.log}"
        self._start_again()

    def _assert_it_runs(self) -> None:
        program = self.scene.product.program
        assert program.running, f"it ended by itself; see {program.log}"
        assert _LEDGER in program.get("/metrics")[1]

    def _start_again(self) -> None:
        """Bring it back, and let it push something, or it would only ever be starting."""
        taken = self.scene.product.index.world.taken
        before, until = len(taken), time.monotonic() + _LONGEST_SECONDS
        self.scene.product.start()
        while len(taken) == before and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
        _pass(self.chance.uniform(0, _DOWN_SECONDS[0]))


def _pass(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
