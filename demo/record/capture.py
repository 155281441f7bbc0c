"""Kafka topics to files of the capture format (schemas/capture.schema.json); knows Kafka and the registry."""

from __future__ import annotations

import base64
import gzip
import heapq
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import Consumer, KafkaError, TopicPartition

Json = dict[str, Any]
_READ_TIMEOUT_SECONDS = 60


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


def read_topics(bootstrap_servers: str, topics: Iterable[str]) -> list[Record]:
    """Read all partitions of the topics to their end.

    Partitions are merged by the time their records were produced, which is how a consumer that keeps up
    would have seen them; within a partition the order of offsets is kept.
    """
    consumer = Consumer({
        "bootstrap.servers": bootstrap_servers,
        "group.id": "recorder",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "error",
    })
    try:
        return _merged(_read(consumer, list(topics)))
    finally:
        consumer.close()


def _read(consumer: Consumer, topics: list[str]) -> list[Record]:
    known = consumer.list_topics(timeout=10).topics
    partitions = [TopicPartition(topic, partition, 0) for topic in topics for partition in known[topic].partitions]
    consumer.assign(partitions)
    records: list[Record] = []
    ended: set[tuple[str, int]] = set()
    deadline = time.monotonic() + _READ_TIMEOUT_SECONDS
    while len(ended) < len(partitions):
        if time.monotonic() > deadline:
            raise TimeoutError(f"partitions read to their end: {len(ended)} of {len(partitions)}")
        for message in consumer.consume(500, timeout=0.5):
            if error := message.error():
                if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 -- the client's public name for it
                    raise RuntimeError(str(error))
                ended.add((message.topic(), message.partition()))
                continue
            headers = tuple((name, value) for name, value in message.headers() or ())
            records.append(Record(message.topic(), message.partition(), message.offset(), message.timestamp()[1],
                                  message.key(), message.value(), headers))
    return records


def _merged(records: list[Record]) -> list[Record]:
    by_partition: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for record in records:
        by_partition[record.topic, record.partition].append(record)
    rows = []
    for partition in by_partition.values():
        partition.sort(key=lambda record: record.offset)
        times = itertools.accumulate((record.timestamp_ms for record in partition), max)
        rows.append([(at, record.topic, record.partition, record.offset, record)
                     for at, record in zip(times, partition, strict=True)])
    return [row[-1] for row in heapq.merge(*rows)]


def fetch_schemas(registry_url: str, records: Iterable[Record]) -> list[Json]:
    """The sidecar's lines: each schema that the records were written with, by id."""
    ids = sorted({schema_id for record in records for schema_id in record.schema_ids()})
    with httpx.Client(base_url=registry_url, timeout=10) as registry:
        return [_schema_line(schema_id, registry.get(f"/schemas/ids/{schema_id}").raise_for_status().json())
                for schema_id in ids]


def _schema_line(schema_id: int, answer: Json) -> Json:
    if references := answer.get("references"):
        raise NotImplementedError(f"schema {schema_id} refers to others: {references}")
    return {"id": schema_id, "schema_type": answer.get("schemaType", "AVRO"), "schema": json.loads(answer["schema"]),
            "references": []}


def write_lines(path: Path, lines: Iterable[Json]) -> None:
    """Write JSON Lines; packed, without name and time, if the path ends in .gz."""
    content = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 9, mtime=0) if path.suffix == ".gz" else content)


def write_avro_schemas(folder: Path, records: Iterable[Record], schemas: Iterable[Json]) -> None:
    """Keep the writer schemas as <topic>/{key,value}-<n>.avsc, numbered by first use."""
    by_id = {line["id"]: line["schema"] for line in schemas}
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for record in records:
        for part, content in (("key", record.key), ("value", record.value)):
            ids = seen[record.topic, part]
            if content is not None and (schema_id := int.from_bytes(content[1:5], "big")) not in ids:
                ids.append(schema_id)
    for (topic, part), ids in seen.items():
        for number, schema_id in enumerate(ids, 1):
            path = folder / topic / f"{part}-{number}.avsc"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(by_id[schema_id], indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
