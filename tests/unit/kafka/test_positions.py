"""Where reading starts, asked of a scripted cluster: what holds, what stops, and how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.errors import ConfigError, RetryableError
from consumer.domain.records import TopicPartition
from consumer.kafka.positions import ClusterPositions, Resolution
from consumer.kafka.starts import Start

TPS = [TopicPartition("t", number) for number in range(5)]
A, B = TPS[:2]


class Answered(ClientPartition):
    """A partition of an answer with an error, which only the client itself can make."""

    error: KafkaError | None = None


class ScriptedCluster:
    """Everything starts at 0 and ends at 9; what is in `refused` or `gone` is answered so."""

    def __init__(self) -> None:
        """Answer everything at once."""
        self.now = 0.0
        self.refused: dict[TopicPartition, int] = {}
        self.gone: dict[TopicPartition, int] = {}
        self.cost_seconds = 0.0
        self.offsets: dict[TopicPartition, int] = {}
        self.ranges_asked: list[TopicPartition] = []

    def committed(self, partitions: list[ClientPartition], timeout: float) -> list[Answered]:
        """Answer each by itself."""
        self.now += min(self.cost_seconds, timeout)
        return [self._committed(TopicPartition(p.topic, p.partition)) for p in partitions]

    def _committed(self, tp: TopicPartition) -> Answered:
        answer = Answered(tp.topic, tp.partition, self.offsets.get(tp, -1001), "clean")
        if tp in self.refused:
            answer.error = KafkaError(self.refused[tp])
        return answer

    def get_watermark_offsets(self, tp: ClientPartition, timeout: float) -> tuple[int, int]:
        """Answer, or raise what is in `gone`, after the time that it takes."""
        asked = TopicPartition(tp.topic, tp.partition)
        self.ranges_asked.append(asked)
        self.now += min(self.cost_seconds, timeout)
        if asked in self.gone:
            raise KafkaException(KafkaError(self.gone[asked]))
        return 0, 9


@pytest.fixture
def cluster() -> ScriptedCluster:
    """Give a cluster where all goes well."""
    return ScriptedCluster()


def resolved(cluster: ScriptedCluster, *tps: TopicPartition, seconds: float = 0.0) -> Resolution:
    """Ask where to start."""
    client = cast("Consumer", cast("Any", cluster))
    monotonic: Callable[[], float] = lambda: cluster.now  # noqa: E731
    return ClusterPositions(client, Start.EARLIEST, monotonic).resolve(tps, seconds)


REFUSALS = [
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_PARTITION,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
]


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("where", ["refused", "gone"])
def test_a_topic_that_is_not_there_holds_its_own_partitions_only(
    cluster: ScriptedCluster, where: str, code: int
) -> None:
    """New or just deleted, one topic of a pattern must neither stop the program nor the others."""
    getattr(cluster, where)[A] = code
    resolution = resolved(cluster, A, B, seconds=1.0)
    assert [one.tp for one in resolution.ready] == [B]
    assert isinstance(resolution.held[A], RetryableError)
    assert KafkaError(code).name() in str(resolution.held[A])


def test_an_offset_outside_its_log_is_somebodys_to_decide(cluster: ScriptedCluster) -> None:
    """The only thing that asking again cannot mend."""
    cluster.offsets[A] = 50
    assert isinstance(resolved(cluster, A).held[A], ConfigError)


def test_the_time_is_for_all_together_and_who_got_none_is_named(cluster: ScriptedCluster) -> None:
    """It is asked on the thread that polls: with each its own half second nobody would be read."""
    cluster.cost_seconds = 0.2
    resolution = resolved(cluster, *TPS, seconds=0.5)
    assert cluster.now <= 0.7
    assert [one.tp for one in resolution.ready] == TPS[:2]
    assert resolution.unasked == frozenset(TPS[2:]) == resolution.held.keys()


def test_even_without_any_time_one_is_asked(cluster: ScriptedCluster) -> None:
    """Otherwise a slow answer about offsets would keep all of them waiting for ever."""
    cluster.cost_seconds = 0.5
    assert [one.tp for one in resolved(cluster, *TPS, seconds=0.1).ready] == [A]
