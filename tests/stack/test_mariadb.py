"""What only MariaDB does: its types, its keys, its statements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.databases import Row
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.truth import Indexed, Item, base64_text, id_part, moment, number

pytestmark = pytest.mark.stack

_ODD: Final = (
    "CREATE TABLE odd (id int PRIMARY KEY, day date, at datetime(6), must date NOT NULL,"
    " huge bigint unsigned, span time(6), born year, letter enum('a', 'b,c', 'd''e'),"
    " letters set('x', 'y', 'z'), padded binary(5), bits bit(12), flag tinyint(1),"
    " small tinyint unsigned, exact decimal(65, 30), details json, old varchar(50)"
    " CHARACTER SET latin1, stamp timestamp(3) NULL, near float, text varchar(50))"
)
_ZEROES: Final = "0000-00-00"
_MOST: Final = "9" * 35 + "." + "9" * 30
VALUES: Final[Mapping[str, Sequence[object]]] = {
    "day": ["2024-02-29", _ZEROES, "9999-12-31", None, "1970-01-01"],
    "at": ["2024-02-29 23:59:59.999999", _ZEROES, "1000-01-01", None, "1969-12-31 23:59:59.999999"],
    "must": ["1000-01-01", _ZEROES, "9999-12-31", "2024-02-29", "1969-12-31"],
    "huge": [2**64 - 1, 0, 2**63, None, 2**53 + 1],
    "span": ["838:59:59", "-838:59:59", "25:00:00.5", None, "-00:00:00.5"],
    "born": [2155, 1901, 2000, None, 1999],
    "letter": ["b,c", "a", "d'e", None, "a"],
    "letters": ["x,z", "", "x,y,z", None, "y"],
    "padded": [b"ab", b"", b"\0\0a\0", None, b"     "],
    "bits": [2_049, 0, 4_095, None, 1],
    "flag": [1, 0, 1, None, 0],
    "small": [255, 0, 128, None, 1],
    "exact": [_MOST, "0", "-0.000000000000000000000000000001", None, "1.5"],
    "details": ['{"a": "ü"}', '{"a": [1, 2]}', '{"a": 1.5}', None, "{}"],
    "old": ["äö", "", "plain", None, "x"],
    "stamp": ["2024-02-29 12:00:00.5", "2038-01-19 03:14:07", None, None, "1970-01-01 00:00:01"],
    "near": [0.5, -0.0, 1.5e10, None, 1e-10],
    "text": ["e\u0301 🎉", "", "a\0b", None, "' \\ \" %"],
}
"""By column, the values of five rows."""

ROWS: Final = list(zip(*VALUES.values(), strict=True))
_PLACES: Final = ", ".join(["%s"] * (1 + len(VALUES)))
_INSERT: Final = f"INSERT INTO odd VALUES ({_PLACES})"  # noqa: S608 - places only
_YEAR: Final = "INSERT INTO odd (id, must, born) VALUES (%s, '2000-01-01', 0)"
_SETS: Final = ", ".join(f"{name} = %s" for name in VALUES)
_UPDATE: Final = f"UPDATE odd SET {_SETS} WHERE id = %s"  # noqa: S608 - names and places only
_ZERO: Final = {"0000-00-00", "0000-00-00 00:00:00", "0000-00-00 00:00:00.000000"}


_YEAR_0: Final = {-1: 1900}
"""What the year 0000 of this row comes as. In a snapshot it stops Debezium's connector (3.5.0)."""


def span(value: timedelta | None) -> str | None:
    """Return a span of time as the index has it, to the millisecond."""
    if value is None:
        return None
    micros = abs(value) // timedelta(microseconds=1)
    seconds, fraction = divmod(micros // 1_000, 1_000)
    sign = "-" if value < timedelta() else ""
    hours, rest = divmod(seconds, 3_600)
    return f"{sign}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}.{fraction:03d}"


def _odd(row: Row) -> Item:
    padded, bits = row["padded"], row["bits"]
    details = json.loads(row["details"]) if row["details"] else {}
    return {
        "documentId": f"odd://odd/{row['id']}",
        # What is no date comes as null, or where that cannot be as the beginning of 1970.
        "day": None if str(row["day"]) in _ZERO else moment(row["day"]),
        "at": None if str(row["at"]) in _ZERO else moment(row["at"]),
        "must": "1970-01-01T00:00:00.000Z" if str(row["must"]) in _ZERO else moment(row["must"]),
        "huge": number(row["huge"]),
        "span": span(row["span"]),
        "born": _YEAR_0.get(row["id"], row["born"]),
        "letter": row["letter"],
        "letters": None if row["letters"] is None else [x for x in row["letters"].split(",") if x],
        "padded": base64_text(padded),
        "bits": None if bits is None else int.from_bytes(bits, "big"),
        "flag": None if row["flag"] is None else bool(row["flag"]),
        "small": row["small"],
        "exact": number(row["exact"]),
        "details": details.get("a"),
        "old": row["old"],
        "stamp": moment(row["stamp"]),
        "near": row["near"],
        "text": row["text"],
    }


ODD: Final = Indexed(
    table="odd",
    mapping={
        "id": "odd://odd/{id}",
        "fields": {
            **{name: name for name in VALUES},
            "padded": {"column": "padded", "as": "base64"},
            "flag": {"column": "flag", "as": "boolean"},
            "details": {"column": "details", "json": "/a"},
        },
    },
    select="SELECT * FROM odd",
    item=_odd,
)


def _word(row: Row) -> Item:
    return {
        "documentId": f"odd://words/{id_part(row['word'])}",
        "title": row["word"],
        "n": row["n"],
    }


WORDS: Final = Indexed(
    table="words",
    mapping={"id": "odd://words/{word}", "title": "word", "fields": {"n": "n"}},
    select="SELECT * FROM words",
    item=_word,
)
_WORDS: Final = (
    "CREATE TABLE words (word varchar(40) COLLATE utf8mb4_general_ci PRIMARY KEY, n int)"
)


def _book(row: Row) -> Item:
    return {"documentId": f"odd://books/{row['id']}", "title": row["title"]}


BOOKS: Final = Indexed(
    table="books",
    mapping={"id": "odd://books/{id}", "title": "title"},
    select="SELECT * FROM books",
    item=_book,
)
_SHELVES: Final = (
    "CREATE TABLE shelves (id int PRIMARY KEY)",
    """CREATE TABLE books (id int PRIMARY KEY, shelf int, title varchar(50), FOREIGN KEY (shelf)
    REFERENCES shelves (id) ON DELETE CASCADE)""",
    "INSERT INTO shelves VALUES (1), (2)",
    "INSERT INTO books VALUES (1, 1, 'on 1'), (2, 2, 'on 2'), (3, 1, 'also on 1')",
)


def test_types_and_keys_of_mariadb_are_indexed_as_the_database_has_them(
    make_scene: SceneMaker,
) -> None:
    """Snapshot and binary log give the same values in different ways: both must come out right."""
    scene = make_scene(Part.MARIADB, ODD, WORDS, BOOKS)
    scene.execute(_ODD, _WORDS, *_SHELVES)
    with scene.database.session() as session:
        for n, row in enumerate(ROWS):
            session.execute(_INSERT, n, *row)
        session.execute("INSERT INTO words VALUES ('abc', 1), ('Straße', 2), ('x y', 3), ('e', 4)")
    scene.begin({"bigint.unsigned.handling.mode": "precise"})
    scene.assert_index_is_select()
    with scene.database.session() as session:
        session.execute(_YEAR, -1)
        for n, row in enumerate(ROWS):
            session.execute(_INSERT, 100 + n, *row)
        for n, row in enumerate(reversed(ROWS)):
            session.execute(_UPDATE, *row, n)
    scene.execute(*STATEMENTS)
    with scene.database.session() as session, session.transaction():
        for statement in SWAP:
            session.execute(statement)
    scene.assert_index_is_select()
    assert scene.product.dead_letters() == []
    assert_cascades_are_not_in_the_log(scene)


def assert_cascades_are_not_in_the_log(scene: Scene) -> None:
    """See what foreign keys do by themselves: nobody behind the binary log hears of it."""
    scene.execute("DELETE FROM shelves WHERE id = 1")
    scene.connector.wait_until_caught_up()
    wait_for(lambda: not scene.product.uncommitted(), "everything is committed")
    lines = [f"should not be there: odd://books/{number}" for number in (1, 3)]
    assert scene.differences() == {"books": lines}


STATEMENTS: Final = (
    # Several rows in one statement, also such as are inserted or changed, as it comes.
    "INSERT INTO words VALUES ('one', 1), ('two', 2), ('three', 3)",
    "INSERT INTO words VALUES ('ONE', 10), ('four', 4) ON DUPLICATE KEY UPDATE n = n + 100",
    "UPDATE words SET n = n + 1",
    # To this collation they are one word; to a document id they are two.
    "UPDATE words SET word = 'ABC' WHERE word = 'abc'",
    "REPLACE INTO words VALUES ('TWO', 20), ('five', 5)",
    "UPDATE words SET word = 'STRASSE' WHERE word = 'Straße'",
    "INSERT IGNORE INTO words VALUES ('É', 9), ('E', 8)",
    "DELETE FROM words WHERE word = 'THREE'",
    # Keys are given away, swapped, and taken over by another row.
    "UPDATE words SET word = 'moved' WHERE word = 'x y'",
)
SWAP: Final = (
    "UPDATE words SET word = '-' WHERE word = 'one'",
    "UPDATE words SET word = 'one' WHERE word = 'four'",
    "UPDATE words SET word = 'four' WHERE word = '-'",
    "DELETE FROM words WHERE word = 'five'",
    "UPDATE words SET word = 'FIVE', n = 55 WHERE word = 'moved'",
)
