"""Seeded changes of recorded records: of bytes, of framing, of headers, of schemas, of shapes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from consumer.domain.records import Header, Record
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.fuzz.corpus import Side, Specimen

_HOSTILE_NAMES: Final = (
    "", "a b", "__class__", "__init__", "import os", "'); raise SystemExit(1) #", "{0.__class__}",
    "%s%n", "\u202ea", "\ud800", "\n", "before", "after", "op", "source", "x" * 10_000,
)  # fmt: skip
_DEEP_ARRAYS: Final = "\x00 arrays"
_DEEP_RECORDS: Final = "\x00 records"
_DEEP_TEXTS: Final = {
    _DEEP_ARRAYS: '{"type":"array","items":' * 5_000 + '"int"' + "}" * 5_000,
    _DEEP_RECORDS: "".join(
        f'{{"type":"record","name":"D{n}","fields":[{{"name":"f","type":' for n in range(300)
    ) + '"int"' + "}]}" * 300,
}  # fmt: skip
"""Types that no JSON library would write or copy, put into the text at the end."""

_TYPES: Final[tuple[Any, ...]] = (
    "null", "boolean", "int", "long", "float", "double", "bytes", "string", "Value", "Envelope",
    [], ["null"], ["null", "null"], {"type": "array", "items": "null"}, {"type": "record"},
    {"type": "array", "items": {"type": "record", "name": "E", "fields": []}},
    {"type": "map", "values": "string"}, {"type": "fixed", "name": "F", "size": 2**31},
    {"type": "fixed", "name": "G", "size": 0}, {"type": "enum", "name": "S", "symbols": ["a"]},
    {"type": "bytes", "connect.name": "org.apache.kafka.connect.data.Decimal", "scale": -(2**31)},
    {"type": "bytes", "logicalType": "decimal", "scale": 2**31, "precision": 1},
    {"type": "string", "connect.name": "io.debezium.time.ZonedTimestamp"},
    {"type": "long", "connect.name": "io.debezium.time.NanoTimestamp"},
    {"type": "double", "connect.name": "io.debezium.time.MicroDuration"},
    _DEEP_ARRAYS, _DEEP_RECORDS, 7, None, {}, "",
)  # fmt: skip
_VARINTS: Final = tuple(
    bytes.fromhex(text)
    for text in (
        "00", "01", "02", "7f", "ff01", "ffffffff0f", "feffffff0f", "ffffffffffffffffff01",
        "feffffffffffffffff01", "80808080808080808080808001", "808000",
    )
)  # fmt: skip
"""Zero, minus one, ends of 32 and 64 bits, too long ones, not the shortest: counts and lengths."""

_HEADERS: Final = (
    "__debezium.newkey", "__debezium.oldkey", "__key_schema_id", "__value_schema_id",
    "apicurio.value.globalId", "apicurio.key.contentId", "apicurio.value.encoding", "__op", "",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """A record, the configuration that maps it, and the schemas that a registry would give."""

    mapping: str
    record: Record
    schemas: tuple[WriterSchema, ...]
    story: tuple[str, ...]
    """The changes that made it, in order."""


@dataclass(slots=True)
class _Draft:
    key: Side
    value: Side
    key_front: bytes
    value_front: bytes
    headers: list[Header]


class Mutator:
    """Makes inputs without end, the same ones for the same seed."""

    def __init__(self, corpus: tuple[Specimen, ...], seed: int) -> None:
        """Keep what to start from."""
        self._corpus = corpus
        self._random = random.Random(seed)
        self._number = 0

    def inputs(self, count: int) -> Iterator[Input]:
        """Yield so many inputs; about one in twenty is a recorded record, unchanged."""
        for _ in range(count):
            one = self._random.choice(self._corpus)
            yield self._input(one, self._random.choice((*range(1, 7), *range(1, 4), 0)))

    def _input(self, one: Specimen, changes: int) -> Input:
        first = 10 + 2 * self._number % 1_000_000
        self._number += 1
        draft = _Draft(
            one.key, one.value, _front(one.key, first), _front(one.value, first + 1),
            list(one.record.headers),
        )  # fmt: skip
        story = tuple(self._change(draft) for _ in range(changes))
        record = replace(
            one.record,
            key=_whole(draft.key_front, draft.key),
            value=_whole(draft.value_front, draft.value),
            headers=(*draft.headers,),
        )
        return Input(one.mapping, record, (*one.schemas, *_schemas(draft, first)), story)

    def _change(self, draft: _Draft) -> str:
        change: Callable[[_Draft], None] = self._random.choice(
            (self._payload, self._payload, self._schema, self._schema, self._swap, self._framing,
             self._header, self._absent)
        )  # fmt: skip
        with suppress(RecursionError):  # several nestings in one schema: too deep to be copied
            change(draft)
        return change.__name__.removeprefix("_")

    # --- bytes

    def _payload(self, draft: _Draft) -> None:
        name = self._side_name()
        side: Side = getattr(draft, name)
        if side.payload:
            setattr(draft, name, replace(side, payload=self._spoilt(side.payload)))

    def _spoilt(self, data: bytes) -> bytes:
        at, end = sorted(self._random.choices(range(len(data) + 1), k=2))
        before, between, after = data[:at], data[at:end], data[end:]
        noise = self._random.randbytes(self._random.randint(1, 9))
        varint = self._random.choice(_VARINTS)
        repeats = self._random.choice((2, 3, 50))
        return self._random.choice(
            (
                before,
                data + noise,
                before + varint + between + after,
                before + varint + after,
                before + between * repeats + after,
                before + after,
                before + noise[:1] + data[at + 1 :],
                noise * 7,
            )
        )

    def _framing(self, draft: _Draft) -> None:
        front = f"{self._side_name()}_front"
        old: bytes = getattr(draft, front)
        choices = (b"", b"\x01", b"\x00", b"{", b"[", b'"', b"\x00" * 5, b"\x01" + bytes(16),
                   bytes(4) + old, old[:3], b"\x02" + old[1:], b"\xef\xbb\xbf{")  # fmt: skip
        setattr(draft, front, self._random.choice(choices))

    def _header(self, draft: _Draft) -> None:
        name = self._random.choice(_HEADERS)
        content = self._random.choice(
            (None, b"", b"\x00", draft.value_front, b"\x01" + bytes(16), b'{"id":1}', b"\xff\xfe",
             b'{"schema":{},"payload":{}}', b"[" * 5_000, self._random.randbytes(9))
        )  # fmt: skip
        draft.headers.insert(self._random.randint(0, len(draft.headers)), (name, content))

    def _absent(self, draft: _Draft) -> None:
        name = self._side_name()
        setattr(draft, name, Side(self._random.choice((None, b"")), None))
        setattr(draft, f"{name}_front", b"")

    # --- schemas

    def _swap(self, draft: _Draft) -> None:
        """Read one record's bytes with another's schema, or the value with the key's."""
        other = self._random.choice(self._corpus)
        name = self._side_name()
        side: Side = getattr(draft, name)
        schema = self._random.choice((other.value, other.key, draft.key, draft.value)).schema
        if side.schema is not None and schema is not None:
            setattr(draft, name, replace(side, schema=copy.deepcopy(schema)))

    def _schema(self, draft: _Draft) -> None:
        name = self._side_name()
        side: Side = getattr(draft, name)
        if side.schema is None:
            return
        schema = copy.deepcopy(side.schema)
        places = [*_places(schema)]
        if places:
            container, key = self._random.choice(places)
            container[key] = self._other(container[key])
        setattr(draft, name, replace(side, schema=schema))

    def _other(self, part: Any) -> Any:
        some = part[: self._random.randrange(len(part) + 1)] if isinstance(part, list) else part
        return self._random.choice(
            (
                copy.deepcopy(self._random.choice(_TYPES)),
                self._random.choice(_HOSTILE_NAMES),
                ["null", part],
                {"type": "array", "items": part},
                self._nested(part, self._random.choice((3, 20, 40))),
                some + some[-1:] if isinstance(some, list) else None,
                self._random.choice((None, True, -1, 2**63, 0.5, "string", {}, [])),
            )
        )

    def _nested(self, part: Any, levels: int) -> Any:
        for level in range(levels):
            field = {"name": "f", "type": part}
            part = {"type": "record", "name": f"N{level}", "fields": [field]}
        return part

    def _side_name(self) -> str:
        return self._random.choice(("value", "value", "value", "key"))


def _front(side: Side, number: int) -> bytes:
    return b"" if side.schema is None else b"\x00" + number.to_bytes(4, "big")


def _whole(front: bytes, side: Side) -> bytes | None:
    return None if side.payload is None else front + side.payload


def _schemas(draft: _Draft, first: int) -> tuple[WriterSchema, ...]:
    sides = enumerate((draft.key, draft.value), start=first)
    return tuple(
        WriterSchema(SchemaRef(f"id/{number}"), "AVRO", _written(side.schema), ())
        for number, side in sides
        if side.schema is not None
    )


def _written(schema: Any) -> str:
    text = json.dumps(schema)
    for mark, deep in _DEEP_TEXTS.items():
        text = text.replace(json.dumps(mark), deep)
    return text


def _places(schema: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (container, key) of every part, without recursion."""
    stack = [schema]
    while stack:
        part = stack.pop()
        match part:
            case dict():
                keys: Iterator[Any] = iter(part)
            case list():
                keys = iter(range(len(part)))
            case _:
                continue
        for key in keys:
            yield part, key
            stack.append(part[key])
