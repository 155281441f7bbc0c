"""Stations 4 to 6 put together: decode, mirror, map, and the local checks of encoding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consumer.decode.decoder import Decoder
from consumer.domain.errors import PoisonError
from consumer.domain.events import (
    ChangeEvent,
    ColumnPlan,
    ControlRecord,
    Event,
    Op,
    Tombstone,
    Truncate,
)
from consumer.domain.operations import (
    DeleteItem,
    DocumentId,
    EncodedOperation,
    Operation,
    SkipReason,
    TargetId,
)
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaRef
from consumer.mapping.compile import CompiledMapping
from consumer.pipeline.contract import Translation
from consumer.state.mirror import Mirror

Encode = Callable[[Operation], EncodedOperation]
"""Operation → exact bytes, locally checked. Raises PoisonError."""

_EVENT_NAMES: Mapping[Op, str] = {
    Op.CREATE: "create",
    Op.UPDATE: "update",
    Op.DELETE: "delete",
    Op.READ: "read",
}
_HEARTBEAT_TOPICS = "__debezium-heartbeat."
_NO_COLUMNS = ColumnPlan((), ())


@dataclass(frozen=True, slots=True)
class RecordTranslator:
    """Implements the pipeline's `Translator` with the real parts."""

    decoder: Decoder
    mirror: Mirror
    mapping: CompiledMapping
    encode: Encode

    def targets(self, topic: str) -> tuple[TargetId, ...]:
        """Return the targets that the topic's mappings feed."""
        route = self.mapping.route(topic)
        return route.targets if route else ()

    def missing_schemas(self, record: Record) -> Sequence[SchemaRef]:
        """Return schemas to fetch first; none for topics that nothing is mapped from."""
        if self._plan(record.tp.topic) is None:
            return ()
        return self.decoder.missing_schemas(record)

    def _plan(self, topic: str) -> ColumnPlan | None:
        route = self.mapping.route(topic)
        if route is not None:
            return route.plan
        return _NO_COLUMNS if topic.startswith(_HEARTBEAT_TOPICS) else None

    def translate(self, record: Record) -> Translation:
        """Return what the record means, encoded. Raises PoisonError or ConfigError."""
        plan = self._plan(record.tp.topic)
        if plan is None:
            return Translation(skip=SkipReason.NOT_MAPPED, event="not_mapped")
        event = self.mirror.apply(self.decoder.decode(record, plan), record.position)
        route = self.mapping.route(record.tp.topic)
        mapped: tuple[Operation, ...] | SkipReason
        if route is not None:
            mapped = route.map(event)
        elif isinstance(event, ControlRecord):
            mapped = SkipReason(event.kind.value)
        else:
            mapped = SkipReason.NOT_MAPPED
        name, source_ts_ms = _describe(event)
        if isinstance(mapped, SkipReason):
            return Translation(skip=mapped, source_ts_ms=source_ts_ms, event=name)
        operations = tuple(self.encode(operation) for operation in mapped)
        return Translation(operations, None, source_ts_ms, name)

    def safe_deletes(self, record: Record) -> tuple[EncodedOperation, ...]:
        """Return deletes, by the record's key, of what it is about on secured targets."""
        route = self.mapping.route(record.tp.topic)
        if route is None or not route.secured_targets:
            return ()
        if record.key is None:
            reason, message = "null_key", f"{record.position} has no key to delete its item by"
            raise PoisonError(reason, message)
        key = self.decoder.decode_key(record, route.plan)
        deletes = route.deletes(key, route.secured_targets)
        return tuple(self.encode(delete) for delete in deletes)

    def delete(self, target: TargetId, document_id: DocumentId) -> EncodedOperation:
        """Return the delete of one item."""
        return self.encode(DeleteItem(target, document_id))


def _describe(event: Event) -> tuple[str, int | None]:
    """Return the event's label and the time it happened at its source, for freshness only."""
    match event:
        case ChangeEvent():
            return _EVENT_NAMES[event.op], event.source.ts_ms
        case Tombstone():
            return "tombstone", None
        case Truncate():
            return "truncate", event.source.ts_ms
        case ControlRecord():
            return event.kind.value, event.ts_ms
