"""What connectors write to the log: mostly updates of few rows, and everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from consumer.domain.operations import SourceKind
from consumer.domain.records import TopicPartition
from tests.simulation.log import Draft, Kind
from tests.simulation.plan import FEEDS, PARTITIONS, ROWS, VAULT, document
from tests.simulation.surroundings import Surroundings

_GAPS: Final = 0.03
"""Share of records behind which offsets are left out, as a transaction's marker takes one."""


class Writer:
    """Writes records: mostly updates of few rows, and everything else that connectors write."""

    def __init__(self, around: Surroundings) -> None:
        """Write into the common log."""
        self._around = around
        self._world = around.world
        self.burst_until = 0.0
        menu: dict[Callable[[TopicPartition, str], None], int] = {
            self._upsert: 600,
            self._some_delete: 120,
            self._tombstone: 30,
            self._tree: 20,
            self._control: 30,
            self._poison: 40,
            self._bad_upsert: 25,
            self._partial: 250,
            self._flagged: 25,
            self._move: 60,
            self._repeat_suffix: 30,
        }
        self._menu, self._weights = list(menu), list(menu.values())

    def write(self) -> None:
        """Write a few records and come again."""
        world = self._world
        if world.calm:
            return
        rate = self._around.plan.records_per_second * (4 if world.now < self.burst_until else 1)
        world.after(world.between(0.5, 1.5) * 3 / rate, "write", self.write)
        if self._backlog() < self._around.plan.backlog:
            for _ in range(3):
                self._one(world.pick(PARTITIONS))

    def _backlog(self) -> int:
        committed = self._around.cluster.committed
        return sum(
            partition.high - (committed[tp].next_offset or 0 if tp in committed else 0)
            for tp, partition in self._around.log.partitions.items()
        )

    def _one(self, tp: TopicPartition) -> None:
        world = self._world
        (write,) = world.chances.choices(self._menu, self._weights)
        write(tp, document(tp, world.pick(ROWS)))
        if world.chances.random() < _GAPS:
            world.seen.met("gap")
            self._around.log.skip_offsets(tp, 1 + int(world.chances.random() * 3))

    def _upsert(self, tp: TopicPartition, name: str) -> None:
        self._append(tp, Draft(Kind.UPSERT, name, pad=self._pad(), schema=self._schema()))

    def _partial(self, tp: TopicPartition, name: str) -> None:
        """An update that leaves a text out, as far as the open target takes one."""
        in_catalog = self._around.plan.open_kind is SourceKind.CATALOG
        kind = Kind.PARTIAL if in_catalog else Kind.UPSERT
        self._append(tp, Draft(kind, name, pad=5, schema=self._schema()))

    def _bad_upsert(self, tp: TopicPartition, name: str) -> None:
        self._append(tp, Draft(Kind.UPSERT, name, bad=True))

    def _flagged(self, tp: TopicPartition, name: str) -> None:
        flag = self._world.pick("mk") if VAULT in FEEDS[tp.topic] else "m"
        self._append(tp, Draft(Kind.UPSERT, name, flag=flag))

    def _tombstone(self, tp: TopicPartition, name: str) -> None:
        self._append(tp, Draft(Kind.TOMBSTONE, name))

    def _tree(self, tp: TopicPartition, name: str) -> None:
        del name
        self._world.seen.met("tree")
        self._append(tp, Draft(Kind.TREE, document(tp, self._world.pick(("0", "1")))))

    def _control(self, tp: TopicPartition, name: str) -> None:
        self._append(tp, Draft(Kind.CONTROL, name))

    def _poison(self, tp: TopicPartition, name: str) -> None:
        self._append(tp, Draft(Kind.POISON, name, pad=5))
        self._world.seen.met("poison_on_secured" if VAULT in FEEDS[tp.topic] else "poison")

    def _some_delete(self, tp: TopicPartition, name: str) -> None:
        self._delete(tp, name, bad=self._world.chance(0.1))

    def _pad(self) -> int:
        dice = self._world.chances.random()
        return 5 if dice < 0.8 else 300 if dice < 0.97 else 2_500

    def _schema(self) -> int:
        return 1 if self._world.chances.random() < 0.97 else 2

    def _append(self, tp: TopicPartition, draft: Draft) -> None:
        entry = self._around.log.append(tp, draft)
        if len(entry.wants) > 1:
            self._world.seen.met("two_targets")
        for want in entry.wants:
            about = f"{want.item[0]}:{want.item[1]}"
            words = f"{draft.kind.name.lower()}{' bad' if draft.bad else ''} {draft.flag}"
            self._world.tell(about, "log", "gets", words, f"{tp}@{entry.record.offset}")
        if not entry.wants:
            self._world.tell(str(tp), "log", "gets", draft.kind.name, entry.record.offset)

    def _delete(self, tp: TopicPartition, name: str, *, bad: bool) -> None:
        """A delete, and usually its tombstone right behind or a little later."""
        self._append(tp, Draft(Kind.DELETE, name, bad=bad))
        if bad or self._world.chances.random() < 0.8:
            self._append(tp, Draft(Kind.TOMBSTONE, name, bad=bad))

    def _move(self, tp: TopicPartition, name: str) -> None:
        """A changed key: the old row goes, a new one comes, perhaps in another partition."""
        self._world.seen.met("moved")
        self._delete(tp, name, bad=False)
        there = self._world.pick([other for other in PARTITIONS if other.topic == tp.topic])
        row = document(there, self._world.pick(ROWS))
        self._append(there, Draft(Kind.UPSERT, row, pad=7))

    def _repeat_suffix(self, tp: TopicPartition, name: str) -> None:
        """The connector restarts and writes its last records again."""
        del name
        self._world.seen.met("suffix_repeated")
        for entry in self._around.log.partitions[tp].entries[-4:]:
            self._append(tp, entry.draft)
