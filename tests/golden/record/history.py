"""What a table's rows are, asked of the database itself: each row as texts, by its key.

The history of a case is its witness: what must arrive is derived from it and not from the records.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from tests.golden.record.scenario import Table
from tests.golden.record.sessions import Session

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = dict[str, Row]
"""Rows by key; a key is the JSON list of its columns' texts."""

_VERSION: Final = "@version"
_POSTGRES_COLUMNS: Final = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
WHERE a.attrelid = to_regclass('"{table}"') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_MARIADB_COLUMNS: Final = """
SELECT column_name, column_type FROM information_schema.columns
WHERE table_schema = database() AND table_name = '{table}' ORDER BY ordinal_position
"""
_BINARY: Final = ("binary", "varbinary", "blob", "tinyblob", "mediumblob", "longblob")
_SHAPES: Final = ("geometry", "point", "linestring", "polygon", "multi")


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks at tables of one database, within the session that writes."""

    kind: str
    session: Session

    def columns(self, table: str) -> dict[str, str]:
        """Return the columns of a table and their types, in order; none if there is no table."""
        query = _POSTGRES_COLUMNS if self.kind == "postgres" else _MARIADB_COLUMNS
        return {str(row[0]): str(row[1]) for row in self.session.run(query.format(table=table))}

    def rows(self, name: str, table: Table) -> Rows:
        """Return all rows of a table."""
        columns = self.columns(name)
        if not columns:
            return {}
        query = _postgres_rows if self.kind == "postgres" else _mariadb_rows
        found = [row[0] for row in self.session.run(query(name, columns, table.show))]
        rows = [json.loads(each) if isinstance(each, str) else each for each in found]
        return {_key(row, table): row for row in rows}


def _key(row: Row, table: Table) -> str:
    return json.dumps([row.get(name) for name in table.key], ensure_ascii=False)


def touched(before: Mapping[str, Row], after: Mapping[str, Row]) -> dict[str, Row | None]:
    """Return what became of each row that a statement touched; null where it is gone."""
    gone: dict[str, Row | None] = {key: None for key in before if key not in after}
    changed = {key: row for key, row in after.items() if before.get(key) != row}
    return {**gone, **{key: plain(row) for key, row in changed.items()}}


def plain(row: Row) -> Row:
    """Return a row without the mark that tells a rewritten row from one left alone."""
    return {name: text for name, text in row.items() if name != _VERSION}


def _postgres_rows(table: str, columns: Mapping[str, str], show: Mapping[str, str]) -> str:
    texts = [f'({show.get(name, _quoted(name))})::text AS "{name}"' for name in columns]
    mark = f'tableoid::text || ctid::text AS "{_VERSION}"'
    return (
        f"SELECT row_to_json(r) FROM (SELECT {', '.join(texts)}, {mark} "  # noqa: S608 - our own names
        f'FROM "{table}" ORDER BY tableoid, ctid) r'
    )


def _quoted(name: str) -> str:
    return f'"{name}"'


def _mariadb_rows(table: str, columns: Mapping[str, str], show: Mapping[str, str]) -> str:
    pairs = [
        f"'{name}', {show.get(name, _mariadb_text(name, kind))}" for name, kind in columns.items()
    ]
    return f"SELECT JSON_OBJECT({', '.join(pairs)}) FROM `{table}`"  # noqa: S608 - our own names


def _mariadb_text(name: str, kind: str) -> str:
    if kind.startswith(_BINARY):
        return f"HEX(`{name}`)"
    if kind.startswith(_SHAPES):
        return f"ST_AsText(`{name}`)"
    if kind.startswith("bit"):
        return f"BIN(`{name}` + 0)"
    return f"CAST(`{name}` AS CHAR)"
