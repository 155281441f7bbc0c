"""Kafka topics to files of the capture format (schemas/capture.schema.json)."""

from __future__ import annotations

import base64
import gzip
import heapq
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import httpx
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

Json = dict[str, Any]
_READ_TIMEOUT_SECONDS = 60
_LEADER_TRIES = 25
_NO_LEADER_YET = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record as fetched."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    def schema_ids(self) -> Iterator[int]:
        """Ids of the schemas that key and value were written with, the key's first."""
        for content in (self.key, self.value):
            if content is not None and content[:1] == b"\0":
                yield int.from_bytes(content[1:5], "big")

    def line(self) -> Json:
        """The record as a line of a capture."""
        return {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "timestamp_ms": self.timestamp_ms,
            "key": encoded(self.key),
            "value": encoded(self.value),
            "headers": [[name, encoded(value)] for name, value in self.headers],
        }


def encoded(content: bytes | None) -> str | None:
    """Base64, with null kept null."""
    return None if content is None else base64.b64encode(content).decode()


Ends: TypeAlias = "dict[tuple[str, int], int]"


class Log:
    """What a broker holds, read without a group's progress."""

    def __init__(self, bootstrap_servers: str) -> None:
        """Connect."""
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": "recorder",
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
            }
        )

    def ends(self, topics: Iterable[str]) -> Ends:
        """The offset behind the last record of each partition; a topic still to come has none."""
        known = self._consumer.list_topics(timeout=10).topics
        partitions = [
            (topic, number)
            for topic in topics
            if topic in known
            for number in known[topic].partitions
        ]
        return {partition: self._end(TopicPartition(*partition)) for partition in partitions}

    def _end(self, partition: TopicPartition) -> int:
        """The end of one partition, asked again while a new topic has no leader yet."""
        for _ in range(_LEADER_TRIES):
            try:
                return int(self._consumer.get_watermark_offsets(partition, timeout=10)[1])
            except KafkaException as refusal:
                if not refusal.args[0].retriable() and refusal.args[0].code() not in _NO_LEADER_YET:
                    raise
                time.sleep(0.2)
        problem = f"no leader: {partition.topic} {partition.partition}"
        raise TimeoutError(problem)

    def read(
        self, topics: Iterable[str], since: Mapping[tuple[str, int], int] = MappingProxyType({})
    ) -> list[Record]:
        """Read the topics to their end, from the beginning or from the offsets given.

        Partitions are merged by the time their records were produced, which is how a consumer that
        keeps up would have seen them; within a partition the order of offsets is kept.
        """
        ends = self.ends(topics)
        unread = {partition for partition, end in ends.items() if since.get(partition, 0) < end}
        self._consumer.assign(
            [TopicPartition(*partition, since.get(partition, 0)) for partition in unread]
        )
        records: list[Record] = []
        deadline = time.monotonic() + _READ_TIMEOUT_SECONDS
        while unread:
            if time.monotonic() > deadline:
                problem = f"partitions not read to their end: {unread}"
                raise TimeoutError(problem)
            for message in self._consumer.consume(500, timeout=0.5):
                if error := message.error():
                    raise KafkaException(error)
                record = _record(message)
                records.append(record)
                if record.offset + 1 >= ends[record.topic, record.partition]:
                    unread.discard((record.topic, record.partition))
        self._consumer.unassign()
        return _merged(records)

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()


def _record(message: Message) -> Record:
    """The client's message as our own value; a fetched one always has what its type leaves open."""
    raw: Any = message
    return Record(
        topic=raw.topic(),
        partition=raw.partition(),
        offset=raw.offset(),
        timestamp_ms=raw.timestamp()[1],
        key=raw.key(),
        value=raw.value(),
        headers=tuple((name, value) for name, value in raw.headers() or ()),
    )


def _merged(records: list[Record]) -> list[Record]:
    by_partition: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for record in records:
        by_partition[record.topic, record.partition].append(record)
    rows = []
    for partition in by_partition.values():
        partition.sort(key=lambda record: record.offset)
        times = itertools.accumulate((record.timestamp_ms for record in partition), max)
        rows.append(
            [
                (at, record.topic, record.partition, record.offset, record)
                for at, record in zip(times, partition, strict=True)
            ]
        )
    return [row[-1] for row in heapq.merge(*rows)]


def fetch_schemas(registry_url: str, records: Iterable[Record]) -> list[Json]:
    """The sidecar's lines: each schema that the records were written with, by id."""
    ids = sorted({schema_id for record in records for schema_id in record.schema_ids()})
    with httpx.Client(base_url=registry_url, timeout=10) as registry:
        return [
            _schema_line(
                schema_id, registry.get(f"/schemas/ids/{schema_id}").raise_for_status().json()
            )
            for schema_id in ids
        ]


def _schema_line(schema_id: int, answer: Json) -> Json:
    if references := answer.get("references"):
        problem = f"schema {schema_id} refers to others: {references}"
        raise NotImplementedError(problem)
    return {
        "id": schema_id,
        "schema_type": answer.get("schemaType", "AVRO"),
        "schema": json.loads(answer["schema"]),
        "references": [],
    }


def write_lines(path: Path, lines: Iterable[Json]) -> None:
    """Write JSON Lines; packed, without name and time, if the path ends in .gz."""
    content = "".join(
        json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines
    ).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 9, mtime=0) if path.suffix == ".gz" else content)


def write_avro_schemas(folder: Path, records: Iterable[Record], schemas: Iterable[Json]) -> None:
    """Keep the writer schemas as <topic>/{key,value}-<n>.avsc, numbered by first use."""
    by_id = {line["id"]: line["schema"] for line in schemas}
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for record in records:
        for part, content in (("key", record.key), ("value", record.value)):
            ids = seen[record.topic, part]
            if (
                content is not None
                and (schema_id := int.from_bytes(content[1:5], "big")) not in ids
            ):
                ids.append(schema_id)
    for (topic, part), ids in seen.items():
        for number, schema_id in enumerate(ids, 1):
            path = folder / topic / f"{part}-{number}.avsc"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                json.dumps(by_id[schema_id], indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
