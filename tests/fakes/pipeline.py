"""Builders for the pipeline's tests: records, operations, and a translator that reads JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.fates import Accepted, Attempt, Batch, Refused, RetryLater
from consumer.domain.operations import (
    DocumentId,
    EncodedOperation,
    OperationKind,
    SkipReason,
    TargetId,
)
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.domain.schemas import AwaitedSchemaError, SchemaRef
from consumer.pipeline.batcher import WindowLimits
from consumer.pipeline.contract import Translation
from consumer.pipeline.lanes import LaneSettings
from consumer.pipeline.pipeline import Pipeline, PipelineSettings
from consumer.pipeline.settlement import RetrySettings

if TYPE_CHECKING:
    from collections.abc import Sequence

TP = TopicPartition("articles", 0)
OTHER_TP = TopicPartition("articles", 1)
LINGER = 10.0
"""Seconds that the windows of these lanes wait."""
TARGET = TargetId("kb")
SECURED = TargetId("vault")


def upsert(
    document_id: str, *, target: TargetId = TARGET, size: int = 20, version: int = 0
) -> EncodedOperation:
    """Return an upsert whose payload has exactly `size` bytes or a little more."""
    payload = json.dumps({"id": document_id, "v": version, "pad": "x" * size})
    return EncodedOperation(target, DocumentId(document_id), OperationKind.UPSERT, payload.encode())


def delete(
    document_id: str,
    *,
    target: TargetId = TARGET,
    children: bool = False,
    confirms: bool = False,
) -> EncodedOperation:
    """Return a delete."""
    return EncodedOperation(
        target,
        DocumentId(document_id),
        OperationKind.DELETE,
        json.dumps({"documentId": document_id}).encode(),
        children=children,
        confirms=confirms,
    )


def record(offset: int, *words: str, tp: TopicPartition = TP, value_bytes: int = 0) -> Record:
    """Return a record that `FakeTranslator` reads: each word is `+id`, `-id`, `~id` or a verb."""
    value = " ".join(words).encode() + b" " * value_bytes
    return Record(tp, Offset(offset), 0, b"k", value)


@dataclass(slots=True)
class FakeTranslator:
    """Words become operations: `+a` upsert, `-a` delete, `~a` tombstone, `!` poison, `?` schema.

    `*a` is an upsert whose content is uploaded by itself, `#` a mapping that does not fit. Nothing
    at all is a skip. `missing` are schemas not at hand, `gone` those that were a moment before.
    """

    target_ids: tuple[TargetId, ...] = (TARGET,)
    missing: set[SchemaRef] = field(default_factory=set)
    gone: set[SchemaRef] = field(default_factory=set)
    gone_for_deletes: set[SchemaRef] = field(default_factory=set)
    key_is_readable: bool = True

    def targets(self, topic: str) -> tuple[TargetId, ...]:
        """Every topic feeds the same targets."""
        del topic
        return self.target_ids

    def missing_schemas(self, record: Record) -> Sequence[SchemaRef]:
        """A record with `?` needs whatever is missing now."""
        return tuple(self.missing) if record.value is not None and b"?" in record.value else ()

    def translate(self, record: Record) -> Translation:
        """Read the words."""
        for ref in self.gone:
            raise AwaitedSchemaError(ref)
        words = (record.value or b"").decode().split()
        if "!" in words:
            reason, message = "undecodable", "poison by request"
            raise PoisonError(reason, message)
        if "#" in words:
            message = "column titel is unknown"
            raise ConfigError(message)
        operations = tuple(
            self._operation(word, target, int(record.offset))
            for word in words
            if word != "?"
            for target in self.target_ids
        )
        skip = None if operations else SkipReason.NOT_MAPPED
        return Translation(operations, skip, 1_000 + int(record.offset), "update")

    @staticmethod
    def _operation(word: str, target: TargetId, version: int) -> EncodedOperation:
        match word[0]:
            case "+":
                return upsert(word[1:], target=target, version=version)
            case "*":
                return replace(upsert(word[1:], target=target, version=version), content=b"zipped")
            case "-":
                return delete(word[1:], target=target)
            case _:
                return delete(word[1:], target=target, confirms=True)

    def safe_deletes(self, record: Record) -> tuple[EncodedOperation, ...]:
        """The word after `!` names what the record is about."""
        if SECURED not in self.target_ids:
            return ()
        for ref in self.gone_for_deletes:
            raise AwaitedSchemaError(ref)
        if not self.key_is_readable:
            reason, message = "null_key", "no key"
            raise PoisonError(reason, message)
        words = (record.value or b"").decode().split()
        return (delete(words[1], target=SECURED),)

    def delete(self, target: TargetId, document_id: DocumentId) -> EncodedOperation:
        """Stand in for a refused operation."""
        return delete(document_id, target=target)


class TreeTranslator(FakeTranslator):
    """The same, but deletes take everything below their id with them."""

    @staticmethod
    def _operation(word: str, target: TargetId, version: int) -> EncodedOperation:
        if word[0] == "-":
            return delete(word[1:], target=target, children=True)
        return FakeTranslator._operation(word, target, version)


@dataclass(frozen=True, slots=True)
class FixedBackoff:
    """Always waits the same, unless told otherwise by the service."""

    seconds: float = 1.0

    def delay_seconds(self, attempt: int, retry_after_seconds: float | None) -> float:
        """Return Retry-After, or the fixed time."""
        del attempt
        return self.seconds if retry_after_seconds is None else retry_after_seconds


def lane_settings(
    target: TargetId = TARGET,
    *,
    max_operations: int = 100,
    max_bytes: int = 10_000,
    linger_seconds: float = 10.0,
) -> LaneSettings:
    """Return a lane's settings; `vault` is the secured one."""
    limits = WindowLimits(max_operations, max_bytes, linger_seconds)
    return LaneSettings(target, limits, secured=target == SECURED)


def pipeline(
    translator: FakeTranslator | None = None,
    *,
    lanes: tuple[LaneSettings, ...] | None = None,
    dead_letters: bool = True,
    budget_bytes: int = 1_000_000,
) -> Pipeline:
    """Return a pipeline whose partition `TP` is assigned from offset 0."""
    translator = translator or FakeTranslator()
    built = Pipeline(
        translator,
        FixedBackoff(),
        PipelineSettings(
            lanes=lanes or tuple(lane_settings(target) for target in translator.target_ids),
            budget_bytes_per_target=budget_bytes,
            retry=RetrySettings(max_effect_seconds=60.0, blocked_retry_seconds=30.0),
            dead_letters=dead_letters,
        ),
    )
    built.assign(TP, Offset(0), behind=False)
    return built


def always(now: float) -> float:
    """Return `now`: the quota always allows it."""
    return now


def sent(batch: Batch | None) -> list[str]:
    """Return what a batch does, in words: `+a`, `-b`."""
    assert batch is not None
    sign = {OperationKind.UPSERT: "+", OperationKind.DELETE: "-"}
    return [sign[operation.kind] + operation.document_id for operation in batch.operations]


def accepted(batch: Batch | None) -> Accepted:
    """Return the outcome of a batch that went through."""
    assert batch is not None
    return Accepted(batch.batch_id, Attempt())


def batch_at(built: Pipeline, now: float) -> Batch | None:
    """Seal what is due at `now` and take it."""
    built.poll(now, always)
    return built.take(now, always)


def retry(
    batch: Batch | None, *, after: float | None = None, ambiguous: bool = False
) -> RetryLater:
    """Return the target's fault."""
    assert batch is not None
    return RetryLater(batch.batch_id, Attempt(), "throttled", "429", after, ambiguous)


def refused(batch: Batch | None) -> Refused:
    """Return a 400 for the whole body."""
    assert batch is not None
    return Refused(batch.batch_id, Attempt(), "invalid_json", "400 INVALID_JSON")
