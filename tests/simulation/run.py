"""One run: troubles for a while, then calm; in the calm everything must come to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from consumer.domain.records import TopicPartition
from consumer.runtime.loop import Loop
from tests.simulation.api import PushApi
from tests.simulation.checks import Checks
from tests.simulation.cluster import Cluster
from tests.simulation.faults import Faults
from tests.simulation.log import Log
from tests.simulation.plan import PARTITIONS, draw
from tests.simulation.situations import Situations
from tests.simulation.story import Violation
from tests.simulation.surroundings import Surroundings
from tests.simulation.translator import Switches
from tests.simulation.wire import Wire
from tests.simulation.world import World

TROUBLED_STEPS = 12_000
"""Steps between two calms."""
CALM_STEPS = 40_000
"""More steps than any calm needs; whoever needs more is stuck."""

Mutate = Callable[[Loop], None]


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended. `trace` is equal only if all steps were."""

    seed: int
    steps: int
    trace: int
    seconds: float
    records: int
    situations: Situations
    violation: Violation | None
    story: list[str] = field(default_factory=list)


class Simulation:
    """Everything of one seed."""

    def __init__(self, seed: int, mutate: Mutate | None = None) -> None:
        """Draw the plan and start both members."""
        self.seed = seed
        world = self.world = World(seed)
        log, switches = Log(), Switches()
        checks = Checks(world, log)
        api = PushApi(world, checks, switches)
        self.around = Surroundings(
            world=world,
            plan=draw(world.chances),
            log=log,
            cluster=Cluster(world, PARTITIONS),
            checks=checks,
            api=api,
            wire=Wire(world, api),
            switches=switches,
            mutate=mutate,
        )
        self.faults = Faults(self.around)

    def run(self, steps: int, story_lines: int = 120) -> Report:
        """Do at least so many steps, unless a promise is broken before."""
        violation, story = None, []
        try:
            while self.world.steps < steps:
                self.faults.begin()
                until = min(steps, self.world.steps + TROUBLED_STEPS)
                while self.world.steps < until:
                    self.world.step()
                self._calm()
        except Violation as found:
            violation = found
            story = self.world.story.about(found.about, story_lines)
        records = sum(len(p.entries) for p in self.around.log.partitions.values())
        return Report(
            self.seed,
            self.world.steps,
            self.world.trace,
            self.world.now,
            records,
            self.world.seen,
            violation,
            story,
        )

    def _calm(self) -> None:
        """LIVE: without troubles all is done in the end, and the indexes equal the truth."""
        self.faults.calm()
        until = self.world.steps + CALM_STEPS
        while not self._is_done():
            if self.world.steps > until:
                raise Violation("LIVE", self._what_is_stuck(), *self._unfinished())
            for _ in range(50):
                self.world.step()
            self.faults.start_all()
        self._compare()

    def _is_done(self) -> bool:
        members = self.faults.members.values()
        return not self._unfinished() and all(not m.dead and m.idle() for m in members)

    def _unfinished(self) -> list[str]:
        committed = self.around.cluster.committed

        def at(tp: TopicPartition) -> int:
            return (committed[tp].next_offset or 0) if tp in committed else 0

        return [
            str(tp)
            for tp, partition in self.around.log.partitions.items()
            if partition.end and not partition.end <= at(tp) <= partition.high
        ]

    def _what_is_stuck(self) -> str:
        stuck = [f"{name}: {m.loop.status()}" for name, m in self.faults.members.items()]
        return "it never ends: " + "; ".join([*self._unfinished(), *stuck])

    def _compare(self) -> None:
        truth, index = self.around.log.truth(), self.around.api.index
        for item in sorted(truth.keys() | index.keys()):
            if truth.get(item) != index.get(item):
                msg = f"{item} is {index.get(item)} in the index, {truth.get(item)} in the log"
                raise Violation("INDEX", msg, f"{item[0]}:{item[1]}")
