"""Dead letters and schemas of one member: things that others keep and that take their time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from consumer.domain.fates import DeadLetter
from consumer.domain.records import TopicPartition
from consumer.domain.schemas import SchemaRef
from tests.simulation.checks import Tenure
from tests.simulation.log import Log
from tests.simulation.world import World


@dataclass(slots=True, eq=False)
class SimLetters:
    """Delivers dead letters after a while; `trouble_until` the place takes none."""

    world: World
    log: Log
    owned: Mapping[TopicPartition, Tenure]
    dead: bool = False
    trouble_until: float = 0.0
    _delivered: list[int] = field(default_factory=list)

    def send(self, letter: DeadLetter) -> None:
        """Deliver in a moment, or when the trouble is over."""
        late = max(0.0, self.trouble_until - self.world.now)
        if late:
            self.world.seen.met("letter_late")
        sent_by = self.world.between(0.01, 0.2) + late
        self.world.after(sent_by, "letter", lambda: self._deliver(letter))

    def _deliver(self, letter: DeadLetter) -> None:
        if self.dead:
            return
        record = letter.record
        if record.tp not in self.owned:
            self.world.seen.met("letter_of_lost_partition")
        partition = self.log.partitions[record.tp]
        partition.entries[partition.index_of(record.offset)].letter_delivered = True
        self.world.tell(str(record.tp), "letters", "keep", record.offset, letter.reason)
        self._delivered.append(letter.letter_id)

    def delivered(self) -> Sequence[int]:
        """Return what was delivered since."""
        delivered, self._delivered = self._delivered, []
        return delivered

    def trouble(self) -> str | None:
        """Return the trouble, if there is one."""
        return "no room" if self.world.now < self.trouble_until else None

    def failures(self) -> int:
        """Count none: what is late is not tried in vain."""
        return 0


@dataclass(slots=True, eq=False)
class SimSchemas:
    """Fetches schemas in the background; each member has its own."""

    world: World
    down: Callable[[], bool]
    have: set[SchemaRef] = field(default_factory=set)
    _asked: set[SchemaRef] = field(default_factory=set)

    def request(self, schema_ref: SchemaRef) -> None:
        """Fetch a schema unless that is under way."""
        if schema_ref not in self._asked:
            self._asked.add(schema_ref)
            self.world.after(
                self.world.between(0.05, 1.0), "schema", lambda: self._come(schema_ref)
            )

    def _come(self, schema_ref: SchemaRef) -> None:
        if self.down():
            self.world.after(1.0, "schema", lambda: self._come(schema_ref))
        else:
            self.have.add(schema_ref)

    def trouble(self, schema_ref: SchemaRef) -> str | None:
        """Return the trouble, if there is one."""
        return "registry down" if schema_ref not in self.have and self.down() else None
