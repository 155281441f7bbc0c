"""Exact and finite numbers."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from consumer.decode import numeric
from consumer.decode.losses import Loss, Losses
from consumer.domain.errors import PoisonError


def ignore(_loss: Loss) -> None:
    """Count nothing."""


@pytest.mark.parametrize(
    ("unscaled", "scale", "expected"),
    [
        (b"\x04\xd2", 2, "12.34"),
        (b"\xff", 2, "-0.01"),
        (b"", 0, "0"),
        (b"\x05", -2, "5E+2"),
        ((10**38 - 1).to_bytes(16, "big"), 0, "9" * 38),
        ((10**60 + 1).to_bytes(26, "big"), 60, "1." + "0" * 59 + "1"),
    ],
)
def test_decimals_keep_every_digit(unscaled: bytes, scale: int, expected: str) -> None:
    """Fastavro rounds to the schema's precision, Python's default context to 28 digits."""
    assert numeric.exact(unscaled, scale) == Decimal(expected)
    assert str(numeric.exact(unscaled, scale)) == expected


def test_a_negative_scale_leaves_no_zeros_behind() -> None:
    """PostgreSQL's `numeric(3,-2)` arrives with scale 2046, and with 2,048 zeros to fill it."""
    unscaled = (12_300 * 10**2046).to_bytes(1_000, "big")
    assert f"{numeric.exact(unscaled, 2046):f}" == "12300"


@pytest.mark.parametrize(
    ("unscaled", "scale"), [(bytes(8_193), 0), (b"\1", 20_000), (b"\1", -(2**31))]
)
def test_monstrous_decimals_are_poison(unscaled: bytes, scale: int) -> None:
    """Reading or writing them would take seconds, or all memory."""
    with pytest.raises(PoisonError, match="a decimal of"):
        numeric.exact(unscaled, scale)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_none_and_counted(number: float) -> None:
    """JSON has no word for it."""
    losses = Losses()
    assert numeric.finite(number, losses.add) is None
    assert numeric.finite_single(number, losses.add) is None
    assert losses.counts() == {Loss.NOT_FINITE: 2}


@pytest.mark.parametrize(
    ("widened", "expected"),
    [
        (0.10000000149011612, 0.1),
        (3.4028234663852886e38, 3.4028235e38),
        (16777216.0, 16777216.0),
        (-0.0, -0.0),
    ],
)
def test_single_floats_read_as_the_database_shows_them(widened: float, expected: float) -> None:
    """0.10000000149011612 in an index is nobody's value."""
    assert numeric.finite_single(widened, ignore) == expected
    assert len(repr(numeric.finite_single(widened, ignore))) <= len(repr(widened))


@pytest.mark.parametrize(
    ("shown", "widened"),
    [(1e-45, 2.0**-149), (-1.1e-44, -8 * 2.0**-149), (1.1754942e-38, 2.0**-126 - 2.0**-149)],
)
def test_the_smallest_single_floats_have_fewer_digits(shown: float, widened: float) -> None:
    """Below the normal range PostgreSQL shows 1e-45, as fewer digits tell neighbours apart."""
    assert numeric.finite_single(widened, ignore) == shown


def test_bits_are_little_endian() -> None:
    """Unlike everything else on the wire."""
    assert numeric.int_of_bits(b"\x55\x01", ignore) == 341


def test_very_long_bits_are_none_and_counted() -> None:
    """An int of more than 4,300 digits cannot be written out."""
    losses = Losses()
    assert numeric.int_of_bits(bytes(1_025), losses.add) is None
    assert losses.counts() == {Loss.OVERSIZED_BITS: 1}
