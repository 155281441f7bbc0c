"""The real loop on the real client: a rebalance while a batch is on the wire, in each protocol."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from consumer.domain.fates import Accepted, Attempt, Batch, Outcome
from consumer.domain.fence import Fence
from consumer.domain.records import TopicPartition
from consumer.kafka.checkpoint import KafkaCheckpoint
from consumer.kafka.membership import open_membership
from consumer.kafka.positions import open_positions
from consumer.kafka.settings import GroupProtocol, KafkaSettings
from consumer.kafka.source import KafkaSource, SourceLimits
from consumer.pipeline.pipeline import Pipeline, PipelineSettings
from consumer.pipeline.settlement import RetrySettings
from consumer.runtime.clock import SystemClock
from consumer.runtime.loop import Loop, LoopSettings
from consumer.runtime.ports import Ports
from tests.cluster.mock_cluster import PARTITIONS, MockCluster
from tests.fakes.clock import ManualClock
from tests.fakes.observer import EventList
from tests.fakes.pipeline import FakeTranslator, FixedBackoff, lane_settings
from tests.fakes.runtime import FreeGovernor, ManualDeadLetters, ManualSchemas
from tests.fakes.workers import ManualStatusCalls

pytestmark = pytest.mark.cluster

LINGER_SECONDS = 3.0
"""Long enough for one record of each partition to be read: they are to share one batch."""

PROTOCOLS = {
    "eager": (GroupProtocol.CLASSIC, {"partition.assignment.strategy": "range"}),
    "cooperative": (
        GroupProtocol.CLASSIC,
        {"partition.assignment.strategy": "cooperative-sticky"},
    ),
    "kip-848": (GroupProtocol.CONSUMER, {}),
}


class HeldWorkers:
    """Keeps what it is given on the wire until somebody waits for it, or `let_go` is set."""

    def __init__(self) -> None:
        """Hold everything."""
        self.on_the_wire: list[Batch] = []
        self.pushed: Counter[str] = Counter()
        self.waited_for = 0
        self.let_go = False

    def submit(self, batch: Batch, since: float) -> None:
        """Put it on the wire."""
        del since
        self.on_the_wire.append(batch)

    def outcomes(self, wait_seconds: float = 0.0) -> Sequence[Outcome]:
        """Accept everything if waited for."""
        if not (wait_seconds or self.let_go):
            return ()
        self.waited_for += bool(wait_seconds and self.on_the_wire)
        landed, self.on_the_wire = self.on_the_wire, []
        self.pushed.update(op.document_id for batch in landed for op in batch.operations)
        return [Accepted(batch.batch_id, Attempt()) for batch in landed]


class Seat:
    """One member of the group with everything of its own."""

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        """Join."""
        membership = open_membership(settings)
        positions = open_positions(membership, settings)
        source = KafkaSource(membership, positions, SourceLimits(2.0, 0.05, 1.0))
        self.workers, self.events = HeldWorkers(), EventList()
        ports = Ports(
            source, KafkaCheckpoint(membership), ManualDeadLetters(), self.workers,
            ManualStatusCalls(ManualClock()), ManualSchemas(), FreeGovernor(), SystemClock(),
            self.events,
        )  # fmt: skip
        pipeline = Pipeline(
            FakeTranslator(),
            FixedBackoff(),
            PipelineSettings(
                lanes=(lane_settings(max_operations=PARTITIONS, linger_seconds=LINGER_SECONDS),),
                budget_bytes_per_target=1_000_000,
                retry=RetrySettings(max_effect_seconds=2.0, blocked_retry_seconds=30.0),
                dead_letters=True,
            ),
        )
        times = LoopSettings(
            poll_seconds=0.02,
            max_poll_records=100,
            commit_interval_seconds=0.2,
            revoke_seconds=5.0,
            takeover_seconds=2.0,
        )
        self.loop = Loop(ports, pipeline, Fence(), times)
        source.start([topic], self.loop)

    def owned(self) -> frozenset[TopicPartition]:
        """Return what it has."""
        return frozenset(self.loop.pipeline.tracker.partitions())


def turn(seats: Sequence[Seat], until: Callable[[], bool], seconds: float = 20.0) -> None:
    """Turn the seats one after the other until something holds."""
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            pytest.fail(f"not reached: {[seat.events.events for seat in seats]}")
        for seat in seats:
            seat.loop.turn()


def low_waters(*seats: Seat) -> dict[TopicPartition, int]:
    """Return the next offset that each partition may commit."""
    return {tp: low for seat in seats for tp, low in seat.loop.pipeline.low_water().items()}


def committed(
    cluster: MockCluster, topic: str, tps: Sequence[TopicPartition]
) -> dict[TopicPartition, int | None]:
    """Return what the group, which is called as its topic, has committed."""
    return {tp: cluster.committed(topic, tp).next_offset for tp in tps}


def before_leaving(seat: Seat) -> list[str]:
    """Return what a member told until it gave its first partitions up, that included."""
    events = seat.events.events
    first = next(n for n, each in enumerate(events) if each.startswith("revoked"))
    return events[: first + 1]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_batch_on_the_wire_survives_a_rebalance(cluster: MockCluster, protocol: str) -> None:
    """What is accepted while partitions move is committed by the old owner, not sent again.

    The mock broker refuses commits while a rebalance runs: always an eager group's last one, and a
    cooperative one's where the next rebalance has begun already. A real broker takes both. Then the
    next owner must take the leave for an unclean one, wait, and send again.
    """
    topic = cluster.new_topic()
    tps = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    for tp in tps:
        cluster.append(tp, f"+doc-{tp.partition}".encode())
    kind, options = PROTOCOLS[protocol]
    settings = cluster.settings(topic, kind, options=options)
    first = Seat(settings, topic)
    turn([first], lambda: sum(len(b.operations) for b in first.workers.on_the_wire) == PARTITIONS)
    second = Seat(settings, topic)
    turn([first, second], lambda: len(first.owned()) == len(second.owned()) == PARTITIONS // 2)
    assert first.workers.waited_for == 1
    first.workers.let_go = second.workers.let_go = True
    ends = dict.fromkeys(tps, 1)
    turn([first, second], lambda: low_waters(first, second) == ends)
    # Before anybody leaves: that is one more rebalance, in which the mock broker may refuse.
    turn([first, second], lambda: committed(cluster, topic, tps) == ends)
    for seat in (first, second):
        seat.loop.start_draining()
        seat.loop.close()
    assert committed(cluster, topic, tps) == ends
    pushed = first.workers.pushed + second.workers.pushed
    waited = [event for event in second.events.events if "late_effects" in event]
    (left,) = [each for each in before_leaving(first) if each.startswith("revoked")]
    refused = any(
        f"commit of {tp} failed" in before_leaving(first) for tp in tps if str(tp) in left
    )
    assert refused or protocol != "eager"
    assert (max(pushed.values()), bool(waited)) == ((2, True) if refused else (1, False))
