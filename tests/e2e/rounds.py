"""Rounds of start and SIGKILL while changes go on being written, and what each round was."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from emulator.calls import Endpoint
from emulator.faults import Delay, Drip, Drop, Effect, Late, LoseResponse, Status
from emulator.requestlog import RequestRecord
from tests.e2e.changes import Changes
from tests.e2e.program import Program, wait_for
from tests.e2e.stage import Stage, changed, free_port

REQUEST_DEADLINE_SECONDS = 0.5
MAX_EFFECT_SECONDS = 0.9
LATE_SECONDS = 0.35
"""How late a request takes effect: less than `MAX_EFFECT_SECONDS`, which is what is promised."""

COMMIT_INTERVAL_SECONDS = 0.2
TABLES = ("open", "secured")
MOMENTS = ("starting", "calling", "calling again", "just taken", "taken a while ago")

_CHANGES_PER_SECOND = 120
_LOOK_SECONDS = 0.01
_LONGEST_ROUND_SECONDS = 5.0
FAULTS: Mapping[str, tuple[Effect, Endpoint]] = {
    "429": (Status(429, "TOO_MANY_REQUESTS", retry_after=1), Endpoint.CREATE_FILE),
    "429 on batch": (Status(429, "TOO_MANY_REQUESTS", retry_after=1), Endpoint.PUSH_BATCH),
    "503": (Status(503), Endpoint.PUSH_BATCH),
    "500 from storage": (Status(500), Endpoint.UPLOAD_FILE),
    "taken, answer lost": (LoseResponse(), Endpoint.PUSH_BATCH),
    "taken, answer torn": (LoseResponse(halfway=True), Endpoint.PUSH_BATCH),
    "taken, answer drips": (Drip(0.05, 200), Endpoint.PUSH_BATCH),
    "dropped": (Drop(), Endpoint.PUSH_BATCH),
    "late": (Late(LATE_SECONDS), Endpoint.PUSH_BATCH),
    "late, cut": (Late(LATE_SECONDS, drop=True), Endpoint.PUSH_BATCH),
    "slow": (Delay(0.2), Endpoint.PUSH_BATCH),
    "slow storage": (Delay(0.2), Endpoint.UPLOAD_FILE),
}


@dataclass(frozen=True, slots=True)
class Round:
    """One run of the program: where it started to read, and how it was when it was killed."""

    started_ms: int | None
    """When it said that it had begun; `None` if it was killed before."""
    committed: Mapping[str, list[int]]
    """Next offsets by table and partition that the group had committed before it started."""
    moment: str
    fault: str
    struck: bool
    """Whether the fault was met."""
    on_the_wire: bool
    """Whether a request of it was open when it was killed."""
    killed_ms: int


@dataclass(slots=True)
class Rounds:
    """Runs the program again and again."""

    stage: Stage
    changes: Changes
    random: random.Random
    done: list[Round] = field(default_factory=list)
    _written_until: float = field(default_factory=time.monotonic)

    def play(self, rounds: int) -> None:
        """Start and kill so often; half of the rounds meet a fault."""
        deck = [*itertools.islice(_faulty(), rounds // 2)]
        deck += [("", MOMENTS[number % len(MOMENTS)]) for number in range(rounds - len(deck))]
        for fault, moment in self.random.sample(deck, rounds):
            self._one(fault, moment)

    def finish(self) -> int:
        """Let the program come to its end undisturbed; return its exit code."""
        self.stage.index.heal()
        self.stage.broker.flush()
        committed = self._committed()
        program = self.stage.start(self._configuration())
        for table in TABLES:
            wait_for(lambda: self._is_true(table), f"the index of {table} equals the truth")  # noqa: B023 - called at once
            self.stage.wait_until_committed(table)
        code = program.stop()
        ended_ms = self.stage.index.world.clock.now_ms()
        started_ms = _started_ms(program)
        self.done.append(Round(started_ms, committed, "", "", False, False, ended_ms))  # noqa: FBT003
        return code

    def _is_true(self, table: str) -> bool:
        return self.stage.index.items(self.stage.sources[table]) == self.changes.truth(table)

    def _configuration(self) -> dict[str, object]:
        return changed(
            self.stage.configuration(),
            {
                "kafka.commit_interval_seconds": COMMIT_INTERVAL_SECONDS,
                "kafka.notice_seconds": 0.1,
                "coveo.request_deadline_seconds": REQUEST_DEADLINE_SECONDS,
                "coveo.max_effect_seconds": MAX_EFFECT_SECONDS,
                "windows.linger_seconds": 0.15,
                "server.port": free_port(),
            },
        )

    def _committed(self) -> dict[str, list[int]]:
        return {table: self.stage.committed(table) for table in TABLES}

    def _one(self, fault: str, moment: str) -> None:
        world, committed = self.stage.index.world, self._committed()
        self.stage.index.heal()
        before = len(self._requests())
        if fault:
            effect, endpoint = FAULTS[fault]
            self.stage.index.fault(effect, endpoint, count=self.random.randint(1, 2))
        come = self._moment(moment)
        program = self.stage.start(self._configuration())
        self._until(come, _LONGEST_ROUND_SECONDS)
        assert program.running, f"it ended by itself; see {program.log}"
        program.kill()
        killed_ms = world.clock.now_ms()
        on_the_wire = any(one.milliseconds is None for one in self._requests()[before:])
        struck = any(rule.hits for rule in world.faults.rules())
        started_ms = _started_ms(program)
        self.done.append(
            Round(started_ms, committed, moment, fault, struck, on_the_wire, killed_ms)
        )

    def _moment(self, moment: str) -> Callable[[], bool]:
        """Return whether the moment to kill has come: by time, by calls, by what was taken."""
        world, draw = self.stage.index.world, self.random.uniform
        requests, taken = len(self._requests()), len(world.taken)
        match moment:
            case "starting":
                return _after(lambda: True, draw(0.0, 1.5))
            case "calling":
                return _after(lambda: len(self._requests()) > requests, draw(0.0, 0.05))
            case "calling again":
                return _after(lambda: len(self._requests()) > requests + 6, draw(0.0, 0.05))
            case "just taken":
                return _after(lambda: len(world.taken) > taken, 0.0)
            case _:
                return _after(lambda: len(world.taken) > taken + 1, draw(0.0, 0.5))

    def _requests(self) -> list[RequestRecord]:
        return self.stage.index.world.request_log.behind(0, 1_000_000)

    def _until(self, moment: Callable[[], bool], seconds: float) -> None:
        """Go on writing changes until the moment has come, or it takes too long."""
        deadline = time.monotonic() + seconds
        while not moment() and time.monotonic() < deadline:
            now = time.monotonic()
            for _ in range(int((now - self._written_until) * _CHANGES_PER_SECOND)):
                self.changes.step()
                self._written_until = now
            time.sleep(_LOOK_SECONDS)


def _faulty() -> Iterator[tuple[str, str]]:
    """Yield every fault in turn, each with another moment than before; at a start none is met."""
    later = MOMENTS[1:]
    for turn in itertools.count():
        for number, fault in enumerate(FAULTS):
            yield fault, later[(number + turn) % len(later)]


def _after(condition: Callable[[], bool], seconds: float) -> Callable[[], bool]:
    """Return whether the condition has held for so long."""
    since: list[float] = []

    def holds() -> bool:
        if not since and condition():
            since.append(time.monotonic())
        return bool(since) and time.monotonic() - since[0] >= seconds

    return holds


def _started_ms(program: Program) -> int | None:
    started = program.events("run_started")
    if not started:
        return None
    return int(datetime.fromisoformat(started[0]["timestamp"]).timestamp() * 1000)
