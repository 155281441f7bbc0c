"""Things to tell Coveo. Imports the standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, TypeAlias

from consumer.domain.access import Permissions

TargetId = NewType("TargetId", str)
"""The configured name of a source (later also a security provider) that operations go to."""


class SourceKind(StrEnum):
    """By which interface of Coveo's a source is written."""

    PUSH = "push"
    """Push API: every item whole."""
    CATALOG = "catalog"
    """Stream API: products, variants and availabilities, whole or in part."""


DocumentId = NewType("DocumentId", str)
"""A Coveo index entry's URI."""

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"


@dataclass(frozen=True, slots=True)
class Content:
    """An item's body: text as it is, or bytes with the compression to apply."""

    text: str | None = None
    binary: bytes | None = None


@dataclass(frozen=True, slots=True)
class UpsertItem:
    """A complete item: on a push source it replaces everything known under its id."""

    target: TargetId
    document_id: DocumentId
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    content: Content | None = None
    file_extension: str | None = None
    parent_id: DocumentId | None = None
    permissions: Permissions | None = None


@dataclass(frozen=True, slots=True)
class DeleteItem:
    """Removes an item; with `children`, also every item whose id starts with its id and `/`."""

    target: TargetId
    document_id: DocumentId
    children: bool = False
    confirms: bool = False
    """Only repeats an earlier delete (a tombstone): costs nothing where that one is known."""


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """Replaces some fields of an item that is there, and leaves it as it is otherwise.

    Catalogs only; where there is no such item, nothing happens.
    """

    target: TargetId
    document_id: DocumentId
    fields: Mapping[str, JsonValue]


Operation: TypeAlias = UpsertItem | DeleteItem | UpdateItem


class SkipReason(StrEnum):
    """Why a record causes no operation; every reason is intended, counted and documented."""

    HEARTBEAT = "heartbeat"
    TRANSACTION = "transaction"
    SCHEMA_CHANGE = "schema_change"
    NOTIFICATION = "notification"
    SIGNAL = "signal"
    LOGICAL_MESSAGE = "logical_message"
    NULL_KEY_TOMBSTONE = "null_key_tombstone"
    TOMBSTONE = "tombstone"
    TRUNCATE_IGNORED = "truncate_ignored"
    NOT_MAPPED = "not_mapped"


class OperationKind(StrEnum):
    """Which list of a batch body an encoded operation belongs to."""

    UPSERT = "upsert"
    DELETE = "delete"
    PARTIAL = "partial_update"
    """The payload is one entry or several, with commas between."""


@dataclass(frozen=True, slots=True)
class EncodedOperation:
    """An operation as the exact JSON bytes that will be sent, locally checked."""

    target: TargetId
    document_id: DocumentId
    kind: OperationKind
    payload: bytes
    children: bool = False
    confirms: bool = False
    content: bytes | None = field(default=None, repr=False)
    """Compressed content too large to stand in the payload: it is uploaded beside the batch, and
    the payload refers to it then."""
