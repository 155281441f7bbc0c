"""JSON values → what Avro would have given, for a type: one set of converters serves both.

Kafka Connect's JsonConverter writes bytes as base64, decimals as base64 of the unscaled number or
as numbers, NaN and infinity as text, maps whose keys are no text as pairs (reference `debezium.md`
§3.6). Values are untrusted: each is checked against its type. Imports the domain.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Callable, Mapping
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any, Final, NoReturn, TypeAlias, assert_never

from consumer.decode.avro_types import (
    Array,
    AvroType,
    Enumeration,
    Fixed,
    Map,
    Primitive,
    Struct,
    Union,
    without_null,
)
from consumer.decode.numeric import MAX_SCALE
from consumer.domain.formats import DECIMAL

Take: TypeAlias = Callable[[Any], Any]
"""From a JSON value to what Avro gives for its type. Raises MisfitError."""

_EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_SINGLE: Final = struct.Struct("<f")
_INT: Final = 2**31
_LONG: Final = 2**63
_NOT_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class MisfitError(Exception):
    """A value that is none of its type; the message says what was expected, and holds no data."""


class Takers:
    """Compiles each node once, however often it is used."""

    def __init__(self) -> None:
        """Start with none."""
        self._made: dict[AvroType, Take] = {}

    def of(self, node: AvroType) -> Take:
        """Return the function for a type."""
        take = self._made.get(node)
        if take is None:
            take = self._made[node] = self._make(node)
        return take

    def _make(self, node: AvroType) -> Take:  # noqa: PLR0911 - one case per kind
        match node:
            case Primitive():
                return _primitive(node)
            case Array():
                return self._array(node)
            case Map():
                return _map(self.of(node.values))
            case Struct():
                return _struct({name: self.of(each) for name, each in node.fields.items()})
            case Union():
                return self._union(node)
            case Enumeration():
                return _take_text
            case Fixed():
                return _decimal_or_bytes(node)
            case _:
                assert_never(node)

    def _array(self, node: Array) -> Take:
        entry = without_null(node.items)
        if node.traits.internal_type == "MapEntry" and isinstance(entry, Struct):
            return _pairs(self.of(entry.fields["key"]), self.of(entry.fields["value"]))
        take = self.of(node.items)

        def take_items(value: Any) -> list[Any]:
            if not isinstance(value, list):
                _reject("an array")
            return [take(item) for item in value]

        return take_items

    def _union(self, node: Union) -> Take:
        only = without_null(node)
        if only is None:
            return _refuse("one of several types")
        take = self.of(only)
        return lambda value: None if value is None else take(value)


def _primitive(node: Primitive) -> Take:  # noqa: PLR0911 - one case per kind
    match node.kind:
        case "boolean":
            return _take_boolean
        case "int":
            return _integer(_INT)  # of int8 and int16 as well, as in Avro
        case "long":
            return _integer(_LONG)
        case "float":
            return _take_single
        case "double":
            return _take_double
        case "string":
            return _take_text
        case "bytes":
            return _decimal_or_bytes(node)
        case _:
            return _take_null


def _decimal_or_bytes(node: Primitive | Fixed) -> Take:
    is_decimal = node.traits.connect_name == DECIMAL
    return _decimal(node.traits.scale or 0) if is_decimal else _take_bytes


def _refuse(expected: str) -> Take:
    def refuse(_value: Any) -> Any:
        _reject(expected)

    return refuse


def _take_null(value: Any) -> None:
    if value is not None:
        _reject("null")


def _take_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        _reject("true or false")
    return value


def _integer(end: int) -> Take:
    def take_integer(value: Any) -> int:
        if type(value) is not int or not -end <= value < end:
            _reject(f"an integer of {end.bit_length()} bits")
        return value

    return take_integer


def _take_double(value: Any) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        _reject("a number")
    return _finite(value)


def _take_single(value: Any) -> float:
    double = _take_double(value)
    try:
        return float(_SINGLE.unpack(_SINGLE.pack(double))[0])
    except OverflowError:
        _reject("a number of single precision")


def _finite(number: int | Decimal) -> float:
    try:
        double = float(number)
    except OverflowError:
        double = math.inf
    if math.isinf(double):
        _reject("a number of double precision")
    return double


def _take_text(value: Any) -> str:
    if not isinstance(value, str):
        _reject("text")
    return value


def _take_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            pass
    return _reject("bytes in base64")


def _decimal(scale: int) -> Take:
    def take_decimal(value: Any) -> bytes:
        match value:
            case str():
                return _take_bytes(value)
            case int() | Decimal() if not isinstance(value, bool):
                return _unscaled(Decimal(value), scale)
            case _:
                _reject("a decimal, as a number or in base64")

    return take_decimal


def _unscaled(number: Decimal, scale: int) -> bytes:
    """Return the unscaled number; one with more places than `scale` is none of the type."""
    if abs(scale) > MAX_SCALE:
        _reject("a decimal of a scale that databases have")
    scaled = number.scaleb(scale, _EXACT)
    if scaled != scaled.to_integral_value(context=_EXACT):
        _reject(f"a decimal of {scale} places")
    whole = int(scaled)
    return whole.to_bytes(whole.bit_length() // 8 + 1, "big", signed=True)


def _map(take: Take) -> Take:
    def take_map(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            _reject("an object")
        return {name: take(each) for name, each in value.items()}

    return take_map


def _pairs(take_key: Take, take_value: Take) -> Take:
    """Return how a map is read whose keys are no text: `[[key, value], …]`."""

    def take_pairs(value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            _reject("an array of pairs")
        return [_pair(each, take_key, take_value) for each in value]

    return take_pairs


def _pair(value: Any, take_key: Take, take_value: Take) -> dict[str, Any]:
    match value:
        case [key, content]:
            return {"key": take_key(key), "value": take_value(content)}
        case _:
            return _reject("an array of pairs")


def _struct(fields: Mapping[str, Take]) -> Take:
    """Return how a struct is read. What is not there is not null: it is refused."""

    def take_struct(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or value.keys() != fields.keys():
            _reject("an object with exactly the fields of its schema")
        return {name: take(value[name]) for name, take in fields.items()}

    return take_struct


def _reject(expected: str) -> NoReturn:
    message = f"a value that is not {expected}"
    raise MisfitError(message)
