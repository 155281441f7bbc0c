"""Templates of document ids."""

from __future__ import annotations

from decimal import Decimal

import pytest

from consumer.domain.errors import PoisonError
from consumer.domain.events import UNAVAILABLE, Value
from consumer.mapping.part import Scope
from consumer.mapping.problems import BadSpecError
from consumer.mapping.template import compile_template, parse, parse_document_id


def rendered(text: str, *values: Value, topic: str = "t") -> str | None:
    """Fill a template in; its columns have the values in order of appearance."""
    template = parse(text)
    scope = Scope(topic, {name: at for at, name in enumerate(template.columns)})
    return compile_template(template).bind(scope)(values)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (-5, "-5"),
        (True, "true"),
        ("a-b.c_d~e", "a-b.c_d~e"),
        ("a b/c%?#é", "a%20b%2Fc%25%3F%23%C3%A9"),
        ("", ""),
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+2"), "100"),
        (Decimal("-0.0"), "0"),
        (0.5, "0.5"),
        (b"\x01\xff", "01ff"),
    ],
)
def test_value_is_percent_encoded_but_for_unreserved_characters(value: Value, text: str) -> None:
    """Only then can an id be taken apart again, so that two rows never share one."""
    assert rendered("kb://a/{id}", value) == f"kb://a/{text}"


def test_equal_numbers_give_equal_ids() -> None:
    """A database holds 1.50 and 1.5 for one key; two ids would leave an orphan behind."""
    assert rendered("kb://{id}", Decimal("1.50")) == rendered("kb://{id}", 1.5)


def test_topic_is_filled_in() -> None:
    """Rows of several topics can have the same keys."""
    assert rendered("kb://{$topic}/{id}/{$topic}", 7, topic="a.b") == "kb://a.b/7/a.b"


def test_null_column_gives_no_id() -> None:
    """Whoever asked decides what that means: no parent, or a dead letter."""
    assert rendered("kb://a/{id}", None) is None


@pytest.mark.parametrize("value", [[1], {"a": 1}, float("nan"), Decimal("1E+5000"), 10**2000])
def test_value_that_is_no_text_is_poison(value: Value) -> None:
    """A list in an id is a mistake of the mapping's author, and nothing may crash on it."""
    with pytest.raises(PoisonError, match="column 'id'") as caught:
        rendered("kb://a/{id}", value)
    assert caught.value.reason == "document_id"


def test_unavailable_value_is_poison_not_text() -> None:
    """A marker must never become part of an id."""
    with pytest.raises(PoisonError, match="column 'id'") as caught:
        rendered("kb://a/{id}", UNAVAILABLE)
    assert caught.value.reason == "unavailable_value"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("articles/{id}", "literal scheme"),
        ("{scheme}://a/{id}", "literal scheme"),
        ("KB://a/{id}", "lower case"),
        ("kb://a/{}", "names no column"),
        ("kb://a/{id", "no partner"),
        ("kb://a/id}", "no partner"),
        ("kb://a b/{id}", "no URI may hold"),
        ("kb://a%zz/{id}", "no URI may hold"),
        ("kb://é/{id}", "no URI may hold"),
        ("kb://articles", "names no column"),
        ("kb://{$topic}", "names no column"),
        ("kb://{a}{b}", "must be separated"),
        ("kb://{a}-{b}", "must be separated"),
        ("kb://{a}%2F{b}", "must be separated"),
        ("kb://{$topic}.{b}", "must be separated"),
    ],
)
def test_id_that_could_fail_or_be_ambiguous_is_refused(text: str, message: str) -> None:
    """What is wrong with a template is known at start, not at the first row."""
    with pytest.raises(BadSpecError, match=message):
        parse_document_id(text)


@pytest.mark.parametrize(
    "text", ["kb://{a}/{b}", "kb://x?a={a}&b={b}", "kb://{a},{b}#x", "k+1://{a}"]
)
def test_separated_placeholders_are_accepted(text: str) -> None:
    """The rule must not refuse what is unambiguous."""
    assert parse_document_id(text).columns
