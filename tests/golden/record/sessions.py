"""A session with a database: statements in, rows of text out."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import psycopg
import pymysql

_OWNERS: Final = {"postgres": "postgres", "mariadb": "root"}
_POSTGRES_SETTINGS: Final = "-c intervalstyle=iso_8601 -c timezone=UTC -c client_encoding=UTF8"


class Session(Protocol):
    """An open session; a transaction begins and ends by statements only."""

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        ...

    def close(self) -> None:
        """End the session."""
        ...


@dataclass(frozen=True, slots=True)
class Server:
    """Where a database listens."""

    kind: str
    port: int

    @classmethod
    def of(cls, kind: str, dsn: str) -> Server:
        """Return the server of a DSN."""
        return cls(kind, urlsplit(dsn).port or 0)

    def session(self, catalog: str, *, owner: bool = False) -> Session:
        """Open a session as the application's user, or as the database's owner."""
        user = _OWNERS[self.kind] if owner else "app"
        return (_Postgres if self.kind == "postgres" else _MariaDb)(self.port, user, catalog)


class _Postgres:
    def __init__(self, port: int, user: str, catalog: str) -> None:
        self._connection = psycopg.connect(
            host="127.0.0.1",
            port=port,
            user=user,
            password="app",
            dbname=catalog,
            options=_POSTGRES_SETTINGS,
            autocommit=True,
        )

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        self._connection.close()


class _MariaDb:
    def __init__(self, port: int, user: str, catalog: str) -> None:
        self._connection = pymysql.connect(
            host="127.0.0.1",
            port=port,
            user=user,
            password="app" if user == "app" else "",
            database=catalog,
            charset="utf8mb4",
            autocommit=True,
            init_command="SET time_zone = '+00:00'",
        )

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(statement)
            return [*cursor.fetchall()]

    def close(self) -> None:
        self._connection.close()
