"""Stations 4 to 6 of the simulation: what `log` writes, read back from its bytes alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from consumer.coveo import partial
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.operations import (
    DocumentId,
    EncodedOperation,
    JsonValue,
    OperationKind,
    SkipReason,
    SourceKind,
    TargetId,
)
from consumer.domain.records import Record, TopicPartition
from consumer.domain.schemas import SchemaRef
from consumer.pipeline.contract import Translation
from tests.simulation.plan import FEEDS, OPEN, VAULT, targets_of

CONTENT_BYTES = 300
"""A content of this size has a container of its own."""

_EVENTS = {"u": "update", "q": "update", "d": "delete", "x": "delete"}


@dataclass(slots=True)
class Switches:
    """Troubles that someone can mend, for all members."""

    misfit: bool = False
    unreadable: bool = False
    stubborn: bool = False
    """The service refuses deletes marked as bad on the secured target."""


class SimTranslator:
    """Reads records and encodes operations; each payload names its version and its tenure."""

    def __init__(
        self,
        open_kind: SourceKind,
        switches: Switches,
        schemas: set[SchemaRef],
        tenure_of: Callable[[TopicPartition], int],
        refused: Callable[[TargetId, DocumentId], tuple[int, int]],
    ) -> None:
        """`refused` gives version and tenure of the operation last refused for an item."""
        self._open_kind = open_kind
        self._switches = switches
        self._schemas = schemas
        self._tenure_of = tenure_of
        self._refused = refused

    def targets(self, topic: str) -> tuple[TargetId, ...]:
        """Return what the topic feeds."""
        return FEEDS[topic]

    def missing_schemas(self, record: Record) -> Sequence[SchemaRef]:
        """Return the schema named by the first byte, if it is not at hand."""
        value = record.value
        if value is None or value[0] == 0xFF:
            return ()
        ref = SchemaRef(f"id/{value[0] - 48}")
        return () if ref in self._schemas else (ref,)

    def translate(self, record: Record) -> Translation:
        """Return what the record means."""
        document_id = DocumentId((record.key or b"").decode())
        if record.value is None:
            return self._tombstone(record, document_id)
        if record.value[0] == 0xFF:
            raise PoisonError("undecodable", f"{record.position} cannot be decoded")
        value = orjson.loads(record.value[1:])
        self._check(record, value["flag"])
        if value["op"] == "h":
            return Translation(skip=SkipReason.HEARTBEAT, event="heartbeat")
        kind = OperationKind.UPSERT if value["op"] in "uq" else OperationKind.DELETE
        operations = tuple(
            self._partial(record, target, document_id)
            if value["op"] == "q" and self._in_catalog(target)
            else self._encode(record, target, document_id, kind, value)
            for target in targets_of(record.tp.topic, document_id)
        )
        return Translation(operations, None, None, _EVENTS[value["op"]])

    def _check(self, record: Record, flag: str) -> None:
        if flag == "m" and self._switches.misfit:
            raise ConfigError(f"{record.tp.topic}: a mapped column is gone")
        if flag == "k" and self._switches.unreadable:
            raise PoisonError("undecodable", f"{record.position} cannot be decoded")

    def _tombstone(self, record: Record, document_id: DocumentId) -> Translation:
        value = {"bad": bool(record.headers)}
        operations = tuple(
            self._encode(record, target, document_id, OperationKind.DELETE, value, confirms=True)
            for target in targets_of(record.tp.topic, document_id)
        )
        return Translation(operations, None, None, "tombstone")

    def safe_deletes(self, record: Record) -> tuple[EncodedOperation, ...]:
        """Return the delete on the secured target. Raises PoisonError if the key is unreadable."""
        if VAULT not in FEEDS[record.tp.topic]:
            return ()
        if record.value is not None and record.value[0] != 0xFF:
            raise PoisonError("key_undecodable", f"the key of {record.position} is unreadable")
        document_id = DocumentId((record.key or b"").decode())
        return (self._encode(record, VAULT, document_id, OperationKind.DELETE, {}),)

    def delete(self, target: TargetId, document_id: DocumentId) -> EncodedOperation:
        """Return the stand-in of a refused operation; it has that one's version and tenure."""
        version, tenure = self._refused(target, document_id)
        payload = {"documentId": document_id, "v": version, "q": tenure, "bad": False}
        payload["deleteChildren"] = False
        return EncodedOperation(target, document_id, OperationKind.DELETE, orjson.dumps(payload))

    def _in_catalog(self, target: TargetId) -> bool:
        return target == OPEN and self._open_kind is SourceKind.CATALOG

    def _partial(
        self, record: Record, target: TargetId, document_id: DocumentId
    ) -> EncodedOperation:
        """Return what leaves the text out."""
        fields: dict[str, JsonValue] = {"v": record.offset, "q": self._tenure_of(record.tp)}
        payload = partial.entries(document_id, fields)
        return EncodedOperation(target, document_id, OperationKind.PARTIAL, payload)

    def _encode(
        self,
        record: Record,
        target: TargetId,
        document_id: DocumentId,
        kind: OperationKind,
        value: Mapping[str, object],
        *,
        confirms: bool = False,
    ) -> EncodedOperation:
        pad, children = str(value.get("pad", "")), value.get("op") == "x"
        beside = kind is OperationKind.UPSERT and len(pad) >= CONTENT_BYTES
        beside = beside and not self._in_catalog(target)
        payload = orjson.dumps(
            {
                "documentId": document_id,
                "v": record.offset,
                "q": self._tenure_of(record.tp),
                "text": record.offset,
                "bad": value.get("bad", False),
                "pad": "" if beside else pad,
                "deleteChildren": children,
            }
        )
        content = content_of(document_id, record.offset) + pad.encode() if beside else None
        return EncodedOperation(target, document_id, kind, payload, children, confirms, content)


def content_of(document_id: str, version: int) -> bytes:
    """Return how the content of one version of an item begins."""
    return f"{document_id} at {version}:".encode()
