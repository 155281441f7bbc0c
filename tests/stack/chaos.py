"""Random transactions among troubles, in phases; behind each, index and database are compared."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.e2e.rounds import FAULTS
from tests.e2e.stage import SECRETS, changed
from tests.stack.random_changes import RandomChanges
from tests.stack.random_columns import RandomTable
from tests.stack.random_writing import Writer
from tests.stack.scene import Scene
from tests.stack.troubles import Troubles

PHASES: Final = 3
_SNAPSHOT_SHARE: Final = 0.02
"""What share of the transactions is written before the connector makes its snapshot."""
_TROUBLE_SECONDS: Final = 5.0
"""About how long a trouble takes, where two go on side by side."""
_LONGEST_PAUSE_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = 180.0
_MAX_MESSAGE_BYTES: Final = 16_000_000
CONNECTOR: Final = {
    # A row with a large text is there twice, before and after the change.
    "producer.override.max.request.size": _MAX_MESSAGE_BYTES,
    "topic.creation.default.max.message.bytes": _MAX_MESSAGE_BYTES,
}
SETTINGS: Final[Mapping[str, Any]] = {
    "coveo.request_deadline_seconds": 2.5,
    "coveo.max_effect_seconds": 3.0,
    "kafka.settings": {
        "topic.metadata.refresh.interval.ms": 1_000,
        "reconnect.backoff.max.ms": 500,
    },
}


@dataclass(frozen=True, slots=True)
class Chaos:
    """One scene with its tables, its writer and its troubles."""

    scene: Scene
    tables: tuple[RandomTable, ...]
    writer: Writer
    troubles: Troubles
    chance: random.Random

    @classmethod
    def of(cls, scene: Scene, tables: tuple[RandomTable, ...], seed: int) -> Chaos:
        """Return one whose every choice follows from the seed, but for time."""
        chance = random.Random(seed)
        writer = Writer(tables, RandomChanges(tables, seed))
        return cls(scene, tables, writer, Troubles(scene, random.Random(seed)), chance)

    def play(self, transactions: int, rounds: int) -> None:
        """Write so many transactions while each kind of trouble begins `rounds` times."""
        first = round(transactions * _SNAPSHOT_SHARE)
        self._begin(first)
        for number, deck in enumerate(self._decks(rounds), 1):
            self._phase(first + (transactions - first) * number // PHASES - self.written, deck)
            self.scene.assert_index_is_select(_PATIENCE_SECONDS)
            sys.stderr.write(f"phase {number}: equal after {self.written} transactions\n")

    @property
    def written(self) -> int:
        """Return how many transactions were carried out, rolled back ones included."""
        return self.writer.kinds.total()

    def _begin(self, transactions: int) -> None:
        """Write the first rows, and let them come by a snapshot."""
        for table in self.tables:
            self.scene.execute(*table.creating())
        with self.scene.database.session() as session:
            for _ in range(transactions):
                self.writer.write(session)
            for table in self.tables:
                # A snapshot shows them without their sign (`docs/types.md`).
                for column in table.unsigned_in_snapshots():
                    text = f"UPDATE {table.name} SET {column} = NULL WHERE {column} < '0001-01-01'"  # noqa: S608
                    session.execute(text)
        self.writer.records = Counter(self.rows())
        changed(self.scene.product.configuration, SETTINGS)
        self.scene.connector.register(CONNECTOR, self.scene.converter)
        self.scene.connector.wait_for_snapshot()
        self.scene.product.start()

    def _decks(self, rounds: int) -> list[list[str]]:
        """Deal the troubles out to the phases; the program is hit twice as often as all else."""
        names = [*self.troubles.names(), *self.troubles.of_the_program()] * rounds
        self.chance.shuffle(names)
        return [names[number::PHASES] for number in range(PHASES)]

    def _phase(self, transactions: int, deck: list[str]) -> None:
        """Write while the troubles of a deck happen; each begins at a drawn transaction.

        None of the last ones, so that faults are still met by what is pushed for them.
        """
        moments = self.chance.choices(range(transactions * 4 // 5), k=len(deck))
        due = sorted(zip(moments, deck, strict=True), reverse=True)
        with self.scene.database.session() as session:
            for number in range(transactions):
                while due and due[-1][0] <= number:
                    self.troubles.begin(due.pop()[1])
                self.writer.write(session)
                to_come = sum(name not in FAULTS for _, name in due) + self.troubles.open()
                # The transactions shall last as long as what happens meanwhile.
                pause = _TROUBLE_SECONDS * to_come / (transactions - number)
                time.sleep(min(pause, _LONGEST_PAUSE_SECONDS))
        self.troubles.end()

    # --- what came of it

    def rows(self) -> dict[str, int]:
        """Return how many rows each table has now."""
        with self.scene.database.session() as session:
            counts = {}
            for table in self.tables:
                (row,) = session.rows(f"SELECT count(*) AS n FROM {table.name}")  # noqa: S608
                counts[table.name] = int(row["n"])
        return counts

    def repeats(self) -> dict[str, int]:
        """Return by table how many records are in Kafka beyond one for each change."""
        counts = {}
        for table in self.tables:
            ends = self.scene.topics.ends(self.scene.connector.topic(table.name))
            counts[table.name] = sum(ends.values()) - self.writer.records[table.name]
        return counts

    def pushes(self) -> Counter[tuple[str, int]]:
        """Return how often each version of a row was accepted, by document id and version."""
        index, product = self.scene.product.index, self.scene.product
        return Counter(
            push
            for indexed in product.indexed
            for batch in index.batches(product.source(indexed))
            for push in batch.upserts.items()
        )

    def revealed(self) -> list[str]:
        """Return the secrets, and data of rows, that stand in a log of the program."""
        logs = [program.output() for program in self.scene.product.programs]
        return [secret for secret in SECRETS if any(secret in log for log in logs)]

    def report(self, seed: int, seconds: float) -> str:
        """Return the figures for a reader."""
        pushes = self.pushes()
        figures = {
            "seed": seed,
            "seconds": round(seconds),
            "transactions": self.written,
            "kinds": dict(self.writer.kinds),
            "records for the changes": self.writer.records.total(),
            "records again": sum(self.repeats().values()),
            "rows at the end": self.rows(),
            "upserts accepted": pushes.total(),
            "of these again": pushes.total() - len(pushes),
            "troubles": dict(self.troubles.counts()),
            "failed tasks restarted": self.troubles.restarted_tasks,
            "starts of the program": len(self.scene.product.programs),
        }
        return ", ".join(f"{name}: {figure}" for name, figure in figures.items())
