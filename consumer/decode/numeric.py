"""Decimals, floats and bit strings → exact or finite numbers. Imports the domain."""

from __future__ import annotations

import math
import struct
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any, Final

from consumer.decode.losses import Lose, Loss
from consumer.decode.poison import PoisonReason, poison
from consumer.domain.events import Value

MAX_SCALE: Final = 16_383
"""PostgreSQL's most digits behind the point; Oracle and the others stay below."""

_MAX_DECLARED_SCALE: Final = 1_000
"""Of PostgreSQL's `numeric(p, s)`. Debezium writes scale -2 as 2046 and the number with so many
zeros behind the point (reference `debezium.md` §3.1): above it they say nothing."""

_MAX_UNSCALED_BYTES: Final = 8_192  # 19,700 digits in 5 ms; the time grows with their square
_MAX_BITS_BYTES: Final = 1_024  # an int of more than 4,300 digits cannot be written out
_EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_FLOAT: Final = struct.Struct("<f")


def exact(unscaled: bytes, scale: int) -> Decimal:
    """Return `unscaled` (big-endian, two's complement) with `scale` decimal places, exactly.

    Raises PoisonError beyond what any database holds: numbers so large would stall the process.
    """
    if len(unscaled) > _MAX_UNSCALED_BYTES or abs(scale) > MAX_SCALE:
        message = f"a decimal of {len(unscaled)} bytes and scale {scale}"
        raise poison(PoisonReason.UNDECODABLE, message)
    number = Decimal(int.from_bytes(unscaled, "big", signed=True))
    scaled = number.scaleb(-scale, _EXACT)
    return scaled.normalize(_EXACT) if scale > _MAX_DECLARED_SCALE else scaled


def exact_of_parts(parts: dict[str, Any], _lose: Lose) -> Value:
    """Return a VariableScaleDecimal: `{scale, value}`."""
    return exact(parts["value"], parts["scale"])


def finite(number: float, lose: Lose) -> Value:
    """Return a double, or None for NaN and ±infinity."""
    if math.isfinite(number):
        return number
    lose(Loss.NOT_FINITE)
    return None


def finite_single(number: float, lose: Lose) -> Value:
    """Return the shortest double that is the same single: 0.1, not 0.10000000149011612."""
    if not math.isfinite(number):
        return finite(number, lose)
    encoded = _FLOAT.pack(number)
    for digits in range(6 if abs(number) >= _MIN_NORMAL_SINGLE else 1, 9):
        shortest = float(f"{number:.{digits}g}")
        if abs(shortest) < _OVERFLOWS_SINGLE and _FLOAT.pack(shortest) == encoded:
            return shortest
    return float(f"{number:.9g}")


def int_of_bits(bits: bytes, lose: Lose) -> Value:
    """Return a bit string, little-endian, as a number."""
    if len(bits) > _MAX_BITS_BYTES:
        lose(Loss.OVERSIZED_BITS)
        return None
    return int.from_bytes(bits, "little")


_OVERFLOWS_SINGLE: Final = 2.0**128 - 2.0**103
"""Half a step above the largest single: from here on a number is rounded to infinity (IEEE 754)."""
_MIN_NORMAL_SINGLE: Final = 2.0**-126
"""From here on six digits tell any two singles apart that differ in them (IEEE 754); below, less.
"""
