"""What must be certain before an item goes out: the values that say who may see it (INV-6).

Unknown is denied: a null or a default that may stand for another value is not taken for one. Only a
mapping can say that it is one. Imports the domain only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from consumer.domain.errors import PoisonError
from consumer.domain.events import Doubt, DoubtKind
from consumer.mapping.reasons import Reason
from consumer.mapping.spec import GrantSpec, PermissionsSpec


@dataclass(frozen=True, slots=True)
class Certainty:
    """The doubts that a mapping does not let pass, and the columns that its plan marks for it."""

    refused: frozenset[Doubt] = frozenset()
    unmarked: frozenset[str] = frozenset()

    @property
    def strict(self) -> frozenset[str]:
        """Return the columns to look at for doubts."""
        return frozenset(doubt.column for doubt in self.refused)

    def check(self, doubts: Iterable[Doubt]) -> None:
        """Raise PoisonError for the first doubt that is refused."""
        for doubt in doubts:
            if doubt in self.refused:
                raise _refusal(doubt)


def certainty_of(permissions: PermissionsSpec | None) -> Certainty:
    """Return what permissions ask for: every column of theirs, but for what they declare."""
    if permissions is None:
        return Certainty()
    grants = [one for one in (*permissions.allowed, *permissions.denied) if one.column is not None]
    return Certainty(
        refused=frozenset(doubt for one in grants for doubt in _refused(one)),
        unmarked=frozenset(one.column or "" for one in grants if one.null_means_nobody is False),
    )


def _refused(grant: GrantSpec) -> Iterable[Doubt]:
    column = grant.column or ""
    if grant.null_means_nobody is not True:
        yield Doubt(column, DoubtKind.NULL)
    if not grant.default_is_value:
        yield Doubt(column, DoubtKind.DEFAULT)


def _refusal(doubt: Doubt) -> PoisonError:
    message = f"column '{doubt.column}' says who may see the item, and {_WHY[doubt.kind]}"
    return PoisonError(_REASONS[doubt.kind], message)


_REASONS: Final = {
    DoubtKind.NULL: Reason.AMBIGUOUS_NULL,
    DoubtKind.DEFAULT: Reason.AMBIGUOUS_DEFAULT,
}
_WHY: Final = {
    DoubtKind.NULL: (
        "its null may stand for a large value that did not change, which the connector leaves out "
        "without a marker; give the table full row images (PostgreSQL: REPLICA IDENTITY FULL), or "
        "declare 'null_means_nobody: true' if the column never holds large values"
    ),
    DoubtKind.DEFAULT: (
        "it holds the column's default, which converters also write for null; declare "
        "'default_is_value: true' if the converter does not (ignore.default.for.nullables) or the "
        "column is never null, or drop the default"
    ),
}
