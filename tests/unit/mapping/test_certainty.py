"""Permissions of values that may stand for others: unknown is denied (INV-6)."""

from __future__ import annotations

import dataclasses

import pytest

from consumer.domain.errors import PoisonError
from consumer.domain.events import Doubt, DoubtKind, Op
from consumer.domain.operations import DeleteItem, UpsertItem
from consumer.mapping.problems import MappingErrors
from consumer.mapping.spec import MappingSpec
from tests.unit.mapping.making import change, compiled, operations, route_of, spec

NULL = Doubt("barred", DoubtKind.NULL)
DEFAULT = Doubt("barred", DoubtKind.DEFAULT)


def barring(**keys: object) -> MappingSpec:
    """Return a mapping whose column `barred` says who may not see an item."""
    everyone = {"type": "group", "constant": "everyone"}
    denied = {"type": "user", "column": "barred", **keys}
    return spec(target="closed", permissions={"allowed": [everyone], "denied": [denied]})


def refused(mapping: MappingSpec, *doubts: Doubt) -> str | None:
    """Return why an update with these doubts is set aside, if it is."""
    route = route_of(mapping)
    event = dataclasses.replace(change(route, Op.UPDATE, {"id": 1}), doubts=doubts)
    try:
        (made,) = operations(route, event)
    except PoisonError as error:
        return error.reason
    assert isinstance(made, UpsertItem)
    return None


def test_doubtful_permissions_are_refused() -> None:
    """Read as nobody, a null that stands for two users would let both in."""
    assert refused(barring(), NULL) == "ambiguous_null"
    assert refused(barring(), DEFAULT) == "ambiguous_default"
    assert refused(barring(), Doubt("other", DoubtKind.NULL)) is None
    allowed = spec(target="closed", permissions={"allowed": [{"type": "user", "column": "barred"}]})
    assert refused(allowed, NULL) == "ambiguous_null"


def test_a_mapping_can_declare_what_cannot_be_seen() -> None:
    """Each declaration is about one doubt; the other remains."""
    assert refused(barring(null_means_nobody=True), NULL) is None
    assert refused(barring(null_means_nobody=True), DEFAULT) == "ambiguous_default"
    assert refused(barring(default_is_value=True), DEFAULT) is None
    assert refused(barring(default_is_value=True), NULL) == "ambiguous_null"
    assert refused(barring(null_means_nobody=False), NULL) == "ambiguous_null"


def test_the_plan_says_which_columns_must_be_certain() -> None:
    """Decoding looks at these alone; only a column that is declared so doubts every null."""
    plan = route_of(barring()).plan
    assert (plan.strict, plan.unmarked) == (frozenset({"barred"}), frozenset())
    assert route_of(barring(null_means_nobody=False)).plan.unmarked == {"barred"}
    both = barring(null_means_nobody=True, default_is_value=True)
    assert route_of(both).plan.strict == frozenset()
    assert route_of(spec(title="barred")).plan.strict == frozenset()


def test_a_row_that_is_not_shown_needs_no_certainty() -> None:
    """A delete shows nobody anything."""
    mapping = barring().model_copy(update={"when": "row.live"})
    route = route_of(mapping)
    row = {"id": 1, "live": False}
    event = dataclasses.replace(change(route, Op.UPDATE, row), doubts=(NULL,))
    (made,) = operations(route, event)
    assert isinstance(made, DeleteItem)


@pytest.mark.parametrize("key", ["null_means_nobody", "default_is_value"])
def test_declarations_are_about_columns(key: str) -> None:
    """A constant is always certain."""
    grant = {"type": "group", "constant": "staff", key: True}
    with pytest.raises(MappingErrors, match=f"'{key}'.*go with 'column' only"):
        compiled(spec(target="closed", permissions={"allowed": [grant]}))
