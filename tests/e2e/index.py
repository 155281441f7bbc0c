"""The emulator, and what each accepted batch held: an index with a memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from emulator.calls import Endpoint
from emulator.faults import Effect, Plan
from emulator.indexed import content_of
from emulator.operations import BatchFile, Delete, Operation, Receipt, StreamUpdate, Upsert
from emulator.serving import RunningEmulator
from emulator.settings import Retention, Settings, SourceSpec, Visibility
from emulator.sources import Item as IndexedItem
from emulator.sources import Source
from emulator.world import World

ORGANIZATION: Final = "e2e-organization"
API_KEY: Final = "xx-api-key-nobody-may-log"

Item = dict[str, Any]

_STORED: Final = {"compressedBinaryDataFileId", "compressionType"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch in the order of its effect. `request` is the number of the call that brought it."""

    source: str
    request: int
    seen_ms: int
    """When the call came; its effect may be later."""
    taken_ms: int
    upserts: Mapping[str, int]
    """Version by document id; 0 for items that have none."""
    deletes: tuple[str, ...]
    partial: frozenset[str] = frozenset()
    """Ids of items that were changed in part."""


def _whole_body(item: IndexedItem) -> Item:
    """Return an item's body; content that came in a container of its own stands in it as text."""
    body: Item = json.loads(item.body)
    if item.binary is None:
        return body
    kept = {name: body[name] for name in body.keys() - _STORED}
    return {**kept, "data": content_of(item).decode()}


class RecordingWorld(World):
    """Keeps every batch that was accepted."""

    def _begin(self) -> None:
        super()._begin()
        self.taken: list[Taken] = []

    def enqueue(
        self, source: Source, receipt: Receipt, operation: Operation, delay_ms: int = 0
    ) -> None:
        """Note what is taken, then take it."""
        seen_ms = next(r.at_ms for r in self.request_log.behind(receipt.request - 1, 1))
        upserts, deletes, partial = _read(operation)
        times = (seen_ms, receipt.received_ms)
        taken = Taken(source.name, receipt.request, *times, upserts, deletes, partial)
        self.taken.append(taken)
        super().enqueue(source, receipt, operation, delay_ms)


def _read(operation: Operation) -> tuple[dict[str, int], tuple[str, ...], frozenset[str]]:
    match operation:
        case BatchFile(content=bytes(content)) | StreamUpdate(content=bytes(content)):
            body = json.loads(content)
            upserts = {each["documentId"]: each.get("version", 0) for each in body["addOrUpdate"]}
            deletes = tuple(each["documentId"] for each in body["delete"])
            partial = frozenset(each["documentId"] for each in body.get("partialUpdate", ()))
            return upserts, deletes, partial
        case Upsert(draft):
            version = json.loads(draft.body).get("version", 0)
            return {draft.document_id: version}, (), frozenset()
        case Delete(document_id):
            return {}, (document_id,), frozenset()
        case _:
            raise AssertionError(operation)


class Index:
    """A running emulator with one accepted key; sources are made as tests need them."""

    def __init__(self) -> None:
        """Serve on a free port of the loopback."""
        settings = Settings(
            organization=ORGANIZATION,
            api_keys=frozenset({API_KEY}),
            retention=Retention(requests=1_000_000),
            seed=1,
        )
        self.world = RecordingWorld(settings)
        self._running = RunningEmulator(world=self.world).start()
        self.url = self._running.base_url

    def add_source(self, name: str, *, secured: bool) -> None:
        """Create a source."""
        visibility = Visibility.SECURED if secured else Visibility.SHARED
        self.world.put_source(SourceSpec(name, visibility))

    def add_catalog(self, name: str) -> None:
        """Create a source that takes streams, and nothing else."""
        spec = SourceSpec(name, push_enabled=False, type="CATALOG", stream_enabled=True)
        self.world.put_source(spec)

    def fault(
        self,
        effect: Effect,
        endpoint: Endpoint | None = Endpoint.PUSH_BATCH,
        count: int | None = None,
        source: str | None = None,
    ) -> None:
        """Let the next `count` requests meet an effect, by default all of them."""
        self.world.add_fault(effect, endpoint, source, Plan(count))

    def heal(self) -> None:
        """Forget all faults."""
        self.world.faults.clear()

    def stop(self) -> None:
        """Cut all connections and refuse new ones."""
        self._running.stop()

    def start_again(self) -> None:
        """Listen on the same port, with everything that was there."""
        port = int(self.url.rpartition(":")[2])
        self._running = RunningEmulator(world=self.world, port=port).start()

    def items(self, source: str) -> dict[str, Item]:
        """Return the bodies that are indexed, by document id."""
        self.world.turn()
        with self.world.lock:
            return {
                name: _whole_body(item) for name, item in self.world.sources[source].items.items()
            }

    def batches(self, source: str) -> list[Taken]:
        """Return what was taken for a source, in order."""
        with self.world.lock:
            return [taken for taken in self.world.taken if taken.source == source]

    def pushes(self, source: str) -> Iterator[tuple[str, int | None]]:
        """Yield every operation that took effect: document id, and version or `None` (deleted)."""
        for taken in self.batches(source):
            yield from taken.upserts.items()
            yield from ((name, None) for name in taken.deletes)
