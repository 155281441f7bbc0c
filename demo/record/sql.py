# ruff: noqa: S608 -- builds SQL from names and values of our own
"""Values and statements as SQL text; the recorder talks to the database through its shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = "bool | int | Decimal | str | bytes | datetime | Sequence[str] | None"


def literal(value: Value) -> str:
    """The value as a PostgreSQL literal."""
    match value:
        case None:
            text = "NULL"
        case bool():
            text = "true" if value else "false"
        case int() | Decimal():
            text = str(value)
        case bytes():
            text = rf"'\x{value.hex()}'::bytea"
        case datetime():
            text = f"'{value.isoformat()}'"
        case str():
            text = "'" + value.replace("'", "''") + "'"
        case _:
            text = "ARRAY[" + ", ".join(map(literal, value)) + "]::text[]"
    return text


def insert(table: str, row: Mapping[str, Value]) -> str:
    """INSERT one row."""
    return (
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(literal, row.values()))});"
    )


def update(table: str, key: Mapping[str, Value], row: Mapping[str, Value]) -> str:
    """UPDATE the columns of one row."""
    assignments = ", ".join(f"{name} = {literal(value)}" for name, value in row.items())
    return f"UPDATE {table} SET {assignments} WHERE {condition(key)};"


def delete(table: str, key: Mapping[str, Value]) -> str:
    """DELETE one row."""
    return f"DELETE FROM {table} WHERE {condition(key)};"


def condition(key: Mapping[str, Value]) -> str:
    """Equality with every column of the key."""
    return " AND ".join(f"{name} = {literal(value)}" for name, value in key.items())
