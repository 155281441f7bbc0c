"""Tables that scenarios share, each with its mapping and, apart from that, its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tests.stack.databases import Row
from tests.stack.places import Part
from tests.stack.truth import Indexed, Item, base64_text, id_part, moment, number


def _article(row: Row) -> Item:
    return {
        "documentId": f"kb://articles/{row['id']}",
        "title": row["title"],
        "data": row["body"],
        "fileExtension": ".txt",
        "price": number(row["price"]),
        "views": number(row["views"]),
        "featured": None if row["featured"] is None else bool(row["featured"]),
        "updated_at": moment(row["updated_at"]),
        "stamp": base64_text(row["stamp"]),
    }


ARTICLES: Final = Indexed(
    table="articles",
    mapping={
        "id": "kb://articles/{id}",
        "when": 'row.state != "hidden"',
        "title": "title",
        "body": "body",
        "file_extension": ".txt",
        "fields": {
            "price": "price",
            "views": "views",
            "featured": {"column": "featured", "as": "boolean"},
            "updated_at": {"column": "updated_at", "as": "date"},
            "stamp": {"column": "stamp", "as": "base64"},
        },
    },
    select="SELECT * FROM articles WHERE state <> 'hidden'",
    item=_article,
)
"""One key column; text, numbers, a boolean, a time, bytes; hidden rows have no item."""


def _stock(row: Row) -> Item:
    return {
        "documentId": f"shop://stock/{id_part(row['warehouse'])}/{id_part(row['sku'])}",
        "title": f"{row['sku']}",
        "quantity": row["quantity"],
    }


STOCK: Final = Indexed(
    table="stock",
    mapping={
        "id": "shop://stock/{warehouse}/{sku}",
        "title": "sku",
        "fields": {"quantity": "quantity"},
    },
    select="SELECT * FROM stock",
    item=_stock,
)
"""A key of two columns."""

_ARTICLES: Final = (
    "CREATE TABLE articles (id int PRIMARY KEY, title varchar(200) NOT NULL, body {text},"
    " state varchar(20) NOT NULL, price numeric(12, 2), views bigint, featured boolean,"
    " updated_at {moment}, stamp {bytes})"
)
_STOCK: Final = (
    "CREATE TABLE stock (warehouse varchar(20) NOT NULL, sku varchar(20) NOT NULL,"
    " quantity int NOT NULL, PRIMARY KEY (warehouse, sku))"
)
_TYPES: Final[Mapping[Part, Mapping[str, str]]] = {
    Part.POSTGRES: {"text": "text", "moment": "timestamp(6)", "bytes": "bytea"},
    Part.MARIADB: {"text": "longtext", "moment": "datetime(6)", "bytes": "varbinary(200)"},
}


def creating(part: Part) -> Sequence[str]:
    """Return the statements that make these tables, with whole rows before each change."""
    statements = [_ARTICLES.format(**_TYPES[part]), _STOCK]
    if part is Part.POSTGRES:
        full = "ALTER TABLE {} REPLICA IDENTITY FULL"
        statements += [full.format(table) for table in ("articles", "stock")]
    return statements
