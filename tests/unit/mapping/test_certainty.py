"""Values that may stand for others: an item is whole or not pushed, unknown is denied (INV-6)."""

from __future__ import annotations

import dataclasses

import pytest

from consumer.domain.errors import PoisonError
from consumer.domain.events import Doubt, DoubtKind, Op
from consumer.domain.operations import DeleteItem, UpsertItem
from consumer.mapping.problems import MappingErrors
from consumer.mapping.spec import MappingSpec
from tests.unit.mapping.making import change, compiled, operations, route_of, spec

LEFT_OUT = Doubt("barred", DoubtKind.LEFT_OUT)
RARELY = Doubt("barred", DoubtKind.RARELY_LEFT_OUT)
DEFAULT = Doubt("barred", DoubtKind.DEFAULT)


def barring(**keys: object) -> MappingSpec:
    """Return a mapping whose column `barred` says who may not see an item."""
    everyone = {"type": "group", "constant": "everyone"}
    denied = {"type": "user", "column": "barred"}
    permissions = {"allowed": [everyone], "denied": [denied]}
    return spec(target="closed", permissions=permissions, **keys)


def refused(mapping: MappingSpec, *doubts: Doubt) -> str | None:
    """Return why an update with these doubts is set aside, if it is."""
    route = route_of(mapping)
    row = {"id": 1, "barred": None}
    event = dataclasses.replace(change(route, Op.UPDATE, row, row), doubts=doubts)
    try:
        (made,) = operations(route, event)
    except PoisonError as error:
        return error.reason
    assert isinstance(made, UpsertItem)
    return None


def test_doubtful_permissions_are_refused() -> None:
    """Read as nobody, a null that stands for two users would let both in."""
    assert refused(barring(), LEFT_OUT) == "ambiguous_null"
    assert refused(barring(), RARELY) == "ambiguous_null"
    assert refused(barring(), DEFAULT) == "ambiguous_default"
    assert refused(barring(), Doubt("other", DoubtKind.LEFT_OUT)) is None
    allowed = spec(target="closed", permissions={"allowed": [{"type": "user", "column": "barred"}]})
    assert refused(allowed, LEFT_OUT) == "ambiguous_null"


def test_a_mapping_can_declare_what_cannot_be_seen() -> None:
    """Each declaration is about one kind of doubt; the other remains."""
    assert refused(barring(never_left_out=["barred"]), LEFT_OUT) is None
    assert refused(barring(never_left_out=["barred"]), RARELY) is None
    assert refused(barring(never_left_out=["barred"]), DEFAULT) == "ambiguous_default"
    for every in (["barred"], True):
        assert refused(barring(default_is_value=every), DEFAULT) is None
        assert refused(barring(default_is_value=every), LEFT_OUT) == "ambiguous_null"
    assert refused(barring(may_be_left_out=["barred"]), LEFT_OUT) == "ambiguous_null"


USES = {
    "title": spec(title="barred"),
    "body": spec(body="barred"),
    "extension": spec(file_extension={"column": "barred"}),
    "field": spec(fields={"x": "barred"}),
    "expression": spec(fields={"x": {"expression": "row.barred == null"}}),
    "parent": spec(parent_id="kb://{barred}"),
    "condition": spec(when="row.barred == null"),
}


@pytest.mark.parametrize("mapping", USES.values(), ids=USES)
def test_a_value_that_may_be_left_out_is_never_pushed_as_none(mapping: MappingSpec) -> None:
    """The item would lose what its row still has, or the row its item."""
    assert refused(mapping, LEFT_OUT) == "unavailable_value"
    declared = mapping.model_copy(update={"never_left_out": ("barred",)})
    assert refused(declared, LEFT_OUT) is None


@pytest.mark.parametrize("mapping", USES.values(), ids=USES)
def test_what_is_hardly_doubtful_is_believed_outside_of_permissions(mapping: MappingSpec) -> None:
    """A column of prices without a bound would otherwise set aside every row without a price."""
    assert refused(mapping, RARELY, DEFAULT) is None


def test_an_id_made_of_the_row_must_be_certain() -> None:
    """Of a null it would be none, and the row's item would stay as it was."""
    mapping = spec(id="kb://{barred}", full_before_images=True)
    assert refused(mapping, LEFT_OUT) == "unavailable_value"


def watched(*mappings: MappingSpec) -> tuple[set[str], set[str], set[str]]:
    """Return the columns that may be left out, of these the unmarked, and those with defaults."""
    plan = route_of(*mappings).plan
    return {*plan.left_out}, {*plan.unmarked}, {*plan.defaults}


def test_the_plan_says_which_columns_must_be_certain() -> None:
    """Decoding looks at these alone; what all mappings of a topic declare is not looked for."""
    assert watched(barring(title="name")) == ({"barred", "name"}, set(), {"barred", "name"})
    declared = barring(title="name", never_left_out=["name"], default_is_value=True)
    assert watched(declared) == ({"barred"}, set(), set())
    other = spec(id="kb://other/{id}", title="name", may_be_left_out=["name"])
    assert watched(declared, other) == ({"barred", "name"}, {"name"}, {"name"})


def test_a_row_that_is_not_shown_needs_no_certainty() -> None:
    """A delete shows nobody anything."""
    mapping = barring().model_copy(update={"when": "row.live"})
    route = route_of(mapping)
    row = {"id": 1, "live": False}
    event = dataclasses.replace(change(route, Op.UPDATE, row), doubts=(LEFT_OUT,))
    (made,) = operations(route, event)
    assert isinstance(made, DeleteItem)


@pytest.mark.parametrize("key", ["may_be_left_out", "never_left_out", "default_is_value"])
def test_declarations_are_about_columns_that_are_used(key: str) -> None:
    """A name that is misspelt would declare nothing, and nobody would see it."""
    with pytest.raises(MappingErrors, match=rf"{key}: .*no column 'bared'; did you mean 'barred'"):
        compiled(barring(**{key: ["bared"]}))


def test_a_column_is_left_out_or_not() -> None:
    """Both at once says nothing."""
    with pytest.raises(MappingErrors, match="never_left_out: 'barred' is in 'may_be_left_out'"):
        compiled(barring(may_be_left_out=["barred"], never_left_out=["barred"]))


def test_a_refusal_of_permissions_comes_first() -> None:
    """Its reason is the graver one."""
    doubts = (Doubt("title", DoubtKind.LEFT_OUT), RARELY)
    assert refused(barring(title="title"), *doubts) == "ambiguous_null"
