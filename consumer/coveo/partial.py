"""Partial updates: some fields of a catalog's item that is there (docs/p4eb0515). Imports domain.

One operator is used, `fieldValueReplace`: it may be said twice, and the last one said holds. What
appends to or takes from a value would count twice when a batch is sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, assert_never

import orjson

from consumer.coveo.limits import MAX_CATALOG_ITEM_BYTES
from consumer.domain.operations import EncodedOperation, JsonValue, OperationKind

_OPERATOR: Final = "fieldValueReplace"


def entries(document_id: str, fields: Mapping[str, JsonValue]) -> bytes:
    """Return the entries of `partialUpdate` that replace these fields, with commas between.

    Raises JSONEncodeError for a text that is not valid Unicode.
    """
    named = {"documentId": document_id, "operator": _OPERATOR}
    changes = ({**named, "field": name, "value": value} for name, value in fields.items())
    return b",".join(map(orjson.dumps, changes))


def parsed(payload: bytes) -> list[dict[str, Any]]:
    """Return what `entries` has written."""
    changes: list[dict[str, Any]] = orjson.loads(b"".join((b"[", payload, b"]")))
    return changes


def joined(older: EncodedOperation, newer: EncodedOperation) -> EncodedOperation | None:
    """Return the one operation that does to an item what both do, `older` first.

    `None` where there is none: they must go one after the other, in two batches.
    """
    if newer.kind is not OperationKind.PARTIAL:
        return newer
    changes = parsed(newer.payload)
    match older.kind:
        case OperationKind.UPSERT:
            item = orjson.loads(older.payload)
            payload = orjson.dumps({**item, **_values(changes)})
        case OperationKind.PARTIAL:
            values = _values([*parsed(older.payload), *changes])
            payload = entries(older.document_id, values)
        case OperationKind.DELETE:
            return None
        case _:
            assert_never(older.kind)
    if len(payload) > MAX_CATALOG_ITEM_BYTES:
        return None
    return replace(older, payload=payload)


def _values(changes: Iterable[Mapping[str, Any]]) -> dict[str, JsonValue]:
    return {change["field"]: change["value"] for change in changes}
