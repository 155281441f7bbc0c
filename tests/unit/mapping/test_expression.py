"""CEL expressions: what they may read, and what failing means."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from consumer.domain.errors import PoisonError
from consumer.domain.events import UNAVAILABLE, Value
from consumer.mapping.expression import MAX_CHARACTERS, compile_condition, compile_expression
from consumer.mapping.part import Part, Scope
from consumer.mapping.problems import BadSpecError
from tests.unit.mapping.making import item, spec


def evaluated(part: Part[Any], **columns: Value) -> Any:
    """Evaluate on a row that has these columns."""
    scope = Scope("t", {name: at for at, name in enumerate(columns)})
    return part.bind(scope)(tuple(columns.values()))


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("row.a == row.b", ("a", "b")),
        ("row.a == row.a", ("a",)),
        ("row['Odd-Name'] == 1 && row[\"in\"] == 2", ("Odd-Name", "in")),
        ("row.tags.exists(t, t == row.q)", ("tags", "q")),
        ("row.a.map(x, row.b.filter(y, x == y)).size() > 0", ("a", "b")),
        ("row.a.b.c == 1", ("a",)),
        ("row.a == 'row.b' // row.c", ("a",)),
        (r"r'\' == row.a", ("a",)),
        ("type(row.a) == string", ("a",)),
        ("has(row.a)", ("a",)),
        ("1 == 1", ()),
    ],
)
def test_columns_of_an_expression_are_known_at_start(text: str, columns: tuple[str, ...]) -> None:
    """They have to be asked of the decoder before any row arrives."""
    assert compile_expression(text).columns == columns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title == 'x'", "row.title"),
        ("row.tags.exists(t, t == 'x') && t == 'x'", "'t' is undefined"),
        ("row", "must be followed by a column"),
        ("[row].size()", "must be followed by a column"),
        ("row.map(x, x)", "must be followed by a column"),
        ("row[row.a]", "must be followed by a column"),
        ("row.a.map(row, 1)", "cannot be called 'row'"),
        ("upper(row.a)", "no known function"),
        ("row.a.size() >", "no CEL"),
        ("((", "no CEL"),
        ("1" + "+1" * MAX_CHARACTERS, "longer than"),
    ],
)
def test_expression_that_fails_on_every_row_is_refused(text: str, message: str) -> None:
    """A mistake must show at start, not as a million dead letters."""
    with pytest.raises(BadSpecError, match=message):
        compile_expression(text)


def test_condition_sees_columns_as_they_are() -> None:
    """Text, lists, nulls and exact numerics all have a CEL form."""
    part = compile_condition("row.s == 'x' && 'a' in row.l && row.n == null && row.d > 1.25")
    assert evaluated(part, s="x", l=["a"], n=None, d=Decimal("1.5")) is True


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("row.a + 1", "text"),
        ("row.a + 1", None),
        ("row.a.missing", {}),
        ("1 / row.a", 0),
        ("int(row.a)", "secret"),
        ("row.a.lowerAscii()", 1),
        ("row.a == ''", "\ud800"),
    ],
)
def test_failure_on_a_row_is_poison_without_the_value(text: str, value: Value) -> None:
    """The record goes to the dead letters, and no column value into a message or a log."""
    with pytest.raises(PoisonError) as caught:
        evaluated(compile_expression(text), a=value)
    assert caught.value.reason == "expression"
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("value", [None, 1, "true", []])
def test_condition_that_is_neither_true_nor_false_is_poison(value: Value) -> None:
    """Null read as false would delete an item that somebody only forgot to guard for."""
    with pytest.raises(PoisonError, match="not true or false"):
        evaluated(compile_condition("row.a"), a=value)


def test_unavailable_value_is_poison_also_inside_a_list() -> None:
    """A condition on a value nobody knows must not decide anything."""
    hidden: tuple[Value, ...] = (UNAVAILABLE, [UNAVAILABLE])
    for value in hidden:
        with pytest.raises(PoisonError) as caught:
            evaluated(compile_condition("row.a == 1"), a=value)
        assert caught.value.reason == "unavailable_value"


def test_deeply_nested_value_is_poison_not_a_crash() -> None:
    """The native library ends the process on data that is nested some thousand times."""
    value: Value = 1
    for _ in range(10_000):
        value = [value]
    with pytest.raises(PoisonError, match="nested too deep"):
        evaluated(compile_expression("row.a == 1"), a=value)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_moment_beyond_the_calendar_is_poison(text: str) -> None:
    """CEL keeps the offset; in UTC there is no such year."""
    mapping = spec(fields={"t": {"expression": "timestamp(row.t)"}})
    with pytest.raises(PoisonError, match="between the years") as caught:
        item(mapping, {"t": text})
    assert caught.value.reason == "expression"
    assert "14:00" not in str(caught.value)
