"""How large a type is, and which types are refused for it. Imports the standard library only.

Registry content is untrusted: a type is measured when it is built, from the measures of its parts,
so that neither depth nor a small text that unfolds into a large tree gets any further.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from consumer.decode.avro_types import Size

# Estimates for CPython 3.11 to 3.13, rounded up; they bound memory, they do not account for it.
_SCALAR_DECODED_BYTES: Final = 48
_CONTAINER_DECODED_BYTES: Final = 200
_SLOT_DECODED_BYTES: Final = 100

_MIN_BYTES: Final = {"null": 0, "float": 4, "double": 8}


class UnfitSchemaError(Exception):
    """A schema that is not read; the message says why and is translated at the module's edge."""


def of_primitive(kind: str) -> Size:
    """Return the size of a primitive type."""
    return Size(1, _MIN_BYTES.get(kind, 1), _SCALAR_DECODED_BYTES)


def of_fixed(byte_count: int) -> Size:
    """Return the size of `byte_count` bytes."""
    return Size(1, byte_count, _SCALAR_DECODED_BYTES + byte_count)


def of_array(items: Size) -> Size:
    """Return the size of an empty array. Raises UnfitSchemaError if items may take no bytes.

    With such items a payload of five bytes can announce millions of them.
    """
    if items.min_bytes == 0:
        message = "array items of a type that takes no bytes"
        raise UnfitSchemaError(message)
    return Size(items.depth + 1, 1, _CONTAINER_DECODED_BYTES)


def of_map(values: Size) -> Size:
    """Return the size of an empty map."""
    return Size(values.depth + 1, 1, _CONTAINER_DECODED_BYTES)


def of_union(branches: Iterable[Size]) -> Size:
    """Return the size of the smallest and the largest branch behind its index."""
    sizes = list(branches)
    if not sizes:
        message = "a union of nothing"
        raise UnfitSchemaError(message)
    return Size(
        max(size.depth for size in sizes) + 1,
        min(size.min_bytes for size in sizes) + 1,
        max(size.decoded_bytes for size in sizes),
    )


def of_struct(fields: Iterable[Size]) -> Size:
    """Return the size of all fields together."""
    sizes = list(fields)
    return Size(
        max((size.depth for size in sizes), default=0) + 1,
        sum(size.min_bytes for size in sizes),
        _CONTAINER_DECODED_BYTES + sum(s.decoded_bytes + _SLOT_DECODED_BYTES for s in sizes),
    )


def of_item(items: Size) -> int:
    """Return the bytes that one more item of an array or entry of a map may decode to."""
    return items.decoded_bytes + _SLOT_DECODED_BYTES


def check(size: Size, max_depth: int, max_decoded_bytes: int) -> None:
    """Raise UnfitSchemaError if a type is too deep or a single value of it too large."""
    if size.depth > max_depth:
        message = f"types nested deeper than {max_depth}"
        raise UnfitSchemaError(message)
    if size.decoded_bytes > max_decoded_bytes:
        message = f"one value may decode to more than {max_decoded_bytes} bytes"
        raise UnfitSchemaError(message)


class NameBounds:
    """Bounds the names of one schema: how long each is, and how many fields there are of all."""

    def __init__(self, max_fields: int, max_characters: int) -> None:
        """Start with none."""
        self._max_fields, self._max_characters = max_fields, max_characters
        self._fields = 0

    def add_fields(self, count: int) -> None:
        """Count the fields of one more record or struct. Raises UnfitSchemaError: too many."""
        self._fields += count
        if self._fields > self._max_fields:
            message = f"more than {self._max_fields} fields"
            raise UnfitSchemaError(message)

    def check(self, name: str) -> None:
        """Raise UnfitSchemaError if a name is too long."""
        if len(name) > self._max_characters:
            message = f"a name of more than {self._max_characters} characters"
            raise UnfitSchemaError(message)
