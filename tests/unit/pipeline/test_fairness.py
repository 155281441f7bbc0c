"""Nobody starves when there is less room than records (found by the simulation)."""

from __future__ import annotations

from dataclasses import dataclass, field

from consumer.domain.records import Offset, Record, TopicPartition
from consumer.pipeline.contract import Rejected, Wait
from consumer.pipeline.intake import Intake
from tests.fakes.pipeline import OTHER_TP, TP, record


@dataclass
class OneSeat:
    """A pipeline that has room for one record in each round."""

    free: bool = True
    taken: list[TopicPartition] = field(default_factory=list)

    def submit(self, record: Record, now: float) -> None:
        """Take or refuse."""
        del now
        if not self.free:
            raise Rejected(Wait.BUDGET, "kb")
        self.free = False
        self.taken.append(record.tp)


def test_partitions_take_turns_in_being_served_first() -> None:
    """With a fixed order the first partition would take all the room there ever is."""
    seat = OneSeat()
    intake = Intake(seat.submit)
    for tp in (TP, OTHER_TP):
        intake.assign(tp, Offset(0), Offset(0), 0.0)
        intake.opened(tp)
    for offset in range(4):
        seat.free = True
        intake.offer([record(offset, tp=tp) for tp in (TP, OTHER_TP)], float(offset))
    assert seat.taken == [TP, OTHER_TP, TP, OTHER_TP]
