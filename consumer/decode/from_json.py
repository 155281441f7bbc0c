"""A value that Connect wrote as JSON → what Avro would have given for it. Imports the domain.

For values whose type is known from elsewhere. Bytes are base64 in JSON; a decimal is that too, of
its unscaled digits, or a number (`decimal.format=NUMERIC`, and every header of Kafka's simple
converter).
"""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from typing import Any, Final

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

_DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"
_MAX_DIGITS: Final = 1_000
_KINDS: Final[dict[str, tuple[Any, ...]]] = {
    "boolean": (bool,),
    "int": (int,),
    "long": (int,),
    "float": (int, Decimal),
    "double": (int, Decimal),
    "string": (str,),
}


class NotOfTypeError(Exception):
    """A JSON value that no value of the type is written as; the message holds no data."""


def raw_of(node: AvroType, value: Any) -> Any:
    """Return the raw value. `value` was parsed with fractions as Decimal.

    Raises NotOfTypeError.
    """
    match node:
        case Union():
            return None if value is None else raw_of(_only_branch(node), value)
        case Array() | Map() | Struct():
            return _container(node, value)
        case Primitive(kind="bytes") | Fixed():
            return _bytes(node, value)
        case Primitive():
            return _primitive(node, value)
        case Enumeration():
            return _only(str, value)


def _only_branch(node: Union) -> AvroType:
    only = without_null(node)
    if only is None:
        message = "one of several types"
        raise NotOfTypeError(message)
    return only


def _container(node: Array | Map | Struct, value: Any) -> Any:
    match node:
        case Array(items=items):
            return [raw_of(items, each) for each in _only(list, value)]
        case Map(values=values):
            return {key: raw_of(values, each) for key, each in _only(dict, value).items()}
        case Struct():
            return _struct(node, value)


def _struct(node: Struct, value: Any) -> dict[str, Any]:
    fields = _only(dict, value)
    if fields.keys() != node.fields.keys():
        message = "other fields than the record's"
        raise NotOfTypeError(message)
    return {name: raw_of(each, fields[name]) for name, each in node.fields.items()}


def _primitive(node: Primitive, value: Any) -> Any:
    kinds = _KINDS.get(node.kind, ())
    if type(value) not in kinds:
        message = f"no {node.kind}"
        raise NotOfTypeError(message)
    return float(value) if node.kind in {"float", "double"} else value


def _bytes(node: Primitive | Fixed, value: Any) -> bytes:
    match value:
        case str():
            try:
                return base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                message = "no base64"
        case int() | Decimal() if node.traits.connect_name == _DECIMAL:
            return _unscaled(Decimal(value), node.traits.scale or 0)
        case _:
            message = "no bytes"
    raise NotOfTypeError(message)


def _unscaled(number: Decimal, scale: int) -> bytes:
    sign, digits, exponent = number.as_tuple()
    zeros = exponent + scale if isinstance(exponent, int) else -1
    if not 0 <= zeros <= _MAX_DIGITS or len(digits) > _MAX_DIGITS:
        message = "a decimal of another scale"
        raise NotOfTypeError(message)
    unscaled = int("".join(map(str, digits))) * 10**zeros
    signed: int = -unscaled if sign else unscaled
    return signed.to_bytes(signed.bit_length() // 8 + 1, "big", signed=True)


def _only(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        message = f"no {kind.__name__}"
        raise NotOfTypeError(message)
    return value
