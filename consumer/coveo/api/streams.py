"""The Stream API of catalog sources, also under the name of data collections (docs/p4eb0515).

Unlike the Push API it returns the ordering id of what it took.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

from consumer.coveo.calls import Ask, Caller
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import FileContainer, container_of
from consumer.coveo.purge import DEFAULT_QUEUE_DELAY, PurgeBoundary, QueueDelay
from consumer.coveo.reading import integer_of, object_of, text_of
from consumer.coveo.results import Result, result_of
from consumer.http.deadline import Deadline

Shard = NewType("Shard", str)
"""A part of a catalog whose updates stay in order among themselves; experimental, says Coveo."""

_SHARD: Final = re.compile(r"[A-Za-z0-9]{1,10}", re.ASCII)


def shard(text: str) -> Shard:
    """Return the shard. Raises ValueError if it is none that the service takes (OpenAPI)."""
    if not _SHARD.fullmatch(text):
        msg = f"a shard is 1 to 10 letters or digits, not '{text}'"
        raise ValueError(msg)
    return Shard(text)


class Collection(StrEnum):
    """Under which of its two names the API knows a source."""

    SOURCES = "sources"
    DATA_COLLECTIONS = "data-collections"


@dataclass(frozen=True, slots=True)
class StreamTarget:
    """What is streamed to."""

    source_id: str
    collection: Collection = Collection.SOURCES


@dataclass(frozen=True, slots=True)
class Stream:
    """A load that was begun, with its first container."""

    stream_id: str
    container: FileContainer


@dataclass(frozen=True, slots=True)
class StreamReceipt:
    """What the service took, and its name for the call, for support cases.

    Entries of the source logs cannot be found by it: there, a request id is that of the reading.
    """

    ordering_id: int | None
    request_id: str | None


class StreamsApi:
    """Loads a catalog whole, or changes parts of it."""

    def __init__(self, caller: Caller) -> None:
        """Call through `caller`."""
        self._caller = caller

    def open(self, target: StreamTarget, deadline: Deadline) -> Result[Stream]:
        """Begin a load. When it is closed, whatever was not in it leaves the source."""
        ask = Ask(Endpoint.STREAM_OPEN, _names(target))
        return result_of(ask.endpoint, self._caller.ask(ask, deadline), _stream)

    def chunk(
        self, target: StreamTarget, stream_id: str, deadline: Deadline
    ) -> Result[FileContainer]:
        """Ask for another container of a load."""
        ask = Ask(Endpoint.STREAM_CHUNK, _names(target, stream=stream_id))
        return result_of(ask.endpoint, self._caller.ask(ask, deadline), container_of)

    def close(
        self, target: StreamTarget, stream_id: str, deadline: Deadline
    ) -> Result[StreamReceipt]:
        """End a load; what the source had before and the load did not bring is deleted."""
        return self._call(Ask(Endpoint.STREAM_CLOSE, _names(target, stream=stream_id)), deadline)

    def update(
        self, target: StreamTarget, file_id: str, deadline: Deadline, *, shard: Shard | None = None
    ) -> Result[StreamReceipt]:
        """Make Coveo read changes: whole items, deletes, partial updates."""
        return self._call(update_ask(target, file_id, shard), deadline)

    def merge(
        self, target: StreamTarget, file_id: str, deadline: Deadline
    ) -> Result[StreamReceipt]:
        """Make Coveo read items of which only the keys that are there replace anything."""
        return self._call(Ask(Endpoint.STREAM_MERGE, _names(target), {"fileId": file_id}), deadline)

    def delete_older(
        self,
        target: StreamTarget,
        boundary: PurgeBoundary,
        deadline: Deadline,
        delay: QueueDelay = DEFAULT_QUEUE_DELAY,
    ) -> Result[StreamReceipt]:
        """Delete what was streamed before `boundary`."""
        names = _names(target, boundary=str(boundary))
        return self._call(Ask(Endpoint.STREAM_OLDER, names, {"queueDelay": str(delay)}), deadline)

    def _call(self, ask: Ask, deadline: Deadline) -> Result[StreamReceipt]:
        return result_of(ask.endpoint, self._caller.ask(ask, deadline), _receipt)


def update_ask(target: StreamTarget, file_id: str, shard: Shard | None = None) -> Ask:
    """Return the call that makes Coveo read changes of a catalog."""
    query = {"fileId": file_id} if shard is None else {"fileId": file_id, "shard": shard}
    return Ask(Endpoint.STREAM_UPDATE, _names(target), query)


def _names(target: StreamTarget, **more: str) -> dict[str, str]:
    return {"collection": target.collection.value, "source": target.source_id, **more}


def _stream(body: bytes) -> Stream | None:
    container, stream_id = container_of(body), text_of((object_of(body) or {}).get("streamId"))
    return Stream(stream_id, container) if container and stream_id else None


def _receipt(body: bytes) -> StreamReceipt | None:
    said = object_of(body)
    if said is None:
        return None
    return StreamReceipt(integer_of(said.get("orderingId")), text_of(said.get("requestId")))
