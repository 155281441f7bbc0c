"""Wanted fields against those that exist."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.coveo.api.platform_models import Field, FieldType
from consumer.doctor.plan import TYPE_OF, Fit, planned, to_create
from consumer.doctor.sent import Kind, WantedField

NAMES = st.sampled_from(["a", "b", "c", "d"])
WANTED = st.lists(
    st.builds(WantedField, NAMES, st.sampled_from(Kind), st.booleans()),
    unique_by=lambda one: one.name,
)
EXISTING = st.lists(
    st.builds(Field, NAMES.map(str.upper) | NAMES, st.sampled_from(FieldType), st.booleans())
)

_ALL = set(FieldType) - {FieldType.UNKNOWN}
FITS = {
    Kind.TEXT: {FieldType.STRING},
    Kind.MIXED: {FieldType.STRING},
    Kind.INTEGER: {FieldType.LONG_64, FieldType.DOUBLE},
    Kind.NUMBER: {FieldType.DOUBLE},
    Kind.DATE: {FieldType.DATE},
    Kind.ANY: _ALL - {FieldType.VECTOR},
    Kind.DICTIONARY: _ALL - {FieldType.VECTOR, FieldType.DATE},
}
WEAK = {
    Kind.INTEGER: {FieldType.LONG, FieldType.STRING},
    Kind.NUMBER: {FieldType.STRING},
    Kind.DATE: {FieldType.STRING},
}


def fit(kind: Kind, there: Field | None) -> Fit:
    """Return how something that is sent and a field go together."""
    (plan,) = planned([WantedField("f", kind)], [] if there is None else [there])
    return plan.fit


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("there", sorted(_ALL))
def test_each_kind_goes_into_some_types_only(kind: Kind, there: FieldType) -> None:
    """The table, every cell: what is in neither half loses values (docs/162)."""
    expected = Fit.FITS if there in FITS[kind] else Fit.LOSES
    expected = Fit.WEAK if there in WEAK.get(kind, ()) else expected
    assert fit(kind, Field("f", there)) is expected


def test_a_type_that_is_not_known_here_is_not_judged() -> None:
    """Coveo may add types; nobody can say what goes into them."""
    assert fit(Kind.TEXT, Field("f", FieldType.UNKNOWN)) is Fit.UNKNOWN


def test_a_dictionary_field_is_never_created_here() -> None:
    """No page says how; a plain one would drop everything."""
    plans = planned([WantedField("f", Kind.DICTIONARY)], [])
    assert [plan.fit for plan in plans] == [Fit.BY_HAND]
    assert to_create(plans) == ()


def test_lists_need_a_multi_value_facet() -> None:
    """Without it a facet shows all values as one."""
    wanted = [WantedField("f", Kind.TEXT, many=True)]
    plain, multi = (Field("f", FieldType.STRING, multi_value=each) for each in (False, True))
    assert [planned(wanted, [one])[0].fit for one in (plain, multi)] == [Fit.WEAK, Fit.FITS]
    (created,) = to_create(planned(wanted, []))
    assert created.multi_value


def test_names_ignore_case() -> None:
    """The index does: a field `Price` is there when `price` is sent."""
    assert fit(Kind.TEXT, Field("F", FieldType.STRING)) is Fit.FITS


@given(WANTED, EXISTING)
def test_what_was_created_is_never_created_again(
    wanted: list[WantedField], existing: list[Field]
) -> None:
    """`fields apply` done twice changes nothing, and what it made fits."""
    created = to_create(planned(wanted, existing))
    again = planned(wanted, [*existing, *created])
    assert to_create(again) == ()
    names = {each.name for each in created}
    fits = {one.fit for one in again if one.wanted.name in names}
    assert fits <= {Fit.FITS, Fit.WEAK}
    assert all(one.wanted.many for one in again if one.wanted.name in names and one.fit is Fit.WEAK)


@given(WANTED, EXISTING)
def test_what_exists_is_never_touched(wanted: list[WantedField], existing: list[Field]) -> None:
    """Changing a type loses what was indexed under the old one."""
    there = {each.name.lower() for each in existing}
    plans = planned(wanted, existing)
    assert not there & {each.name for each in to_create(plans)}
    assert [plan.wanted for plan in plans] == wanted


def test_every_kind_has_a_type() -> None:
    """A kind without one could not be created."""
    assert TYPE_OF.keys() == set(Kind)
