"""Items of a push source, one by one and in batches. Imports: the core, no HTTP library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator import errors
from emulator.calls import Reply
from emulator.content import Compression, compression_named
from emulator.endpoints.common import (
    accepted,
    check_room,
    consumed_file,
    open_source,
    parsed_body,
    purge_boundary,
    queue_delay_ms,
)
from emulator.items import Draft, read_item
from emulator.operations import BatchFile, Delete, DeleteOlderThan, Upsert
from emulator.parameters import boolean, integer, optional_integer, required
from emulator.rejections import BadItemError
from emulator.switches import BatchOrdering, Leniency

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.operations import Operation
    from emulator.sources import Source
    from emulator.world import World

_STATUSES = ("REBUILD", "REFRESH", "INCREMENTAL", "IDLE")


def push_item(world: World, call: Call) -> Reply:
    """Add or replace one item (docs.coveo.com/en/133)."""
    document_id = required(call.query, "documentId")
    ordering_id = optional_integer(call.query, "orderingId")
    compression = _compression(call)
    source = open_source(world, call)
    check_room(world)
    draft = _read_single(world, call, document_id, compression)
    return _accept(world, call, source, ordering_id, Upsert(draft))


def delete_item(world: World, call: Call) -> Reply:
    """Delete one item and, if asked, those below it (docs.coveo.com/en/171)."""
    document_id = required(call.query, "documentId")
    ordering_id = optional_integer(call.query, "orderingId")
    with_children = boolean(call.query, "deleteChildren")
    source = open_source(world, call)
    return _accept(world, call, source, ordering_id, Delete(document_id, with_children))


def push_batch(world: World, call: Call) -> Reply:
    """Queue a file of items (docs.coveo.com/en/90)."""
    required(call.query, "fileId")
    ordering_id = optional_integer(call.query, "orderingId")
    source = open_source(world, call)
    check_room(world)
    file_id, content = consumed_file(world, call)
    return _accept(world, call, source, ordering_id, BatchFile(file_id, content))


def delete_older_than(world: World, call: Call) -> Reply:
    """Queue a purge, which also becomes a barrier (docs.coveo.com/en/131)."""
    ordering_id = integer(call.query, purge_boundary(call))
    delay_ms = queue_delay_ms(world, call)
    source = open_source(world, call)
    receipt = world.receipt(source, ordering_id, call.number)
    for _ in range(call.copies):
        world.enqueue(source, receipt, DeleteOlderThan(), delay_ms)
    return accepted(world)


def source_status(world: World, call: Call) -> Reply:
    """Say what the source is doing; it changes nothing but what is shown (docs.coveo.com/en/35)."""
    status = required(call.query, "statusType").upper()
    if status not in _STATUSES:
        raise errors.invalid_parameter(
            name="statusType", detail=f"'{status}' is none of {_STATUSES}."
        )
    open_source(world, call).set_status(status, world.clock.now_ms())
    return Reply(201, b"{}")


def _read_single(
    world: World, call: Call, document_id: str, compression: Compression | None
) -> Draft:
    raw = parsed_body(call)
    try:
        draft = read_item(raw, world.settings.switches, document_id, compression)
    except BadItemError as error:
        raise errors.invalid_json(error.detail) from error
    if world.settings.switches.differing_document_id is Leniency.REJECT:
        _check_same_id(raw, document_id)
    return draft


def _check_same_id(raw: dict[str, object], document_id: str) -> None:
    given = next((value for key, value in raw.items() if key.lower() == "documentid"), None)
    if given is not None and given != document_id:
        raise errors.invalid_parameter(
            name="documentId", detail="it differs from the one in the body."
        )


def _compression(call: Call) -> Compression | None:
    text = call.query.get("compressionType")
    if not text:
        return None
    named = compression_named(text)
    if named is None:
        raise errors.invalid_parameter(
            name="compressionType", detail=f"'{text}' is no compression type."
        )
    return named


def _accept(
    world: World, call: Call, source: Source, ordering_id: int | None, operation: Operation
) -> Reply:
    late = world.settings.switches.batch_ordering is BatchOrdering.WHEN_CONSUMED
    for _ in range(call.copies):
        receipt = world.receipt(source, ordering_id, call.number)
        if late and ordering_id is None and isinstance(operation, BatchFile):
            receipt = receipt.stamped_late()
        world.enqueue(source, receipt, operation)
    return accepted(world)
