"""Keys of every type through decoder and template: two rows never share a document id."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.decode.decoder import Decoder
from consumer.decode.logical import LOGICAL_TYPES
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ColumnPlan
from consumer.mapping.part import Scope
from consumer.mapping.template import compile_template, parse_document_id
from tests.unit.decode.samples import Registry, encode, field, framed, key_schema, named, record
from tests.unit.decode.test_logical import CASES

_PLAN: Final = ColumnPlan((), ("a", "k"))
_ID: Final = compile_template(parse_document_id("kb://{a}/{k}")).bind(Scope("t", {"a": 0, "k": 1}))

INTS = st.integers(-(2**31), 2**31 - 1) | st.integers(-9, 9)
LONGS = st.integers(-(2**63), 2**63 - 1) | st.integers(-2_000, 2_000)
DIGITS = st.sampled_from(["", "0", "5", "50", "0005", "500001", "0000001", "0000002", "50000010"])
_MOMENTS = st.builds(
    lambda moment, digits, zone: moment.isoformat() + (digits and f".{digits}") + zone,
    st.sampled_from([datetime(2024, 1, 1, 1), datetime(2024, 1, 1, 2)]),  # noqa: DTZ001 - parts of a text
    DIGITS,
    st.sampled_from(["", "Z", "+00:00", "+01:00", "-00:30"]),
)
TEXTS = st.one_of(
    st.text(max_size=3),
    _MOMENTS,
    st.sampled_from(["infinity", "-infinity", "2024-01-01", "2024-01-01Z", "2024-02-30Z", "a,b"]),
    st.sampled_from(["13:14:15.1", "+12024-01-01T00:00:00Z", "2024-01-01T00:00:00.0000000001Z"]),
)
BYTES = st.binary(max_size=4) | st.lists(st.sampled_from([0, 1]), max_size=3).map(bytes)
DOUBLES = st.floats() | st.integers(-3, 3).map(float) | st.floats(-2, 2, width=32)
_SMALL = st.integers(-1, 61) | st.sampled_from([0, 999_999_999, 10**9])

RAW: Final[dict[str, st.SearchStrategy[Any]]] = {
    "int": INTS,
    "long": LONGS,
    "string": TEXTS,
    "bytes": BYTES,
    "double": DOUBLES,
    "float": st.floats(width=32),
    "boolean": st.booleans(),
}


def _moment(text: str) -> Any:
    """Return the instant of a text that names one; other texts are themselves."""
    found = re.fullmatch(r"([0-9-]{10}T[0-9:]{8})(?:\.([0-9]+))?(Z|[+-][0-9:]{5})?", text)
    try:
        whole = datetime.fromisoformat(found[1] + (found[3] or "Z")) if found else None
        seconds = (whole - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() if whole else None
    except (ValueError, OverflowError):
        return text
    return text if seconds is None or found is None else Fraction(f"{int(seconds)}.0") + (
        Fraction(f"0.{found[2] or 0}"))  # fmt: skip


def _number(parts: Any) -> Fraction:
    unscaled = int.from_bytes(parts["value"], "big", signed=True)
    scale: int = parts["scale"]
    return Fraction(unscaled, 10**scale) if scale >= 0 else Fraction(unscaled * 10**-scale)


def _instant(parts: dict[str, int | None]) -> Any:
    """Return the instant of parts that name one, whatever their offset."""
    year, month, day, hour, minute, second, nanos, offset = (parts[name] for name in _MOMENT_PARTS)
    try:
        zone = timezone(timedelta(seconds=offset))  # type: ignore[arg-type] # None is refused
        there = datetime(year, month, day, hour, minute, second, tzinfo=zone)  # type: ignore[arg-type]
        return there.astimezone(UTC), nanos
    except (TypeError, ValueError, OverflowError):
        return parts


_MOMENT_PARTS: Final = (
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "nanos",
    "offsetSeconds",
)
SAME: Final[dict[str, Callable[[Any], Any]]] = {
    "io.debezium.time.ZonedTimestamp": _moment,
    "io.debezium.time.IsoTimestamp": _moment,
    "io.debezium.time.StructuredZonedTimestamp": _instant,
    "io.debezium.time.IsoDate": lambda text: (
        text.removesuffix("Z") if re.fullmatch(r"\d{4}-\d\d-\d\dZ?", text, re.ASCII)
        and text != "2024-02-30Z" else text),
    "io.debezium.data.Enum": lambda text: text.replace("\\,", ","),
    "io.debezium.data.VariableScaleDecimal": _number,
    "org.apache.kafka.connect.data.Decimal": lambda raw: int.from_bytes(raw, "big", signed=True),
}  # fmt: skip
"""What of a raw value is the key: how a moment or a number is written is no part of it."""


@dataclass(frozen=True)
class KeyType:
    """A type of a key column, its values, and what of one tells rows apart."""

    schema: Any
    values: st.SearchStrategy[Any]
    same: Callable[[Any], Any]


def _of_struct(schema: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({each["name"]: _part(each["type"]) for each in schema["fields"]})


def _part(type_: Any) -> st.SearchStrategy[Any]:
    match type_:
        case ["null", inner]:
            return st.none() | _part(inner)
        case "int" | "long":
            return _SMALL
        case str():
            return RAW[type_]
        case {"type": "array", "items": items}:
            return st.lists(_part(items), max_size=2)
        case {"type": "record"}:
            return _of_struct(type_)
        case _:
            return RAW[type_["type"]]


def _key_type(name: str) -> KeyType:
    type_ = CASES[name][0]
    schema = named(type_, name) if isinstance(type_, str) else {**type_, "connect.name": name}
    values = st.one_of(_MOMENTS, _MOMENTS, TEXTS) if SAME.get(name) is _moment else _part(schema)
    return KeyType(schema, values, SAME.get(name, lambda raw: raw))


KEY_TYPES: Final = {
    **{name: _key_type(name) for name in LOGICAL_TYPES},
    **{kind: KeyType(kind, values, lambda raw: raw) for kind, values in RAW.items()},
    "fixed": KeyType({"type": "fixed", "name": "F", "size": 2}, st.binary(min_size=2, max_size=2),
                     lambda raw: raw),
}  # fmt: skip


def document_id(decoder: Decoder, number: int, schema: Any, key: Any) -> str | None:
    """Return the id of a row; `None` where its record is set aside."""
    one = record(None, framed(number, encode(schema, key)))
    try:
        return _ID(decoder.decode_key(one, _PLAN))
    except PoisonError:
        return None


@pytest.mark.parametrize("name", KEY_TYPES)
@given(data=st.data())
def test_two_keys_never_share_an_id_and_one_key_has_one(name: str, data: st.DataObject) -> None:
    """The later row would overwrite the earlier, and the delete of one remove the other's item."""
    key_type = KEY_TYPES[name]
    registry = Registry()
    schema = key_schema(field("a", "int"), field("k", key_type.schema))
    number = registry.add(schema)
    decoder = Decoder(registry, DecodeSettings())
    numbers = st.sampled_from([0, 0, 0, 1])
    keys = [{"a": data.draw(numbers), "k": data.draw(key_type.values)} for _ in range(2)]
    one, other = (document_id(decoder, number, schema, key) for key in keys)
    if one is None or other is None:
        return
    first, second = ((key["a"], key_type.same(key["k"])) for key in keys)
    assert (one == other) == (first == second)
