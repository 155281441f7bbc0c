"""Sources, their items, tombstones and log entries, from and to records. Imports: the core."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from emulator.content import Compression
from emulator.items import read_item
from emulator.journal import LogEntry
from emulator.operations import Kind, Result, Task
from emulator.permissions import read_permissions
from emulator.settings import SourceSpec, Visibility
from emulator.sources import Activity, Item
from emulator.state.values import Record, pack, unpack_bytes, without_kind
from emulator.switches import ContentKey, DictionaryMetadata, Leniency, Switches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.sources import Source
    from emulator.world import World

# Whatever was once indexed is read again, whatever the switches say by now.
ANYTHING = Switches(
    content_key=ContentKey.OPTIONAL,
    dictionary_metadata=DictionaryMetadata.ONE_LEVEL,
    null_metadata=Leniency.ACCEPT,
)


def source_records(world: World) -> Iterator[Record]:
    """Yield every source, followed by what is in it."""
    for source in world.sources.values():
        yield _source(source)
        for document_id in source.ids():
            yield _item(source, source.items[document_id])
        for document_id in sorted(source.tombstones):
            yield {
                "kind": "tombstone",
                "source": source.name,
                "documentId": document_id,
                "orderingId": source.tombstones[document_id],
            }


def log_records(world: World) -> Iterator[Record]:
    """Yield the operation log, and what only the items' histories still have of it."""
    entries = {one.number: one for one in world.journal.log}
    for source in world.sources.values():
        for history in source.history.values():
            entries.update((one.number, one) for one in history)
    for number in sorted(entries):
        yield _entry(entries[number])


def load_source(world: World, record: Record) -> None:
    """Create a source, or change the one of that id."""
    source = world.put_source(
        SourceSpec(
            record["id"],
            Visibility(record.get("visibility", Visibility.SHARED)),
            record.get("pushEnabled", True),
            tuple(record.get("providers") or ()),
            record.get("type", "PUSH"),
            record.get("streamEnabled", False),
            str(record.get("name", "")),
        )
    )
    source.created_ms = record.get("createdMs", source.created_ms)
    source.barrier = record.get("barrier")
    source.ordering.last = record.get("lastOrderingId")
    source.mappings = record.get("mappings", source.mappings)
    source.activities = [
        Activity(one["status"], one["startedMs"], one["endedMs"])
        for one in record.get("activities") or ()
    ]


def load_item(world: World, record: Record) -> None:
    """Put an item into its source; what the record does not say is as if it was pushed now."""
    now_ms = world.clock.now_ms()
    body, source = record["body"], world.sources[record["source"]]
    draft = read_item(body, ANYTHING, record["documentId"])
    compression = record.get("compression")
    source.put(
        Item(
            record["documentId"],
            record.get("orderingId", now_ms),
            record.get("receivedMs", now_ms),
            record.get("indexedMs", now_ms),
            record.get("request", 0),
            orjson.dumps(body),
            draft.comparable,
            draft.title,
            None if draft.permissions is None else read_permissions(draft.permissions),
            draft.compression if compression is None else Compression(compression),
            unpack_bytes(record.get("binary")),
        )
    )


def load_tombstone(world: World, record: Record) -> None:
    """Note that an id was deleted."""
    world.sources[record["source"]].tombstones[record["documentId"]] = record["orderingId"]


def load_log_entry(world: World, record: Record) -> None:
    """Put an entry into the log and into the history of its item."""
    fields = without_kind(record)
    fields["kind"] = fields.pop("operation")
    entry = LogEntry(**fields)
    entry = replace(
        entry, kind=Kind(entry.kind), task=Task(entry.task), result=Result(entry.result)
    )
    world.journal.log.append(entry)
    source = world.sources.get(entry.source)
    if source is not None:
        source.remember(entry)


def _source(source: Source) -> Record:
    return {
        "kind": "source",
        "id": source.name,
        "name": source.title,
        "type": source.type,
        "visibility": source.visibility,
        "pushEnabled": source.push_enabled,
        "streamEnabled": source.stream_enabled,
        "providers": list(source.providers),
        "mappings": source.mappings,
        "createdMs": source.created_ms,
        "barrier": source.barrier,
        "lastOrderingId": source.ordering.last,
        "activities": [
            {"status": one.status, "startedMs": one.started_ms, "endedMs": one.ended_ms}
            for one in source.activities
        ],
    }


def _item(source: Source, item: Item) -> Record:
    return {
        "kind": "item",
        "source": source.name,
        "documentId": item.document_id,
        "orderingId": item.ordering_id,
        "receivedMs": item.received_ms,
        "indexedMs": item.indexed_ms,
        "request": item.request,
        "compression": item.compression,
        "binary": pack(item.binary),
        "body": orjson.Fragment(item.body),
    }


def _entry(entry: LogEntry) -> Record:
    return {
        "kind": "log",
        "number": entry.number,
        "source": entry.source,
        "document_id": entry.document_id,
        "operation": entry.kind,
        "task": entry.task,
        "result": entry.result,
        "reason": entry.reason,
        "detail": entry.detail,
        "received_ms": entry.received_ms,
        "processed_ms": entry.processed_ms,
        "ordering_id": entry.ordering_id,
        "request": entry.request,
        "file_id": entry.file_id,
    }
