"""Stations 4 to 6 put together: decode, mirror, map, and the local checks of encoding."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from consumer.decode.decoder import Decoder
from consumer.decode.poison import PoisonReason
from consumer.domain.errors import CdcError, ConfigError, PoisonError
from consumer.domain.events import (
    ChangeEvent,
    ColumnPlan,
    ControlRecord,
    Event,
    Op,
    SourcePosition,
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
from consumer.domain.partitions import PartitionCounts
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaRef
from consumer.mapping.compile import CompiledMapping
from consumer.pipeline.contract import SNAPSHOT_READ, Translation
from consumer.state.mirror import Mirror

Encode = Callable[[Operation], EncodedOperation]
"""Operation → exact bytes, locally checked. Raises PoisonError."""

_EVENT_NAMES: Mapping[Op, str] = {
    Op.CREATE: "create",
    Op.UPDATE: "update",
    Op.DELETE: "delete",
    Op.READ: SNAPSHOT_READ,
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
    partitions: PartitionCounts = field(default_factory=PartitionCounts)

    def targets(self, topic: str) -> tuple[TargetId, ...]:
        """Return the targets that the topic's mappings feed."""
        route = self.mapping.route(topic)
        return route.targets if route else ()

    def missing_schemas(self, record: Record) -> Sequence[SchemaRef]:
        """Return schemas to fetch first; none for topics that nothing is mapped from."""
        plan = self._plan(record.tp.topic)
        return () if plan is None else self.decoder.missing_schemas(record, plan)

    def _plan(self, topic: str) -> ColumnPlan | None:
        route = self.mapping.route(topic)
        if route is not None:
            return route.plan
        return _NO_COLUMNS if topic.startswith(_HEARTBEAT_TOPICS) else None

    def translate(self, record: Record) -> Translation:
        """Return what the record means, encoded. Raises PoisonError or ConfigError.

        Whatever else goes wrong is a bug, but about this record: it must not end the process, at
        every restart again, and stop all other partitions with it.
        """
        try:
            return self._translate(record)
        except CdcError:
            raise
        except Exception as error:  # noqa: BLE001 - see above
            raise _internal(error) from None

    def _translate(self, record: Record) -> Translation:
        plan = self._plan(record.tp.topic)
        if plan is None:
            return Translation(skip=SkipReason.NOT_MAPPED, event="not_mapped")
        event = self.mirror.apply(self.decoder.decode(record, plan), record.position)
        self._require_order(event, record)
        route = self.mapping.route(record.tp.topic)
        mapped: tuple[Operation, ...] | SkipReason
        if route is not None:
            mapped = route.map(event)
        elif isinstance(event, ControlRecord):
            mapped = SkipReason(event.kind.value)
        else:
            mapped = SkipReason.NOT_MAPPED
        name, source_ts_ms = _describe(event)
        at = _position_of(event)
        if isinstance(mapped, SkipReason):
            return Translation((), mapped, source_ts_ms, name, at)
        operations = tuple(self.encode(operation) for operation in mapped)
        return Translation(operations, None, source_ts_ms, name, at)

    def _require_order(self, event: Event, record: Record) -> None:
        """Raise ConfigError for a change of a row whose other changes may lie in any partition.

        Kafka keeps the order within a partition only, and spreads records without a key over all of
        them: an update would meet the insert, or the delete, that it comes after. Inserts alone
        need no order; a partition other than the first one proves that there are several.
        """
        topic, number = record.tp
        is_change = isinstance(event, ChangeEvent) and event.op in {Op.UPDATE, Op.DELETE}
        if not is_change or record.key is not None:
            return
        if number > 0 or self.partitions.has_several(topic):
            message = (
                f"records of '{topic}' have no key and lie in several partitions, so the changes of"
                " a row have no order. Give them a key (Debezium: message.key.columns), or the"
                " topic one partition, in a new topic with a new snapshot"
            )
            raise ConfigError(message)

    def safe_deletes(self, record: Record) -> tuple[EncodedOperation, ...]:
        """Return deletes, by the record's key or row, of what it is about on secured targets.

        Raises PoisonError if neither names it for certain.
        """
        route = self.mapping.route(record.tp.topic)
        if route is None or not route.secured_targets:
            return ()
        try:
            event = self._readable(record, route.plan)
            key = self.decoder.decode_key(record, route.plan)
            deletes = route.deletes(key, event, route.secured_targets)
            return tuple(self.encode(delete) for delete in deletes)
        except CdcError:
            raise
        except Exception as error:  # noqa: BLE001 - as in `translate`
            raise _internal(error) from None

    def _readable(self, record: Record, plan: ColumnPlan) -> Event | None:
        """Return what the record says, if that can be read. Raises PoisonError: doubtful key."""
        try:
            return self.decoder.decode(record, plan)
        except PoisonError as error:
            if error.reason == PoisonReason.DOUBTFUL_KEY:
                raise
            return None
        except CdcError:
            raise
        except Exception:  # noqa: BLE001 - as in `translate`; its key can be good all the same
            return None

    def delete(self, target: TargetId, document_id: DocumentId) -> EncodedOperation:
        """Return the delete of one item."""
        return self.encode(DeleteItem(target, document_id))


def _internal(error: Exception) -> PoisonError:
    """Return the error to set the record aside with.

    It names the place in this project's code, never what the exception says: that may be a value.
    """
    root = __name__.partition(".")[0]
    places = [
        (str(frame.f_globals.get("__name__")), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    module, line = [place for place in places if place[0].split(".")[0] == root][-1]
    reason, message = "internal", f"{type(error).__name__} in {module}, line {line}"
    return PoisonError(reason, message)


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


def _position_of(event: Event) -> SourcePosition | None:
    """Return where a row's change lies in its source's log, if that can be told."""
    return event.source.position if isinstance(event, ChangeEvent) else None
