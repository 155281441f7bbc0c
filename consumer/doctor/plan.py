"""Wanted fields against those that exist: what would be created, and what does not fit. Pure.

A field's type is never changed here: what was indexed under the old one would be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consumer.coveo.api.platform_models import Field, FieldType
from consumer.doctor.sent import Kind, WantedField


class Fit(StrEnum):
    """How a wanted field and the index's go together, the best first."""

    FITS = "fits"
    CREATE = "create"
    """It does not exist: its values are taken and not indexed (docs/1546)."""
    BY_HAND = "by_hand"
    """It does not exist, and is of a kind that is not created here."""
    WEAK = "weak"
    """Values are kept, but cannot be used as what they are."""
    UNKNOWN = "unknown"
    """The platform says a type that is not known here."""
    LOSES = "loses"
    """Values that do not convert are dropped by the index, silently (docs/162)."""


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """What is to be done about one wanted field."""

    wanted: WantedField
    fit: Fit
    reason: str
    create: Field | None = None
    """The field as it would be created."""

    @property
    def document(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "field": self.wanted.name,
            "sent": self.wanted.kind.value,
            "list": self.wanted.many,
            "fit": self.fit.value,
            "reason": self.reason,
            "create": None if self.create is None else dict(self.create.body),
        }


TYPE_OF: Final[Mapping[Kind, FieldType]] = {
    Kind.TEXT: FieldType.STRING,
    Kind.INTEGER: FieldType.LONG_64,
    Kind.NUMBER: FieldType.DOUBLE,
    Kind.DATE: FieldType.DATE,
    Kind.ANY: FieldType.STRING,
    Kind.DICTIONARY: FieldType.STRING,
    Kind.MIXED: FieldType.STRING,
}
"""Type of a field that is created; a string field keeps whatever comes."""

_INTEGERS: Final = frozenset({FieldType.LONG, FieldType.LONG_64})


def planned(wanted: Iterable[WantedField], existing: Iterable[Field]) -> tuple[FieldPlan, ...]:
    """Return a plan for each wanted field. Names of fields ignore case (docs/78)."""
    by_name = {field.name.lower(): field for field in existing}
    return tuple(_plan(one, by_name.get(one.name.lower())) for one in wanted)


def to_create(plans: Iterable[FieldPlan]) -> tuple[Field, ...]:
    """Return the fields that do not exist."""
    return tuple(plan.create for plan in plans if plan.create is not None)


def _plan(wanted: WantedField, there: Field | None) -> FieldPlan:
    if there is None and wanted.kind is Kind.DICTIONARY:
        why = "it is sent dictionaries: no page says how such a field is created by a call"
        return FieldPlan(wanted, Fit.BY_HAND, why)
    if there is None:
        return FieldPlan(wanted, Fit.CREATE, _why_this_type(wanted), _new(wanted))
    fit, reason = _fit(wanted.kind, there.type)
    if fit is Fit.FITS and wanted.many and not there.multi_value:
        return FieldPlan(wanted, Fit.WEAK, _why_no_list(there))
    return FieldPlan(wanted, fit, reason)


def _why_no_list(there: Field) -> str:
    if there.type is FieldType.STRING:
        return "it is sent lists, but is no multi-value facet"
    return f"it is sent lists, and {there.type} holds one value: only texts can be several"


def _new(wanted: WantedField) -> Field:
    kind = TYPE_OF[wanted.kind]
    # Only texts can be several values of a facet (docs/162).
    many = wanted.many and kind is FieldType.STRING
    return Field(wanted.name, kind, multi_value=many, description="Filled by coveo-cdc")


def _why_this_type(wanted: WantedField) -> str:
    match wanted.kind:
        case Kind.ANY:
            return "the mapping does not say what it sends: text keeps it; `as` asks for a type"
        case Kind.MIXED:
            return "mappings send different things: only text keeps them all"
        case _:
            lists = "lists of " if wanted.many else ""
            return f"the mapping sends {lists}{wanted.kind}"


def _fit(kind: Kind, there: FieldType) -> tuple[Fit, str]:
    """Return how values of a kind go into a field of a type (docs/162)."""
    fits = (Fit.FITS, there.value)
    match kind, there:
        case _, FieldType.UNKNOWN:
            fits = Fit.UNKNOWN, "the platform gives it a type that is not known here"
        case _, FieldType.VECTOR:
            fits = Fit.LOSES, "it is a vector field, which no mapping fills"
        case Kind.ANY, _:
            fits = Fit.FITS, f"{there}; the mapping does not say what it sends"
        case ((Kind.TEXT | Kind.MIXED), FieldType.STRING):
            pass
        case Kind.DICTIONARY, _ if there is not FieldType.DATE:
            fits = Fit.FITS, f"{there}; whether it is a dictionary field is not known here"
        case _, FieldType.STRING:
            fits = Fit.WEAK, f"it is STRING, is sent {kind}: no ranges, and sorted as text"
        case _:
            fits = _fit_narrow(kind, there)
    return fits


def _fit_narrow(kind: Kind, there: FieldType) -> tuple[Fit, str]:
    match kind:
        case Kind.INTEGER if there in {FieldType.LONG_64, FieldType.DOUBLE}:
            return Fit.FITS, there.value
        case Kind.INTEGER if there is FieldType.LONG:
            return Fit.WEAK, "it is LONG: integers of more than 32 bits are dropped"
        case Kind.NUMBER if there is FieldType.DOUBLE:
            return Fit.FITS, there.value
        case Kind.NUMBER if there in _INTEGERS:
            return Fit.LOSES, f"it is {there}, is sent number: fractions are lost"
        case Kind.DATE if there is FieldType.DATE:
            return Fit.FITS, there.value
        case _:
            return Fit.LOSES, f"it is {there}, is sent {kind}: what does not convert is dropped"
