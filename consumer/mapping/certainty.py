"""What must be certain before an item goes out: every value of it, and who may see it (INV-6).

A null or default that may stand for another value is taken for one only where that cannot be, or
where the mapping says so; see ADR 12. Imports the domain only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from consumer.domain.errors import PoisonError
from consumer.domain.events import Doubt, DoubtKind
from consumer.mapping.problems import Findings, Path
from consumer.mapping.reasons import Reason
from consumer.mapping.spec import MappingSpec

USING: Final = (
    *("when", "id", "full_before_images", "title", "body", "file_extension", "parent_id"),
    *("fields", "permissions"),
)
"""The parts of a mapping that use columns: while one of them is wrong, it is not known which."""


@dataclass(frozen=True, slots=True)
class Uses:
    """Which columns a mapping uses, and what for."""

    deciding: frozenset[str]
    """Whether there is an item at all, and which: a condition, an id made of the row."""
    shown: frozenset[str]
    granting: frozenset[str]
    """Who may see it."""

    @property
    def all(self) -> frozenset[str]:
        """Return every column."""
        return self.deciding | self.shown | self.granting


@dataclass(frozen=True, slots=True)
class Certainty:
    """The doubts that a mapping does not let pass, and what a plan must look for because of it."""

    uses: Uses
    never_left_out: frozenset[str] = frozenset()
    may_be_left_out: frozenset[str] = frozenset()
    default_is_value: frozenset[str] = frozenset()

    @property
    def left_out(self) -> frozenset[str]:
        """Return the columns whose value an event may lack without saying so."""
        return self.uses.all - self.never_left_out

    @property
    def defaults(self) -> frozenset[str]:
        """Return the columns whose default may stand for null."""
        return self.uses.all - self.default_is_value

    @property
    def decision(self) -> Gate:
        """Return the check to pass before it is decided whether there is an item."""
        return Gate(self._refused(self.uses.deciding))

    @property
    def item(self) -> Gate:
        """Return the check to pass before an item goes out."""
        granting = self.uses.granting
        rare = _all(DoubtKind.RARELY_LEFT_OUT, granting & self.left_out)
        defaults = _all(DoubtKind.DEFAULT, granting & self.defaults)
        return Gate(self._refused(self.uses.shown | granting) | rare | defaults, granting)

    def _refused(self, columns: frozenset[str]) -> frozenset[Doubt]:
        return _all(DoubtKind.LEFT_OUT, columns & self.left_out)


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets through what is certain; columns of `granting` are about who may see an item."""

    refused: frozenset[Doubt] = frozenset()
    granting: frozenset[str] = frozenset()

    def check(self, doubts: Iterable[Doubt]) -> None:
        """Raise PoisonError for the first doubt that is refused, grants before anything else."""
        met = [doubt for doubt in doubts if doubt in self.refused]
        for doubt in sorted(met, key=lambda each: each.column not in self.granting):
            raise _refusal(doubt, grants=doubt.column in self.granting)


def certainty_of(spec: MappingSpec, uses: Uses, path: Path, found: Findings) -> Certainty:
    """Return what a mapping asks for; declarations that cannot be meant are noted in `found`."""
    defaults = spec.default_is_value
    named = defaults if isinstance(defaults, tuple) else ()
    _check_used(spec.may_be_left_out, uses, (*path, "may_be_left_out"), found)
    _check_used(spec.never_left_out, uses, (*path, "never_left_out"), found)
    _check_used(named, uses, (*path, "default_is_value"), found)
    either = ((*path, "never_left_out"), (*path, "may_be_left_out"))
    for name in sorted({*spec.may_be_left_out} & {*spec.never_left_out}):
        message = f"'{name}' is in 'may_be_left_out' as well; it can be in one of them only"
        found.add((*path, "never_left_out"), message, *either)
    return Certainty(
        uses,
        never_left_out=frozenset(spec.never_left_out),
        may_be_left_out=frozenset(spec.may_be_left_out),
        default_is_value=uses.all if defaults is True else frozenset(named),
    )


def _check_used(names: Iterable[str], uses: Uses, path: Path, found: Findings) -> None:
    for name in names:
        if name not in uses.all:
            close = get_close_matches(name, uses.all, n=1)
            hint = f"; did you mean '{close[0]}'" if close else ""
            parts = ((*path[:-1], key) for key in USING)
            found.add(path, f"the mapping uses no column '{name}'{hint}", path, *parts)


def _all(kind: DoubtKind, columns: Iterable[str]) -> frozenset[Doubt]:
    return frozenset(Doubt(column, kind) for column in columns)


def _refusal(doubt: Doubt, *, grants: bool) -> PoisonError:
    if doubt.kind is DoubtKind.DEFAULT:
        return PoisonError(Reason.AMBIGUOUS_DEFAULT, f"column '{doubt.column}' {_DEFAULT}")
    if grants:
        what = "says who may see the item, and "
        return PoisonError(Reason.AMBIGUOUS_NULL, f"column '{doubt.column}' {what}{_LEFT_OUT}")
    return PoisonError(Reason.UNAVAILABLE_VALUE, f"column '{doubt.column}': {_LEFT_OUT}")


_LEFT_OUT: Final = (
    "its null may stand for a large value that did not change, which the connector leaves out "
    "without a marker; give the table full row images (PostgreSQL: REPLICA IDENTITY FULL) and, if "
    "the old row does not show that it is whole, say so by 'full_before_images'; or name it in "
    "'never_left_out' if it never holds large values; in JSON without schemas, declare its type in "
    "'column_types'"
)
_DEFAULT: Final = (
    "says who may see the item, and it holds the column's default, which converters also write for "
    "null (without a schema nobody knows what the default is, so any value may be it); name it in "
    "'default_is_value' if the converter does not (ignore.default.for.nullables, "
    "replace.null.with.default) or the column is never null, or drop the default"
)
