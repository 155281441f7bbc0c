"""Small values from and to JSON. Imports: the values, stdlib."""

from __future__ import annotations

import base64
from typing import Any

from emulator.containers import Absence
from emulator.identities import Named, Relations
from emulator.kinds import kind_named
from emulator.operations import Receipt

Record = dict[str, Any]


class BadStateError(Exception):
    """A record cannot be understood; the message says why, and which line it is."""


def without_kind(record: Record) -> Record:
    """Return what a record says beside its kind."""
    return {name: value for name, value in record.items() if name != "kind"}


def pack(content: bytes | Absence | None) -> str | dict[str, str] | None:
    """Write bytes as base64, and why there are none as an object."""
    if isinstance(content, Absence):
        return {"absence": content.name}
    return None if content is None else base64.b64encode(content).decode()


def unpack(value: Any) -> bytes | Absence | None:
    """Read what `pack` wrote."""
    if isinstance(value, dict):
        return Absence[value["absence"]]
    return None if value is None else base64.b64decode(value)


def unpack_bytes(value: Any) -> bytes | None:
    """Read what `pack` wrote of bytes."""
    content = unpack(value)
    return content if isinstance(content, bytes) else None


def show_receipt(receipt: Receipt) -> Record:
    """Write a receipt."""
    return {
        "receivedMs": receipt.received_ms,
        "orderingId": receipt.ordering_id,
        "request": receipt.request,
        "late": receipt.late,
    }


def read_receipt(record: Record) -> Receipt:
    """Read a receipt."""
    return Receipt(
        record["receivedMs"], record["orderingId"], record["request"], record.get("late", False)
    )


def show_named(named: Named) -> Record:
    """Write an identity as it is spelt in bodies."""
    shown: Record = {"name": named.name, "type": named.kind}
    if named.info:
        shown["additionalInfo"] = dict(named.info)
    if named.provider is not None:
        shown["provider"] = named.provider
    return shown


def read_named(record: Record) -> Named:
    """Read an identity in either spelling of its type."""
    kind = kind_named(str(record["type"]))
    if kind is None:
        message = f"'{record['type']}' is no type of identity"
        raise ValueError(message)
    info = tuple(sorted((record.get("additionalInfo") or {}).items()))
    return Named(record["name"], kind, info, record.get("provider"))


def show_relations(relations: Relations) -> Record:
    """Write what an identity names."""
    return {
        "members": [show_named(one) for one in relations.members],
        "mappings": [show_named(one) for one in relations.mappings],
        "wellKnowns": [show_named(one) for one in relations.well_knowns],
    }


def read_relations(record: Record) -> Relations:
    """Read what an identity names; an absent list is empty."""
    return Relations(
        *(
            tuple(read_named(one) for one in record.get(name) or ())
            for name in ("members", "mappings", "wellKnowns")
        )
    )
