"""What is under way: containers, streams, accepted operations. Imports: the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from emulator.containers import Container
from emulator.content import Compression
from emulator.enrolment import DisableOlderThan, IdentityBatchFile
from emulator.identitybodies import IdentityAction, IdentityStep
from emulator.items import read_item
from emulator.operations import (
    BatchFile,
    Delete,
    DeleteOlderThan,
    Queued,
    StreamLoad,
    StreamUpdate,
    Upsert,
)
from emulator.state.indexes import ANYTHING
from emulator.state.values import (
    Record,
    pack,
    read_named,
    read_receipt,
    read_relations,
    show_named,
    show_receipt,
    show_relations,
    unpack,
    unpack_bytes,
)
from emulator.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.world import World


def queue_records(world: World) -> Iterator[Record]:
    """Yield containers, open streams, and operations in the order of their effect."""
    for file_id, container in world.containers.all().items():
        yield {
            "kind": "container",
            "fileId": file_id,
            "expiresMs": container.expires_ms,
            "content": pack(container.content),
        }
    for stream_id, stream in world.streams.open.items():
        yield {
            "kind": "stream",
            "id": stream_id,
            "source": stream.source,
            "receipt": show_receipt(stream.receipt),
            "files": stream.files,
        }
    for due_ms, action in world.agenda.waiting():
        if isinstance(action, Queued):
            yield {
                "kind": "pending",
                "dueMs": due_ms,
                "target": action.target,
                "receipt": show_receipt(action.receipt),
                **_operation(action.operation),
            }


def load_container(world: World, record: Record) -> None:
    """Open a container that is filled or not."""
    content = unpack_bytes(record["content"])
    world.containers.restore(record["fileId"], Container(record["expiresMs"], content))


def load_stream(world: World, record: Record) -> None:
    """Open a stream."""
    receipt = read_receipt(record["receipt"])
    world.streams.open[record["id"]] = Stream(record["source"], receipt, list(record["files"]))


def load_pending(world: World, record: Record) -> None:
    """Queue an operation that was accepted; that of a source which is gone comes to nothing."""
    operation: Any = _READERS[record["operation"]](record)
    receipt, target = read_receipt(record["receipt"]), record["target"]
    if isinstance(operation, IdentityStep | IdentityBatchFile | DisableOlderThan):
        world.queue_identities(record["dueMs"], target, receipt, operation)
    elif target in world.sources:
        world.queue_items(record["dueMs"], world.sources[target], receipt, operation)


def _operation(operation: Any) -> Record:
    shown: Record = {"operation": type(operation).__name__}
    match operation:
        case Upsert(draft):
            shown |= {
                "documentId": draft.document_id,
                "compression": draft.compression,
                "body": orjson.Fragment(draft.body),
            }
        case Delete(document_id, with_children):
            shown |= {"documentId": document_id, "withChildren": with_children}
        case BatchFile(file_id, content) | IdentityBatchFile(file_id, content):
            shown |= {"fileId": file_id, "content": pack(content)}
        case StreamUpdate(file_id, content, merge):
            shown |= {"fileId": file_id, "content": pack(content), "merge": merge}
        case StreamLoad(stream_id, files):
            shown |= {"streamId": stream_id, "files": [[one, pack(raw)] for one, raw in files]}
        case IdentityStep(action, named, relations):
            shown |= {"action": action, "identity": show_named(named)}
            shown |= show_relations(relations)
        case _:
            pass  # purges have nothing but their receipt
    return shown


def _upsert(record: Record) -> Upsert:
    compression = Compression(record["compression"])
    return Upsert(read_item(record["body"], ANYTHING, record["documentId"], compression))


def _file(record: Record) -> Any:
    content = unpack(record["content"])
    assert content is not None
    return content


_READERS: dict[str, Any] = {
    "Upsert": _upsert,
    "Delete": lambda one: Delete(one["documentId"], one["withChildren"]),
    "DeleteOlderThan": lambda _: DeleteOlderThan(),
    "DisableOlderThan": lambda _: DisableOlderThan(),
    "BatchFile": lambda one: BatchFile(one["fileId"], _file(one)),
    "IdentityBatchFile": lambda one: IdentityBatchFile(one["fileId"], _file(one)),
    "StreamUpdate": lambda one: StreamUpdate(one["fileId"], _file(one), one["merge"]),
    "StreamLoad": lambda one: StreamLoad(
        one["streamId"], tuple((name, unpack_bytes(raw) or b"") for name, raw in one["files"])
    ),
    "IdentityStep": lambda one: IdentityStep(
        IdentityAction(one["action"]), read_named(one["identity"]), read_relations(one)
    ),
}
