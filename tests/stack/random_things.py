"""`things`: a key of a UUID, and a column of every kind that either database has."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tests.stack import random_values as values
from tests.stack.places import Part
from tests.stack.random_columns import Column, RandomTable
from tests.stack.random_values import mixed, nullable, one_of
from tests.stack.truth import base64_text, id_part, moment_of_text, number, time_of_text


def _uuid(chance: random.Random) -> str:
    # Few enough to come back, also when nobody remembers them.
    return str(uuid.UUID(int=chance.randrange(400) * 0x1_0001_0001_0001_0001_0001_0001_0001))


def _finite(value: float | None) -> float | None:
    """JSON has no word for NaN and infinity: the field is left out."""
    return value if value is not None and abs(value) < float("inf") else None


def _no_nan(value: Decimal | None) -> object:
    return None if value is not None and not value.is_finite() else number(value)


def _stripped(value: Decimal | None) -> object:
    """Without a scale the connector cuts zeros at the end (`docs/types.md`)."""
    if value is None or not value.is_finite():
        return None
    text = f"{value:f}"
    return number(Decimal(text.rstrip("0").rstrip(".") if "." in text else text))


def _truth(value: int | bool | None) -> bool | None:  # noqa: FBT001 - a value of a column
    return None if value is None else bool(value)


def _not_null(items: list[object] | None) -> list[object] | None:
    """Nulls of a list are left out."""
    return None if items is None else [each for each in items if each is not None]


def _members(value: str | None) -> list[str] | None:
    return None if value is None else [each for each in value.split(",") if each]


def _dates(name: str, kind: str, draw: values.Draw, select: str) -> Column:
    reads = {"column": name, "as": "date"}
    return Column(name, kind, nullable(draw), moment_of_text, reads, select)


def _bytes(name: str, kind: str) -> Column:
    reads = {"column": name, "as": "base64"}
    return Column(name, kind, nullable(values.octets()), base64_text, reads)


_PG_MOMENT: Final = mixed(
    (*values.BEYOND, *values.AROUND),
    values.moments("0001-01-01 00:00:00", "9999-12-31 23:59:59.999", 6),
)
_TEXT: Final = "{}::text"

_POSTGRES: Final[Sequence[Column]] = [
    Column("small", "smallint", nullable(values.whole(16))),
    Column("middle", "int", nullable(values.whole(32))),
    Column("big", "bigint", nullable(values.whole(64)), number),
    Column("anynumber", "numeric", nullable(values.ANY_NUMERIC), _stripped),
    Column("money_like", "numeric(12, 2)", nullable(values.decimal(12, 2, "NaN")), _no_nan),
    Column("precise", "double precision", nullable(values.ANY_DOUBLE), _finite),
    Column("single", "real", nullable(values.ANY_REAL), _finite),
    Column("flag", "boolean", nullable(one_of(True, False))),  # noqa: FBT003 - values
    _dates("day", "date", mixed((*values.BEYOND_DAYS, *values.AROUND_DAYS),
           values.days("0001-01-01", "9999-12-31")), _TEXT),
    _dates("moment3", "timestamp(3)", _PG_MOMENT, _TEXT),
    _dates("moment6", "timestamp(6)", _PG_MOMENT, _TEXT),
    _dates("zoned", "timestamptz", _PG_MOMENT, _TEXT),
    Column("clock", "time", nullable(values.TIMES), time_of_text, select=_TEXT),
    Column("document", "jsonb", nullable(one_of(*values.JSON_TEXTS)), select=_TEXT),
    Column("verbatim", "json", nullable(one_of(*values.JSON_TEXTS)), select=_TEXT),
    _bytes("octets", "bytea"),
    Column("other", "uuid", nullable(_uuid), select=_TEXT),
    Column("padded", "char(5)", nullable(one_of("", "a", "ab c", "\u00fc"))),
    Column("numbers", "int[]", nullable(values.numbers), _not_null),
    Column("names", "text[]", nullable(values.array(nullable(values.text()))), _not_null),
]  # fmt: skip

_AS_CHAR: Final = "CAST({} AS CHAR)"
_MARIADB_MOMENT: Final = values.moments(
    "1000-01-01 00:00:00", "9999-12-31 23:59:59.999", 6, *values.AROUND
)
_STAMP: Final = values.moments(
    "1970-01-01 00:00:01", "2038-01-19 03:14:07", 6, "2024-02-29 23:59:59.9995"
)

_MARIADB: Final[Sequence[Column]] = [
    Column("tiny", "tinyint", nullable(values.whole(8))),
    Column("middle", "int", nullable(values.whole(32))),
    Column("natural_number", "int unsigned", nullable(values.unsigned(32))),
    Column("big", "bigint", nullable(values.whole(64)), number),
    Column("long_number", "decimal(65, 30)", nullable(values.decimal(65, 30)), number),
    Column("money_like", "decimal(12, 2)", nullable(values.decimal(12, 2)), number),
    Column("precise", "double", nullable(values.FINITE_DOUBLE)),
    Column("flag", "tinyint(1)", nullable(one_of(0, 1)), _truth,
           {"column": "flag", "as": "boolean"}),
    _dates("day", "date", values.days("1000-01-01", "9999-12-31", *values.AROUND_DAYS), _AS_CHAR),
    _dates("moment3", "datetime(3)", _MARIADB_MOMENT, _AS_CHAR),
    _dates("moment6", "datetime(6)", _MARIADB_MOMENT, _AS_CHAR),
    _dates("zoned", "timestamp(6) NULL", _STAMP, _AS_CHAR),
    Column("span", "time(6)", nullable(values.SPANS), time_of_text, select=_AS_CHAR),
    Column("calendar_year", "year", nullable(one_of(1901, 1970, 2155))),
    Column("document", "json", nullable(one_of(*values.JSON_TEXTS))),
    _bytes("octets", "varbinary(200)"),
    Column("kind", "enum('a', 'b,c', '\u00fc')", nullable(one_of("a", "b,c", "\u00fc"))),
    Column("members", "set('x', 'y', 'z')", nullable(one_of("", "x", "x,z", "x,y,z")), _members),
]  # fmt: skip

_UUIDS: Final = {Part.POSTGRES: "uuid", Part.MARIADB: "char(36)"}
_COLUMNS: Final = {Part.POSTGRES: _POSTGRES, Part.MARIADB: _MARIADB}

THINGS: Final = {
    part: RandomTable(
        name="things",
        part=part,
        id="shop://things/{}",
        keys=[Column("id", _UUIDS[part], _uuid, id_part)],
        columns=_COLUMNS[part],
    )
    for part in (Part.POSTGRES, Part.MARIADB)
}
"""The table, by database."""
