"""Values as JSON: types kept, types asked for, and what does not convert."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest

from consumer.domain.errors import PoisonError
from consumer.domain.events import UNAVAILABLE, Value
from consumer.domain.operations import JsonValue
from consumer.mapping.spec import Cast
from tests.unit.mapping.making import item, spec

BIG = 2**53


def field(value: Value, **keys: object) -> JsonValue:
    """Return what a field of these keys makes of a column's value; `None` if it is left out."""
    mapping = spec(fields={"f": {"column": "c", **keys}})
    return item(mapping, {"c": value}).metadata.get("f")


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("text", "text"),
        (True, True),
        (BIG, BIG),
        (BIG + 1, str(BIG + 1)),
        (-BIG - 1, str(-BIG - 1)),
        (1.5, 1.5),
        (Decimal("4.25"), 4.25),
        (Decimal("1.10"), 1.1),
        (Decimal(7), 7),
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (Decimal(BIG + 1), str(BIG + 1)),
        ([1, None, "a"], [1, "a"]),
        (None, None),
    ],
)
def test_value_keeps_its_type_unless_a_double_would_change_it(
    value: Value, made: JsonValue
) -> None:
    """The index knows numbers as doubles; a price must not come back as another one."""
    assert field(value) == made
    assert type(field(value)) is type(made)


@pytest.mark.parametrize(
    ("cast", "value", "made"),
    [
        ("string", 5, "5"),
        ("string", True, "true"),
        ("string", Decimal("1.50"), "1.50"),
        ("integer", "-12", -12),
        ("integer", Decimal("5.0"), 5),
        ("integer", 5.0, 5),
        ("number", "1.5", 1.5),
        ("number", 2, 2),
        ("boolean", 1, True),
        ("boolean", "No", False),
        ("boolean", Decimal(0), False),
        ("date", "2024-02-29", "2024-02-29T00:00:00.000Z"),
        ("date", "2024-02-29T13:14:15.123456Z", "2024-02-29T13:14:15.123Z"),
        ("date", "2024-02-29T13:14:15+02:00", "2024-02-29T11:14:15.000Z"),
        ("date", "infinity", None),
        ("base64", b"\x01", "AQ=="),
        ("integer", ["1", "2"], [1, 2]),
        ("number", "NAN", None),
        ("number", "-Infinity", None),
        ("integer", " nan ", None),
        ("json", [1, "a\n", None], '[1,"a\\n",null]'),
        (
            "json",
            {"ä": {"b": [True, Decimal("1.50"), 2**60]}},
            f'{{"ä":{{"b":[true,1.50,{2**60}]}}}}',
        ),
        ("json", '{"a": 1}', '{"a": 1}'),
        ("json", 5, "5"),
        ("json", None, None),
    ],
)
def test_cast_converts(cast: str, value: Value, made: JsonValue) -> None:
    """What `as` promises in the guide."""
    assert field(value, **{"as": cast}) == made


@pytest.mark.parametrize(
    ("cast", "value"),
    [
        (None, b"bytes"),
        (None, {"a": 1}),
        (None, [[1]]),
        (None, float("inf")),
        (None, Decimal("sNaN")),
        ("string", b"bytes"),
        ("integer", "1.5"),
        ("integer", 1.5),
        ("integer", True),
        ("number", "1,5"),
        ("number", "nano"),
        ("boolean", 2),
        ("boolean", "maybe"),
        ("date", "yesterday"),
        ("date", "+12024-01-01T00:00:00Z"),
        ("date", "0001-01-01T00:00:00+14:00"),
        ("date", 5),
        ("base64", "text"),
    ],
)
def test_value_that_does_not_convert_is_poison(cast: str | None, value: Value) -> None:
    """A guess would be a wrong value in the index that nobody ever notices."""
    with pytest.raises(PoisonError, match="column 'c'") as caught:
        field(value, **({"as": cast} if cast else {}))
    assert caught.value.reason == "cast"


def test_json_that_is_nested_too_deep_is_poison() -> None:
    """Text of a column can be; it must not end the process."""
    deep = "[" * 500 + "]" * 500
    with pytest.raises(PoisonError, match="nested too deep"):
        field(f'{{"a": {deep}}}', json="/a", **{"as": "json"})


@pytest.mark.parametrize("value", [UNAVAILABLE, ["a", UNAVAILABLE], {"a": UNAVAILABLE}])
def test_unavailable_value_is_never_text_null_or_a_hole(value: Value) -> None:
    """Push replaces the whole item: a hole would delete what the index has."""
    for keys in ({}, {"as": "string"}, {"default": "x"}, {"json": "/b"}):
        with pytest.raises(PoisonError, match="column 'c'") as caught:
            field(value, **keys)
        if value is UNAVAILABLE:
            assert caught.value.reason == "unavailable_value"


@pytest.mark.parametrize(
    "text", ['{"n": 1e9999999999999999999}', '{"n": -1.5E-99999999999999999999}']
)
def test_json_number_out_of_range_is_poison(text: str) -> None:
    """PostgreSQL's `json` takes it; as any other exception it would end the process for good."""
    for keys in ({"json": "/n"}, {"json": "/other"}):
        with pytest.raises(PoisonError, match="column 'c'") as caught:
            field(text, **keys)
        assert caught.value.reason == "json"
        assert "9999" not in str(caught.value)


EXTREMES: list[Value] = [
    *(float(sign + "1.7e308") for sign in "+-"),
    *(Decimal(text) for text in ("1e999999", "-1e-999999", "NaN", "-sNaN", "-Infinity", "1e1000")),
    10**4_000,
]


@pytest.mark.parametrize("value", EXTREMES)
@pytest.mark.parametrize("cast", [None, *Cast])
def test_no_number_breaks_a_cast(value: Value, cast: Cast | None) -> None:
    """Arithmetic has exceptions of its own, and decimals more of them."""
    with contextlib.suppress(PoisonError):
        assert field(value, **({"as": cast.value} if cast else {})) is not None
