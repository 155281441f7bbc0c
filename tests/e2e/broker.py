"""librdkafka's mock cluster in this process, by its C interface: topics, expiry, outages.

`test.mock.num.brokers` gives a mock cluster too, but nothing to steer it by. A KIP-848 group of it
expels a member that died after `SESSION_MS` and does not wait before it assigns; a classic group
would wait 3 s before each first rebalance, if it were not told to be quicker. It dies with this
process.
"""

from __future__ import annotations

import ctypes
import itertools
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import confluent_kafka
from confluent_kafka import Consumer, Producer, TopicPartition

PARTITIONS = 3
SESSION_MS = 1_000
"""How long a dead member keeps its partitions; a start of the program takes about as long."""

_HEARTBEAT_MS = 100
_CLASSIC_DELAY_MS = 100
_FLUSH_SECONDS = 30
_PRODUCER = 0
_QUIET = b"0"
_names = itertools.count(1)


class Committed(NamedTuple):
    """A group's commit for one partition; `offset` is `None` if there is none."""

    offset: int | None
    metadata: str | None


class Broker:
    """A cluster of one broker, the topics made on it, and a producer for them."""

    def __init__(self) -> None:
        """Start it; `address` is where clients connect."""
        self._library = _library()
        self._cluster = _cluster(self._library)
        self.address: str = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        quiet = {"log_level": 0}
        self._producer = Producer({"bootstrap.servers": self.address, "linger.ms": 0, **quiet})
        self.ends: dict[str, list[int]] = defaultdict(lambda: [0] * PARTITIONS)
        """Next offset by topic and partition: nobody else appends."""

    def new_topic(self, name: str) -> str:
        """Create a topic under that name and a number, so that no two tests share one."""
        topic = f"{name}-{next(_names)}"
        create = self._library.rd_kafka_mock_topic_create
        assert create(self._cluster, topic.encode(), PARTITIONS, 1) == 0
        return topic

    def append(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> int:
        """Append a record and return its offset; `flush` waits until it is there."""
        self._producer.produce(topic, value, key, partition, headers=list(headers))
        self._producer.poll(0)
        offset = self.ends[topic][partition]
        self.ends[topic][partition] += 1
        return offset

    def flush(self) -> None:
        """Wait until all that was appended is in the log."""
        assert self._producer.flush(_FLUSH_SECONDS) == 0

    def committed(self, group: str, topic: str) -> list[Committed]:
        """Return what the group has committed, by partition."""
        consumer = Consumer({"bootstrap.servers": self.address, "group.id": group})
        try:
            asked = [TopicPartition(topic, number) for number in range(PARTITIONS)]
            answered = consumer.committed(asked, timeout=10)
        finally:
            consumer.close()
        return [Committed(p.offset if p.offset >= 0 else None, p.metadata) for p in answered]

    def set_down(self) -> None:
        """Refuse connections from now on, and cut those that are open."""
        assert self._library.rd_kafka_mock_broker_set_down(self._cluster, 1) == 0

    def set_up(self) -> None:
        """Take connections again."""
        assert self._library.rd_kafka_mock_broker_set_up(self._cluster, 1) == 0


def _library() -> ctypes.CDLL:
    """Return the very library that the client uses: wheels bring it beside the package."""
    package = Path(confluent_kafka.__file__).parent
    folders = (package.parent / "confluent_kafka.libs", package / ".dylibs")
    paths = [path for folder in folders for path in folder.glob("librdkafka*")]
    library = ctypes.CDLL(str(paths[0]) if paths else "librdkafka.so.1")
    handle, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    for name, result, arguments in (
        ("rd_kafka_conf_new", handle, ()),
        ("rd_kafka_conf_set", number, (handle, text, text, text, ctypes.c_size_t)),
        ("rd_kafka_new", handle, (number, handle, text, ctypes.c_size_t)),
        ("rd_kafka_mock_cluster_new", handle, (handle, number)),
        ("rd_kafka_mock_cluster_bootstraps", text, (handle,)),
        ("rd_kafka_mock_group_initial_rebalance_delay_ms", None, (handle, ctypes.c_int32)),
        ("rd_kafka_mock_topic_create", number, (handle, text, number, number)),
        ("rd_kafka_mock_broker_set_down", number, (handle, ctypes.c_int32)),
        ("rd_kafka_mock_broker_set_up", number, (handle, ctypes.c_int32)),
        ("rd_kafka_mock_set_group_consumer_session_timeout_ms", None, (handle, number)),
        ("rd_kafka_mock_set_group_consumer_heartbeat_interval_ms", None, (handle, number)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, list(arguments)
    return library


def _cluster(library: ctypes.CDLL) -> int:
    problem = ctypes.create_string_buffer(256)
    conf = library.rd_kafka_conf_new()
    for name, value in ((b"bootstrap.servers", b"none:1"), (b"log_level", _QUIET)):
        assert library.rd_kafka_conf_set(conf, name, value, problem, len(problem)) == 0
    owner = library.rd_kafka_new(_PRODUCER, conf, problem, len(problem))
    assert owner, problem.value
    cluster: int = library.rd_kafka_mock_cluster_new(owner, 1)
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, _CLASSIC_DELAY_MS)
    library.rd_kafka_mock_set_group_consumer_session_timeout_ms(cluster, SESSION_MS)
    library.rd_kafka_mock_set_group_consumer_heartbeat_interval_ms(cluster, _HEARTBEAT_MS)
    return cluster
