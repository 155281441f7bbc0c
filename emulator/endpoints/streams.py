"""The Stream API: full loads and updates of catalog sources. Imports: the core, no HTTP library.

Each operation has two paths, below `/sources/{id}` and below `/data-collections/{id}`. Unlike the
Push API it tells the ordering id that it gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator import errors
from emulator.calls import Reply, request_id
from emulator.endpoints.common import (
    check_room,
    consumed_file,
    json_reply,
    new_container,
    queue_delay_ms,
)
from emulator.operations import DeleteOlderThan, StreamLoad, StreamUpdate
from emulator.parameters import integer, required
from emulator.switches import StreamOnPushSource, StreamOrdering

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.operations import Receipt
    from emulator.sources import Source
    from emulator.streams import Stream
    from emulator.world import World


def open_stream(world: World, call: Call) -> Reply:
    """Start a full load; a first container comes with it."""
    source = _source(world, call)
    check_room(world)
    stream_id = world.streams.start(source.name, world.receipt(source, None, call.number))
    container = new_container(world, call)
    world.streams.open[stream_id].files.append(container["fileId"])
    return json_reply({"streamId": stream_id, **container}, 201)


def add_chunk(world: World, call: Call) -> Reply:
    """Give the stream another container."""
    stream = _stream(world, call)
    container = new_container(world, call)
    stream.files.append(container["fileId"])
    return json_reply(container)


def close_stream(world: World, call: Call) -> Reply:
    """Queue everything that was uploaded; the rest of the source goes.

    A container that was never filled does not matter: official clients leave the first one empty.
    """
    source, stream = _source(world, call), _stream(world, call)
    receipt = stream.receipt
    if world.settings.switches.stream_ordering is StreamOrdering.CLOSE:
        receipt = world.receipt(source, None, call.number)
    now_ms = world.clock.now_ms()
    contents = [(one, world.containers.consume(one, now_ms)) for one in stream.files]
    files = tuple((one, content) for one, content in contents if isinstance(content, bytes))
    stream_id = call.parts["stream"]
    del world.streams.open[stream_id]
    for _ in range(call.copies):
        world.enqueue(source, world.received_now(receipt), StreamLoad(stream_id, files))
    return _told(call, receipt, 200)


def update_stream(world: World, call: Call) -> Reply:
    """Queue a file of items, deletions and partial updates."""
    return _update(world, call, merge=False)


def merge_stream(world: World, call: Call) -> Reply:
    """Queue a file of items whose keys replace those of the items that are there."""
    return _update(world, call, merge=True)


def delete_older_items(world: World, call: Call) -> Reply:
    """Queue a purge of what is older than a moment."""
    ordering_id = integer(call.parts, "epochMilliseconds")
    delay_ms = queue_delay_ms(world, call)
    source = _source(world, call)
    receipt = world.receipt(source, ordering_id, call.number)
    for _ in range(call.copies):
        world.enqueue(source, receipt, DeleteOlderThan(), delay_ms)
    return _told(call, receipt, 201)


def _update(world: World, call: Call, *, merge: bool) -> Reply:
    required(call.query, "fileId")
    source = _source(world, call)
    check_room(world)
    file_id, content = consumed_file(world, call)
    receipt = world.receipt(source, None, call.number)
    for _ in range(call.copies):
        world.enqueue(source, receipt, StreamUpdate(file_id, content, merge))
    return _told(call, receipt, 202)


def _told(call: Call, receipt: Receipt, status: int) -> Reply:
    told = {"orderingId": str(receipt.ordering_id), "requestId": request_id(call.number)}
    return json_reply(told, status)


def _source(world: World, call: Call) -> Source:
    source = world.source(call.source or "")
    reject = world.settings.switches.stream_on_push_source is StreamOnPushSource.REJECT_412
    if not source.stream_enabled and reject:
        detail = f"source '{source.name}' is not stream-enabled."
        raise errors.invalid_parameter(name="sourceId", detail=detail)
    return source


def _stream(world: World, call: Call) -> Stream:
    stream_id = call.parts.get("stream", "")
    found = world.streams.open.get(stream_id)
    if found is None or found.source != call.source:
        detail = f"there is no open stream '{stream_id}' of this source."
        raise errors.invalid_parameter(name="streamId", detail=detail)
    return found
