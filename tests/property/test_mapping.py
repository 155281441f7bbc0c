"""Mapping: total, repeatable, injective in its ids, and closed by default."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.access import Permissions
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import (
    UNAVAILABLE,
    ChangeEvent,
    ControlKind,
    ControlRecord,
    Doubt,
    DoubtKind,
    Event,
    Op,
    Row,
    SourceInfo,
    Tombstone,
    Truncate,
    Value,
)
from consumer.domain.operations import Operation, SkipReason, UpsertItem
from consumer.mapping.catalog import Destination
from consumer.mapping.collide import can_lie_below, can_meet
from consumer.mapping.compile import compile_mappings
from consumer.mapping.part import Scope
from consumer.mapping.problems import BadSpecError
from consumer.mapping.reasons import Reason
from consumer.mapping.route import Route
from consumer.mapping.spec import MappingSpec
from consumer.mapping.template import Template, compile_template, parse_document_id
from consumer.mapping.topics import named

_SOURCE: Final = SourceInfo("mysql", "s", "d", "", "t", None, "false")
_RICH: Final[Mapping[str, object]] = {
    "topics": "t",
    "target": "closed",
    "id": "kb://{a}/{b}",
    "when": "row.c == null || row.c == true || size(row.d) > 0",
    "title": "d",
    "body": {"column": "e", "kind": "text"},
    "file_extension": {"column": "k"},
    "parent_id": "kb://{g}",
    "fields": {
        "plain": "h",
        "number": {"column": "d", "as": "number"},
        "date": {"column": "e", "as": "date"},
        "pick": {"column": "f", "json": "/a/0", "split": ","},
        "made": {"expression": "row.g == null ? [row.h] : [row.g, row.d]"},
        "url": {"template": "https://{h}"},
    },
    "permissions": {
        "allowed": [
            {"type": "user", "column": "i"},
            {"type": "group", "column": "h", "split": ","},
        ],
        "denied": [{"type": "user", "column": "j", "json": "/x"}],
    },
}
_BY_ROW: Final = {**_RICH, "id": "row://{a}/{h}", "full_before_images": True}


def _route(*specs: Mapping[str, object]) -> Route:
    made = [MappingSpec.model_validate(one) for one in specs]
    route = compile_mappings(
        made, {"closed": Destination(secured=True), "open": Destination(secured=False)}
    ).route("t")
    assert route is not None
    return route


T = TypeVar("T")
ROUTE: Final = _route(_RICH, _BY_ROW)
COLUMNS: Final = (*ROUTE.plan.columns, *ROUTE.plan.exact_columns)

texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["2024-02-29", "a,b", '{"a": ["x,y"]}', '{"x": null}', "1e5", "pdf"]),
    st.just("\ud800"),
)
numbers = st.one_of(st.integers(), st.floats(), st.decimals(), st.just(Decimal("sNaN")))
scalars = st.one_of(st.none(), st.booleans(), numbers, st.binary(max_size=4), texts)
values: st.SearchStrategy[Value] = st.recursive(
    st.one_of(scalars, st.just(UNAVAILABLE)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ax"), inner, max_size=2)
    ),
    max_leaves=5,
)


USUAL: Final[Mapping[str, Value]] = {
    "a": 1,
    "b": "x",
    "c": True,
    "d": "12",
    "e": "2024-02-29",
    "f": '{"a": ["x,y"]}',
    "g": "parent",
    "h": "staff,guests",
    "i": "owner",
    "j": '{"x": ["banned"]}',
    "k": "pdf",
}


def _rows(columns: tuple[str, ...]) -> st.SearchStrategy[Row]:
    """Make rows of which most columns hold what the mapping expects, so that most get far."""
    return st.tuples(*[_rarely(values, st.just(USUAL[name])) for name in columns])


def _rarely(odd: st.SearchStrategy[T], usual: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """Draw the odd once in about twenty times; `one_of` takes both alike."""
    return st.integers(1, 20).flatmap(lambda number: odd if number == 13 else usual)


def _mostly(rows: st.SearchStrategy[Row]) -> st.SearchStrategy[Row | None]:
    return _rarely(st.none(), rows)


changes = st.builds(
    ChangeEvent,
    op=st.sampled_from(Op),
    key=_mostly(_rows(ROUTE.plan.key_columns)),
    before=_mostly(_rows(COLUMNS)),
    after=_mostly(_rows(COLUMNS)),
    source=st.just(_SOURCE),
    key_moved=st.booleans(),
)
events: st.SearchStrategy[Event] = st.one_of(
    changes,
    st.builds(Tombstone, _rows(ROUTE.plan.key_columns)),
    st.just(Truncate(_SOURCE)),
    st.builds(ControlRecord, st.sampled_from(ControlKind)),
)


def outcome(route: Route, event: Event) -> tuple[Operation, ...] | SkipReason | str:
    """Map an event; an error that mapping may raise becomes its text."""
    try:
        return route.map(event)
    except PoisonError as error:
        return f"{Reason(error.reason)}: {error}"
    except ConfigError as error:
        return f"truncated: {error}"


@given(events)
def test_mapping_is_total_and_repeatable(event: Event) -> None:
    """Any other exception would stop the program; a difference would break superseding."""
    first = outcome(ROUTE, event)
    assert outcome(ROUTE, event) == first
    assert first, "neither an operation nor a reason"
    assert isinstance(event, Truncate) == str(first).startswith("truncated: ")


@given(changes)
def test_secured_item_has_permissions_and_is_never_anonymous(event: ChangeEvent) -> None:
    """No value of any column may show an item to those whom the mapping does not name."""
    mapped = outcome(ROUTE, event)
    for operation in mapped if isinstance(mapped, tuple) else ():
        if isinstance(operation, UpsertItem):
            assert isinstance(operation.permissions, Permissions)
            sets = [one for level in operation.permissions.levels for one in level.sets]
            assert sets
            assert not any(one.allow_anonymous for one in sets)


@given(changes, st.sampled_from("hij"), st.sampled_from(DoubtKind))
def test_item_is_never_made_of_doubtful_permissions(
    event: ChangeEvent, column: str, kind: DoubtKind
) -> None:
    """Unknown is denied, whichever column it is that may stand for something else."""
    doubtful = dataclasses.replace(event, doubts=(Doubt(column, kind),))
    mapped = outcome(ROUTE, doubtful)
    operations = mapped if isinstance(mapped, tuple) else ()
    assert not any(isinstance(one, UpsertItem) for one in operations)


@given(changes, st.sampled_from("cdefghijk"), values)
def test_item_is_never_made_of_what_was_left_out(
    event: ChangeEvent, column: str, other: Value
) -> None:
    """Neither marked, nor as a part, nor as a null that may stand for it: an item is whole."""
    missing: tuple[Value, ...] = (UNAVAILABLE, [other, UNAVAILABLE], {"a": {"x": UNAVAILABLE}})
    left_out = [_with(event, column, value) for value in missing]
    left_out.append(dataclasses.replace(event, doubts=(Doubt(column, DoubtKind.LEFT_OUT),)))
    for one in left_out:
        mapped = outcome(ROUTE, one)
        operations = mapped if isinstance(mapped, tuple) else ()
        assert not any(isinstance(operation, UpsertItem) for operation in operations)


def _with(event: ChangeEvent, column: str, value: Value) -> ChangeEvent:
    """Return the event with another value of a column in its new row."""
    if event.after is None:
        return event
    pairs = zip(COLUMNS, event.after, strict=True)
    return dataclasses.replace(
        event, after=tuple(value if name == column else old for name, old in pairs)
    )


@given(changes)
def test_ids_within_one_event_are_distinct(event: ChangeEvent) -> None:
    """The service does not define what the same id twice in a batch means."""
    mapped = outcome(ROUTE, event)
    ids = [one.document_id for one in mapped] if isinstance(mapped, tuple) else []
    assert len(set(ids)) == len(ids)


@given(values)
def test_messages_hold_no_column_value(value: Value) -> None:
    """They are logged, and become headers of dead letters."""
    marked: list[Value] = ["s3cret", value]
    row: Row = tuple("s3cret" if name in "cdhi" else marked for name in COLUMNS)
    said = outcome(ROUTE, ChangeEvent(Op.CREATE, (1, "s3cret"), row, row, _SOURCE))
    assert not isinstance(said, str) or "s3cret" not in said


kinds: list[st.SearchStrategy[Row]] = [
    st.tuples(st.text(max_size=4), st.text(max_size=4)),
    st.tuples(st.integers(), st.text(alphabet="a/%,:-.~é ", max_size=4)),
    st.tuples(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.booleans()),
    st.tuples(st.binary(max_size=3), st.floats(allow_nan=False, allow_infinity=False)),
]
pieces = st.sampled_from(["a", "-", ".", "~", "%2F", "/", ":", ","])
literals = st.lists(pieces, max_size=3).map("".join)
templates = st.builds("kb://{}{{a}}{}{{b}}{}".format, literals, literals, literals)


def _filled(template: Template, key: Row) -> str | None:
    bound = compile_template(template).bind(Scope("t", {"a": 0, "b": 1}))
    return bound(key)


def _parsed(text: str) -> Template | None:
    try:
        return parse_document_id(text)
    except BadSpecError:
        return None


@given(templates, st.data())
def test_different_keys_never_share_an_id(text: str, data: st.DataObject) -> None:
    """Whatever template the check lets through, no two rows overwrite each other."""
    template = _parsed(text)
    if template is None:
        return
    value: st.SearchStrategy[Value] = st.text("a-./:,%2F~", max_size=4)
    one, other = data.draw(st.tuples(value, value)), data.draw(st.tuples(value, value))
    assert (_filled(template, one) == _filled(template, other)) == (one == other)


@given(st.sampled_from(kinds).flatmap(lambda kind: st.tuples(kind, kind)))
def test_keys_of_every_type_are_told_apart(pair: tuple[Row, Row]) -> None:
    """Columns keep their type, so keys are compared within one type."""
    one, other = pair
    template = parse_document_id("kb://{a}/{b}")
    assert (_filled(template, one) == _filled(template, other)) == (one == other)


shapes = st.builds("kb://{}{{a}}{}".format, st.text("ab/", max_size=3), st.text("ab/", max_size=3))
short = st.text("ab/", max_size=3)


@given(shapes, shapes, short, short)
def test_templates_that_meet_are_found(one: str, other: str, left: str, right: str) -> None:
    """An overlooked pair would let two rows share an item; checked against real values."""
    first, second, topics = parse_document_id(one), parse_document_id(other), named(["t"])
    ids = [_filled(first, (left,)), _filled(second, (right,))]
    if ids[0] == ids[1]:
        assert can_meet(first, topics, second, topics)
    if str(ids[0]).startswith(f"{ids[1]}/"):
        assert can_lie_below(first, topics, second, topics)


@given(st.integers(-(10**12), 10**12), st.integers(-6, 6), st.integers(0, 5))
def test_equal_numbers_share_an_id(digits: int, exponent: int, zeros: int) -> None:
    """How many zeros a number is written with is no part of a key."""
    template = parse_document_id("kb://{a}/{b}")
    number = Decimal(digits).scaleb(exponent)
    longer = Decimal(digits * 10**zeros).scaleb(exponent - zeros)
    assert number == longer
    assert _filled(template, (number, 1)) == _filled(template, (longer, 1))
