"""The tables that random transactions change: five shapes, in either database.

`notes` with a condition and large texts, `stock` with a key of three columns, `words` with a key of
any text, `things` with a UUID and a column of every kind, `papers` that not everybody may see.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from tests.e2e.rows import KEY_MARK
from tests.stack import random_values as values
from tests.stack.databases import Row
from tests.stack.places import Json, Part
from tests.stack.random_columns import Column, RandomTable
from tests.stack.random_things import THINGS
from tests.stack.random_values import mixed, nullable, one_of
from tests.stack.truth import Item, id_part, number

_TEXT: Final = {Part.POSTGRES: "text", Part.MARIADB: "longtext"}
_KEY_TEXT: Final = {
    Part.POSTGRES: "varchar(100)",
    # Otherwise the server takes different texts for one key: case, accents, blanks at the end.
    Part.MARIADB: "varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
}
_MOMENT: Final = {Part.POSTGRES: "timestamp(6)", Part.MARIADB: "datetime(6)"}
_JSON: Final = {Part.POSTGRES: "jsonb", Part.MARIADB: "longtext"}
_DOUBLE: Final = {Part.POSTGRES: "double precision", Part.MARIADB: "double"}
_BIG: Final = "bigint"


_SINCE: Final = [each for each in values.AROUND if not each.startswith("1970-01-01")]
"""Without the moment that stands for none where a key is filled in: `docs/delivery.md`, What
remains. `stock`, `words` and `papers`, whose keys can be blank, say that whole rows are logged."""


def random_tables(part: Part) -> Sequence[RandomTable]:
    """Return the tables for a database."""
    return (_notes(part), _stock(part), _words(part), THINGS[part], _papers(part))


def _notes(part: Part) -> RandomTable:
    return RandomTable(
        name="notes",
        part=part,
        id="kb://notes/{}",
        keys=[Column("id", _BIG, values.whole(64), shown=id_part)],
        columns=[
            Column("caption", "varchar(200) NOT NULL", values.text(100), indexed=False),
            Column("body", _TEXT[part], nullable(values.large_text), indexed=False),
            Column("state", "varchar(10)", one_of(None, "shown", "draft", "hidden"), indexed=False),
            Column("rating", "smallint", nullable(values.whole(16))),
            # Nullable and never null: so deletes of the row with the key 0 are believed.
            Column("origin", "varchar(10)", one_of("here", "there")),
        ],
        where="WHERE coalesce(state, '') <> 'hidden'",
        mapping={
            "when": 'row.state == null || row.state != "hidden"',
            "title": "caption",
            "body": "body",
            "file_extension": ".txt",
        },
        more=lambda row: {
            "title": row["caption"],
            "data": row["body"],
            "fileExtension": ".txt",
        },
    )


def _stock(part: Part) -> RandomTable:
    return RandomTable(
        name="stock",
        part=part,
        id="shop://stock/{}/{}:{}",
        keys=[
            Column("place", _KEY_TEXT[part], one_of("", "a", "A", "a b", "\u00fc/1", f"{KEY_MARK}"),
                   shown=id_part),
            Column("number", "numeric(30, 10)", _key_number, shown=_number_in_an_id),
            Column("since", _MOMENT[part], values.moments(
                "1000-01-01 00:00:00", "9999-12-31 23:59:59", 6, *_SINCE),
                select=_AS_TEXT[part], shown=_moment_in_an_id),
        ],
        columns=[
            Column("quantity", "int NOT NULL", values.whole(32)),
            Column("remark", "varchar(100)", nullable(values.text(60))),
        ],
        mapping={"full_before_images": True},
    )  # fmt: skip


def _words(part: Part) -> RandomTable:
    return RandomTable(
        name="words",
        part=part,
        id="words://of/{}",
        keys=[Column("word", _KEY_TEXT[part], _word, shown=id_part)],
        columns=[
            Column("meaning", _TEXT[part], nullable(values.text(80)), indexed=False),
            Column(
                "details",
                _JSON[part],
                nullable(values.OBJECTS),
                select=_AS_TEXT[part],
                indexed=False,
            ),
            Column("score", _DOUBLE[part], nullable(values.FINITE_DOUBLE)),
        ],
        mapping={
            "full_before_images": True,
            "body": "meaning",
            "fields": {
                "score": "score",
                "version": "version",
                "maker": {"column": "details", "json": "/maker/name"},
                "n": {"column": "details", "json": "/n"},
            },
        },
        more=lambda row: {"data": row["meaning"], **_details(row["details"])},
    )


def _papers(part: Part) -> RandomTable:
    kind = "text[]" if part is Part.POSTGRES else "varchar(1000)"
    split = {} if part is Part.POSTGRES else {"split": ","}
    return RandomTable(
        name="papers",
        part=part,
        id="kb://papers/{}",
        keys=[Column("id", "int", lambda chance: chance.randint(0, 400), shown=id_part)],
        columns=[
            Column("caption", "varchar(200) NOT NULL", values.text(60), indexed=False),
            Column("let_in", kind, nullable(_names(part, nulls=True)), indexed=False),
            Column("kept_out", kind, nullable(_names(part)), indexed=False),
        ],
        mapping={
            "full_before_images": True,
            "title": "caption",
            "permissions": {
                "allowed": [{"type": "group", "column": "let_in", **split}],
                "denied": [{"type": "user", "column": "kept_out", **split}],
            },
        },
        more=_paper,
        secured=True,
    )


# --- keys

_AS_TEXT: Final = {Part.POSTGRES: "{}::text", Part.MARIADB: "CAST({} AS CHAR)"}


_WORDS: Final = ("", " ", ".", "..", "a", "A", "a ", "\u00e9", "e\u0301", "a/b", "a%2Fb",
                 "a?b#c&d=e+f", "\U0001f389" * 10, "\u202e", "\\", "'", '"', "{word}", "null",
                 f"{KEY_MARK} \u65e5")  # fmt: skip


def _key_number(chance: random.Random) -> str:
    """Return a number, always written alike, so that unequal texts are unequal keys."""
    return _number_in_an_id(Decimal(values.decimal(30, 10)(chance)))


def _number_in_an_id(value: Decimal) -> str:
    # `normalize` would round to 28 digits.
    return "0" if value == 0 else f"{value:.10f}".rstrip("0").rstrip(".")


def _moment_in_an_id(value: str) -> str:
    """Return all digits that count, and at least milliseconds."""
    day, _, clock = value.partition(" ")
    whole, _, fraction = clock.partition(".")
    return id_part(f"{day}T{whole}.{fraction.rstrip('0'):0<3}Z")


def _word(chance: random.Random) -> str:
    return str(mixed(_WORDS, values.text(30))(chance))


# --- parts of items


def _details(document: str | None) -> Json:
    """Return what the mapping takes out of the JSON."""
    if document is None:
        return {"maker": None, "n": None}
    parsed = json.loads(document, parse_float=Decimal)
    return {"maker": (parsed.get("maker") or {}).get("name"), "n": number(parsed.get("n"))}


def _names(part: Part, *, nulls: bool = False) -> values.Draw:
    one = nullable(one_of(*values.READERS)) if nulls else one_of(*values.READERS)
    names = values.array(one, 4)
    if part is Part.POSTGRES:
        return names
    return lambda chance: ", ".join(filter(None, names(chance)))


def _paper(row: Row) -> Item:
    allowed = _identities(row["let_in"], "Group")
    # An item that allows nobody is denied to everybody, and names nobody.
    denied = _identities(row["kept_out"], "User") if allowed else []
    level: Mapping[str, object] = {
        "allowAnonymous": False,
        "allowedPermissions": allowed,
        "deniedPermissions": denied,
    }
    return {"title": row["caption"], "permissions": [level]}


def _identities(names: str | Iterable[str | None] | None, kind: str) -> list[Json]:
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",")]
    once = dict.fromkeys(name for name in names or () if name)
    return [{"identity": name, "identityType": kind} for name in once]
