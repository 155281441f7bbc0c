"""Checks that a payload is exactly one value of its schema, before anything is allocated for it.

fastavro believes block counts (30 million nulls from 5 bytes), picks union branches from the end
by a negative index and ignores trailing bytes (reference `debezium.md` §9). So every payload is
walked first: lengths and indexes in range, counts within what the bytes left over can hold.
Imports the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias, assert_never

from consumer.decode import bounds
from consumer.decode.avro_types import (
    Array,
    AvroType,
    Enumeration,
    Fixed,
    Map,
    Primitive,
    Struct,
    Union,
    is_null,
)
from consumer.decode.poison import PoisonReason, poison
from consumer.domain.schemas import SchemaRef

_MAX_VARINT_BYTES: Final = 10  # 64 bits in groups of seven; longer ones wrap around in fastavro
_CONTINUES: Final = 0x80

Budget: TypeAlias = "list[int]"
"""One number: the decoded bytes that arrays and maps may still grow to."""

Skip: TypeAlias = "Callable[[bytes, int, Budget], int]"
"""From the start of a value to its end. The end may lie behind the data: whoever goes on reads
there and raises IndexError, and the last comparison is with the length."""

Check: TypeAlias = "Callable[[bytes, int], None]"


class MalformedError(Exception):
    """The payload cannot be a value of the schema; the message holds no data."""


def checker(root: AvroType, ref: SchemaRef, max_decoded_bytes: int) -> Check:
    """Return a check that raises PoisonError unless the bytes from `start` are one value."""
    skip = _Skips().of(root)

    def check(data: bytes, start: int) -> None:
        try:
            end = skip(data, start, [max_decoded_bytes])
        except MalformedError as malformed:
            message = f"payload of schema {ref} cannot be read: {malformed}"
            raise poison(PoisonReason.UNDECODABLE, message) from None
        except IndexError:
            end = len(data) + 1
        if end > len(data):
            message = f"payload of schema {ref} ends too early"
            raise poison(PoisonReason.UNDECODABLE, message)
        if end < len(data):
            message = f"payload of schema {ref} leaves {len(data) - end} bytes unread"
            raise poison(PoisonReason.TRAILING_BYTES, message)

    return check


class _Skips:
    """Compiles each node once, however often it is used."""

    def __init__(self) -> None:
        self._compiled: dict[AvroType, Skip] = {}

    def of(self, node: AvroType) -> Skip:
        skip = self._compiled.get(node)
        if skip is None:
            skip = self._compiled[node] = self._compile(node)
        return skip

    def _compile(self, node: AvroType) -> Skip:  # noqa: PLR0911 - one case per kind
        match node:
            case Primitive():
                return _PRIMITIVES[node.kind]
            case Fixed():
                return _skip_bytes(node.byte_count)
            case Enumeration():
                return _skip_index([_skip_nothing] * len(node.symbols))
            case Array():
                return _skip_blocks(self.of(node.items), node.items)
            case Map():
                return _skip_blocks(_skip_both(_skip_text, self.of(node.values)), node.values)
            case Union():
                return self._union(node)
            case Struct():
                return _skip_all(tuple(self.of(each) for each in node.fields.values()))
            case _:
                assert_never(node)

    def _union(self, node: Union) -> Skip:
        match node.branches:
            case (null, other) if is_null(null):
                return _skip_nullable(0, 2, self.of(other))
            case (other, null) if is_null(null):
                return _skip_nullable(2, 0, self.of(other))
            case branches:
                return _skip_index([self.of(branch) for branch in branches])


def _skip_nothing(_data: bytes, pos: int, _budget: Budget) -> int:
    return pos


def _skip_boolean(data: bytes, pos: int, _budget: Budget) -> int:
    if data[pos] > 1:
        message = "a boolean that is neither 0 nor 1"
        raise MalformedError(message)
    return pos + 1


def _skip_varint(data: bytes, pos: int, _budget: Budget) -> int:
    if data[pos] < _CONTINUES:
        return pos + 1
    return _read_long(data, pos)[1]


def _read_long(data: bytes, pos: int) -> tuple[int, int]:
    """Return the zigzag number at `pos` and where it ends."""
    number = shift = 0
    for at in range(pos, pos + _MAX_VARINT_BYTES):
        byte = data[at]
        number |= (byte & 0x7F) << shift
        if byte < _CONTINUES:
            break
        shift += 7
    else:
        message = "a number of more than ten bytes"
        raise MalformedError(message)
    if number >> 64:
        message = "a number of more than 64 bits"
        raise MalformedError(message)
    return (number >> 1) ^ -(number & 1), at + 1


def _skip_text(data: bytes, pos: int, _budget: Budget) -> int:
    first = data[pos]
    if first < _CONTINUES and not first & 1:
        return pos + 1 + (first >> 1)
    length, pos = _read_long(data, pos)
    if length < 0:
        message = "a negative length"
        raise MalformedError(message)
    return pos + length


def _skip_bytes(byte_count: int) -> Skip:
    def skip(_data: bytes, pos: int, _budget: Budget) -> int:
        return pos + byte_count

    return skip


def _skip_nullable(null_byte: int, other_byte: int, skip_other: Skip) -> Skip:
    def skip(data: bytes, pos: int, budget: Budget) -> int:
        index = data[pos]
        if index == null_byte:
            return pos + 1
        if index == other_byte:
            return skip_other(data, pos + 1, budget)
        raise MalformedError(_OUT_OF_RANGE)

    return skip


def _skip_index(skips: list[Skip]) -> Skip:
    def skip(data: bytes, pos: int, budget: Budget) -> int:
        index, pos = _read_long(data, pos)
        if not 0 <= index < len(skips):
            raise MalformedError(_OUT_OF_RANGE)
        return skips[index](data, pos, budget)

    return skip


def _skip_both(first: Skip, second: Skip) -> Skip:
    def skip(data: bytes, pos: int, budget: Budget) -> int:
        return second(data, first(data, pos, budget), budget)

    return skip


def _skip_all(skips: tuple[Skip, ...]) -> Skip:
    def skip(data: bytes, pos: int, budget: Budget) -> int:
        for skip_field in skips:
            pos = skip_field(data, pos, budget)
        return pos

    return skip


def _skip_blocks(skip_item: Skip, items: AvroType) -> Skip:
    """Return a skip over blocks of items, each of which takes at least one byte."""
    item_bytes = bounds.of_item(items.size)

    def skip(data: bytes, pos: int, budget: Budget) -> int:
        while True:
            count, pos = _read_long(data, pos)
            if count == 0:
                return pos
            if count < 0:  # the block's size in bytes follows; nothing here relies on it
                count = -count
                pos = _read_long(data, pos)[1]
            budget[0] -= count * item_bytes
            if count > len(data) - pos or budget[0] < 0:
                message = "more array items or map entries than the bounds allow"
                raise MalformedError(message)
            for _ in range(count):
                pos = skip_item(data, pos, budget)

    return skip


_OUT_OF_RANGE: Final = "an index beyond its union or enum"

_PRIMITIVES: Final[dict[str, Skip]] = {
    "null": _skip_nothing,
    "boolean": _skip_boolean,
    "int": _skip_varint,
    "long": _skip_varint,
    "float": _skip_bytes(4),
    "double": _skip_bytes(8),
    "bytes": _skip_text,
    "string": _skip_text,
}
