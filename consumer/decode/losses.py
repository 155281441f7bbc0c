"""Values that nothing can hold or that arrive damaged: counted. Standard library only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias


class Loss(StrEnum):
    """Why a value is not what the row has; a closed set, used as a metric label."""

    DATE_OUT_OF_RANGE = "date_out_of_range"
    """±infinity, before year 1 or after year 9999."""
    UNREADABLE_TIME = "unreadable_time"
    """A temporal text or structure that says no moment."""
    NOT_FINITE = "not_finite"
    """NaN or ±infinity: JSON has no word for them."""
    GEOMETRY = "geometry"
    """A shape that is not well-formed WKB, empty where a point is needed, or of an unknown kind."""
    NULLS_ONLY = "nulls_only"
    """An array of nulls and nothing else: what PostgreSQL's connector makes of nested arrays."""
    OVERSIZED_BITS = "oversized_bits"
    """A bit string too long to be one number."""


Lose: TypeAlias = Callable[[Loss], None]
"""Counts one lost value; the converter then returns None."""


class Losses:
    """How often each loss occurred since the decoder was built."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._counts: Counter[Loss] = Counter()

    def add(self, loss: Loss) -> None:
        """Count one value."""
        self._counts[loss] += 1

    def counts(self) -> Mapping[Loss, int]:
        """Return a copy of the counts."""
        return dict(self._counts)
