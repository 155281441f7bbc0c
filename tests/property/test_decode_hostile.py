"""Hostile names: no text of a schema ever becomes source text, or anything but data."""

from __future__ import annotations

import json
import sys
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.captures import schema_line, schema_of
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan
from consumer.domain.schemas import SchemaRef
from tests.unit.decode.samples import Registry, framed, key_schema, record

RAN: list[str] = []
"""What text that is run leaves behind."""

_MODULE = "hostile_names_under_test"
sys.modules[_MODULE] = sys.modules[__name__]
_RUN = f"__import__('sys').modules['{_MODULE}'].RAN.append('x')"
CODE = [
    _RUN,
    f"'+{_RUN}+'",
    f'"+{_RUN}+"',
    f"']; {_RUN}; ['",
    f'"); {_RUN} #',
    f"\n{_RUN}\n",
    f"\\n{_RUN}",
    f"{{{_RUN}}}",
    f'"""\n{_RUN}\n"""',
    f"lambda: {_RUN}",
    f"a=({_RUN})",
]
ODD = [
    "__class__",
    "{0.__class__.__mro__}",
    "%(name)s%n",
    "${jndi:ldap://127.0.0.1/a}",
    "self",
    "None",
    "class",
    "",
    " ",
    ".",
    "..",
    "a.b",
    "/etc/passwd",
    "'",
    '"',
    "\\",
    "\0",
    "\n",
    "\u2028",
    "\u202e",
    "\ud800",
    "é",
    "e\u0301",
    "int",
    "null",
    "x" * 4_096,
    "x" * 1_000_000,
]
NAMES = st.sampled_from([*CODE, *ODD]) | st.text(max_size=20)
EXTRAS = st.dictionaries(
    st.sampled_from(
        ["connect.name", "connect.type", "doc", "aliases", "default", "order", "logicalType"]
    )
    | NAMES,
    NAMES | st.integers() | st.dictionaries(NAMES, NAMES, max_size=2),
    max_size=3,
)


def schema_with(name: str, column: str, symbol: str, extras: dict[str, Any]) -> dict[str, Any]:
    """Return an envelope whose row has two columns, with a name in every place that has one."""
    enum = {"type": "enum", "name": f"{name}E", "symbols": [symbol], **extras}
    fields = [
        {"name": column, "type": {"type": "long", **extras}},
        {"name": f"{column}2", "type": enum},
    ]
    value = {"type": "record", "name": f"{name}V", "fields": fields, **extras}
    return {
        "type": "record",
        "name": f"{name}.Envelope",
        "namespace": name,
        "fields": [
            {"name": "after", "type": ["null", {**value, "type": "record"}]},
            {"name": "op", "type": "string"},
        ],
    }


PAYLOAD = b"\2\x54\0\2c"  # after is there: 42, the first symbol; op is "c"


def tried(decoder: Decoder, one: Any, plan: ColumnPlan) -> object:
    """Decode; return the row, or the error, which must be typed and can be said."""
    assert decoder.missing_schemas(one, plan) == ()
    try:
        event = decoder.decode(one, plan)
    except (PoisonError, ConfigError) as error:
        message = str(error)
        assert len(message.encode("utf-8")) < 20_000
        assert "\n" not in message
        return error
    return event.after if isinstance(event, ChangeEvent) else event


@given(NAMES, NAMES, NAMES, EXTRAS)
@example("srv", CODE[2], CODE[4], {})
@example(CODE[3], CODE[5], CODE[6], {"connect.name": CODE[7], "connect.parameters": {"a": CODE[8]}})
@example("x" * 1_000_000, "a", "A", {})
def test_names_of_a_schema_are_data_and_nothing_else(
    name: str, column: str, symbol: str, extras: dict[str, Any]
) -> None:
    """Whatever they hold, a column is found by its name and its value is what was written."""
    registry = Registry()
    number = registry.add(schema_with(name, column, symbol, extras))
    decoder = Decoder(registry, DecodeSettings(mapped_topics=None))
    one = record(framed(number, PAYLOAD))
    row = tried(decoder, one, ColumnPlan((column,), ()))
    if not extras and isinstance(row, tuple):
        assert row == (42,)
    tried(decoder, one, ColumnPlan(("not there",), ()))
    assert RAN == []


@given(NAMES, NAMES, NAMES)
@example("srv.public.items", CODE[1], CODE[2])
def test_names_of_a_key_are_data_and_nothing_else(name: str, column: str, topic: str) -> None:
    """Ids of documents are made of them."""
    registry = Registry()
    schema = {**key_schema({"name": column, "type": "long"}), "name": f"{name}.Key"}
    key = framed(registry.add(schema), b"\x54")
    decoder = Decoder(registry, DecodeSettings(mapped_topics=frozenset({name})))
    tried(decoder, record(None, key, topic=topic), ColumnPlan((), (column,)))
    tried(decoder, record(key, None, topic=topic), ColumnPlan((), ()))
    assert RAN == []


@given(NAMES, NAMES)
def test_names_of_a_capture_stay_as_they_are(name: str, column: str) -> None:
    """What is captured can be explained later."""
    registry = Registry()
    number = registry.add(
        json.dumps({**key_schema({"name": column, "type": "long"}), "name": name})
    )
    schema = registry.schemas[SchemaRef(f"id/{number}")]
    again = schema_of(schema_line(schema))
    assert json.loads(again.text) == json.loads(schema.text)
    assert RAN == []
