"""An item's metadata as JSON. Pure. Imports the domain only."""

from __future__ import annotations

import math
from collections.abc import Mapping

from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.limits import MAX_EXACT_INTEGER, RESERVED_KEYS
from consumer.domain.errors import PoisonError
from consumer.domain.operations import JsonValue


def metadata_of(metadata: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what is sent of `metadata`: booleans, numbers, strings and lists of them (docs/162).

    An object of such values is a dictionary field; only mappings that ask for one have it.

    A push replaces the whole item, so a key without a value is a null; nulls are left out, as the
    service documents no null. Raises PoisonError for anything that it documents as unsupported.
    """
    sent: dict[str, JsonValue] = {}
    seen: set[str] = set()
    for key, value in metadata.items():
        _check_key(key, seen)
        if value is None:
            continue
        match value:
            case list():
                sent[key] = [_scalar(key, each) for each in value if each is not None]
            case dict():
                sent[key] = _dictionary(key, value)
            case _:
                sent[key] = _scalar(key, value)
    return sent


def _dictionary(key: str, value: Mapping[str, JsonValue]) -> JsonValue:
    if len({each.lower() for each in value}) < len(value) or "" in value:
        msg = f"metadata {key!r} has keys that differ by case only, or one without a name"
        raise PoisonError(ItemFlaw.METADATA_KEY_DUPLICATE, msg)
    return {name: _scalar(key, each) for name, each in value.items() if each is not None}


def _check_key(key: str, seen: set[str]) -> None:
    folded = key.lower()
    if not folded:
        msg = "a metadata key is empty"
        raise PoisonError(ItemFlaw.METADATA_KEY_EMPTY, msg)
    if folded in RESERVED_KEYS:
        msg = f"metadata key {key!r} is reserved: keys ignore case"
        raise PoisonError(ItemFlaw.METADATA_KEY_RESERVED, msg)
    if folded in seen:
        msg = f"metadata key {key!r} comes twice: keys ignore case"
        raise PoisonError(ItemFlaw.METADATA_KEY_DUPLICATE, msg)
    seen.add(folded)


def _scalar(key: str, value: JsonValue) -> JsonValue:
    match value:
        case bool() | str():
            return value
        case int():
            return value if abs(value) <= MAX_EXACT_INTEGER else str(value)
        case float():
            if math.isfinite(value):
                return value
            msg = f"metadata {key!r} is not a finite number, JSON has no other"
            raise PoisonError(ItemFlaw.METADATA_NUMBER, msg)
        case _:
            msg = f"metadata {key!r} is no text, number, boolean, nor a list or one level of these"
            raise PoisonError(ItemFlaw.METADATA_TYPE, msg)
