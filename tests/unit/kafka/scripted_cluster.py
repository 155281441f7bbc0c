"""A cluster that answers what positions ask, as the test says; its time is the test's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.errors import CdcError
from consumer.domain.hazards import DeletesKept
from consumer.domain.records import TopicPartition
from consumer.kafka.positions import ClusterPositions, Resolution, Rules
from consumer.kafka.topics import TopicSeen
from consumer.kafka.watch import TopicWatch

TPS = [TopicPartition("t", number) for number in range(5)]
A, B = TPS[:2]
EARLIEST = Rules()


class Answered(ClientPartition):
    """A partition of an answer with an error, which only the client itself can make."""

    error: KafkaError | None = None


class ScriptedTopics:
    """Tells every topic's id and number of partitions, or what is in `troubles`."""

    def __init__(self) -> None:
        """Know one topic."""
        self.topic_id: str | None = "id-1"
        self.partitions = len(TPS)
        self.trouble: CdcError | None = None
        self.ends_trouble: CdcError | None = None
        self.logs: dict[TopicPartition, tuple[int, int]] = {}

    def look(self, topics: Collection[str], seconds: float) -> Mapping[str, TopicSeen | CdcError]:
        """Answer at once."""
        assert seconds > 0
        answer = self.trouble or TopicSeen(self.topic_id, self.partitions)
        return dict.fromkeys(topics, answer)

    def ends(
        self, partitions: Collection[TopicPartition], seconds: float
    ) -> Mapping[TopicPartition, int]:
        """Answer, or raise what a test says."""
        assert seconds > 0
        if self.ends_trouble is not None:
            raise self.ends_trouble
        return {tp: self.logs.get(tp, (0, 9))[1] for tp in partitions}


class ScriptedWatch(TopicWatch):
    """Brings what a test puts in."""

    def __init__(self) -> None:
        """Bring nothing."""
        super().__init__(lambda: None)
        self.answers: dict[str, TopicSeen] = {}
        self.asked: list[str] = []

    def turn(self, partitions: Collection[TopicPartition]) -> Mapping[str, TopicSeen]:
        """Return the answers once."""
        self.asked = list(map(str, partitions))
        answers, self.answers = self.answers, {}
        return answers

    def deletes_kept(self, topic: str) -> DeletesKept | None:
        """Know one topic."""
        return DeletesKept(60.0) if topic == "t" else None


class ScriptedCluster:
    """Logs hold 0 to 9 but for `logs`; what is in `refused` or `gone` is answered so."""

    def __init__(self) -> None:
        """Answer everything at once; nothing is committed."""
        self.now = 0.0
        self.topics = ScriptedTopics()
        self.watch = ScriptedWatch()
        self.refused: dict[TopicPartition, int] = {}
        self.gone: dict[TopicPartition, int] = {}
        self.cost_seconds = 0.0
        self.offsets: dict[TopicPartition, int] = {}
        self.notes: dict[TopicPartition, str] = {}
        self.logs = self.topics.logs
        self.ranges_asked: list[TopicPartition] = []
        self.commits: list[tuple[TopicPartition, int, str | None]] = []

    def positions(self, rules: Rules = EARLIEST) -> ClusterPositions:
        """Return positions that ask here."""
        client = cast("Consumer", cast("Any", self))
        monotonic: Callable[[], float] = lambda: self.now  # noqa: E731
        return ClusterPositions(client, self.topics, self.watch, rules, monotonic)

    # --- the client

    def committed(self, partitions: list[ClientPartition], timeout: float) -> list[Answered]:
        """Answer each by itself."""
        self.now += min(self.cost_seconds, timeout)
        return [self._committed(TopicPartition(p.topic, p.partition)) for p in partitions]

    def _committed(self, tp: TopicPartition) -> Answered:
        note = self.notes.get(tp, "clean") if tp in self.offsets else ""
        answer = Answered(tp.topic, tp.partition, self.offsets.get(tp, -1001), note)
        if tp in self.refused:
            answer.error = KafkaError(self.refused[tp])
        return answer

    def commit(self, *, offsets: list[ClientPartition], asynchronous: bool) -> None:
        """Take it."""
        assert asynchronous, "nothing bounds the wait for the other kind"
        for p in offsets:
            tp = TopicPartition(p.topic, p.partition)
            self.commits.append((tp, p.offset, p.metadata))
            self.offsets[tp], self.notes[tp] = p.offset, str(p.metadata)

    def get_watermark_offsets(self, tp: ClientPartition, timeout: float) -> tuple[int, int]:
        """Answer, or raise what is in `gone`, after the time that it takes."""
        asked = TopicPartition(tp.topic, tp.partition)
        self.ranges_asked.append(asked)
        self.now += min(self.cost_seconds, timeout)
        if asked in self.gone:
            raise KafkaException(KafkaError(self.gone[asked]))
        return self.logs.get(asked, (0, 9))


def resolved(cluster: ScriptedCluster, *tps: TopicPartition, seconds: float = 0.0) -> Resolution:
    """Ask once where to start."""
    return cluster.positions().resolve(tps, seconds)
