"""Keys: exactly the plan's columns, bare values, and rows without one."""

from __future__ import annotations

import pytest

from consumer.domain.errors import ConfigError
from consumer.domain.events import ChangeEvent, ColumnPlan, Op, SourceInfo
from tests.unit.decode.samples import ROW, VALUE, Table, change, encode, framed, named, record

SOURCE = SourceInfo("postgresql", "srv", "inv", "public", "items", 17, "false")


def test_row_event_without_key_is_poison_only_if_the_key_is_planned() -> None:
    """An id template over other columns does without."""
    table = Table()
    value = framed(table.value_id, encode(VALUE, change("c", ROW)))
    assert table.poison(record(value)) == "null_key"
    event = table.decoder.decode(record(value), ColumnPlan(("qty",), ()))
    assert event == ChangeEvent(Op.CREATE, None, None, (1,), SOURCE)


@pytest.mark.parametrize(
    ("key_columns", "part"),
    [
        (("sku",), "key column 'tenant' is not used"),
        (("sku", "tenant", "id"), "there is no key column 'id'"),
        (("id",), "key column 'sku' is not used; there is no key column 'id'"),
    ],
)
def test_key_columns_must_be_exactly_the_keys(key_columns: tuple[str, ...], part: str) -> None:
    """With fewer, two rows share one item; with others, none is addressed."""
    message = Table().misfit(ColumnPlan(("qty",), key_columns))
    assert part in message
    assert "The document id must use every key column" in message
    assert "has key columns 'tenant', 'sku'" in message


def test_bare_key_counts_as_the_one_key_column() -> None:
    """Routers write a string as the key."""
    table = Table()
    number = table.registry.add(["null", "string"])
    key = framed(number, encode(["null", "string"], "k1"))
    assert table.decoder.decode_key(record(None, key), ColumnPlan((), ("id",))) == ("k1",)
    with pytest.raises(ConfigError, match="a key of one bare value"):
        table.decoder.decode_key(record(None, key), ColumnPlan((), ("id", "x")))
    null = framed(number, encode(["null", "string"], None))
    assert table.poison(record(None, null), ColumnPlan((), ("id",))) == "null_key"


def test_bare_key_is_converted() -> None:
    """A key may be a date."""
    table = Table()
    schema = named("int", "io.debezium.time.Date")
    key = framed(table.registry.add(schema), encode(schema, 1))
    expected = ("1970-01-02T00:00:00.000Z",)
    assert table.decoder.decode_key(record(None, key), ColumnPlan((), ("day",))) == expected


def test_key_is_not_decoded_without_key_columns() -> None:
    """Not even if it is unreadable."""
    table = Table()
    value = framed(table.value_id, encode(VALUE, change("c", ROW)))
    event = table.decoder.decode(record(value, b"\xff"), ColumnPlan(("qty",), ()))
    assert isinstance(event, ChangeEvent)
    assert event.key is None
    assert table.decoder.decode_key(record(None, b"\xff"), ColumnPlan((), ())) == ()


def test_a_key_that_is_not_planned_needs_no_schema() -> None:
    """It may be of any kind: the bytes of a long can look like a framing that nothing is behind."""
    table = Table()
    value = framed(table.value_id, encode(VALUE, change("c", ROW)))
    one = record(value, (0x63_0000_05).to_bytes(8, "big"))
    assert table.decoder.missing_schemas(one, ColumnPlan(("qty",), ())) == ()
    assert table.decoder.missing_schemas(one, ColumnPlan(("qty",), ("id",))) == ("id/99",)
