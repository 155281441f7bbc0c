"""A namespace in one of the stack's databases: written, read and dropped, by drivers of their own.

A namespace is a PostgreSQL schema or a MariaDB database. Statements name tables without it, take
`%s` for values, and a session sees times in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, Protocol

import psycopg
import pymysql
from psycopg.rows import dict_row
from pymysql.cursors import DictCursor

from tests.e2e.program import wait_for
from tests.stack.places import Json, Part
from tests.stack.stack import Endpoints

Row = dict[str, Any]
Position = tuple[str, int]
"""A place in a database's log: file and offset. PostgreSQL's log is one file without a name."""

SIGNALS: Final = "debezium_signal"
"""Table for signals to Debezium."""

MARKS: Final = "marks"
"""Table of one row, which is changed to see when a change has come through."""

_TABLES: Final = (
    f"CREATE TABLE IF NOT EXISTS {SIGNALS} (id varchar(64) PRIMARY KEY, type text, data text)",
    f"CREATE TABLE IF NOT EXISTS {MARKS} (id int PRIMARY KEY, number bigint NOT NULL)",
    f"DELETE FROM {MARKS}",  # noqa: S608 - a name of our own
    f"INSERT INTO {MARKS} VALUES (1, 0)",  # noqa: S608 - the same
)


class Session:
    """A connection that commits each statement by itself, but for those in a `transaction`."""

    def __init__(self, connection: Any) -> None:
        """Use a DB-API connection in autocommit whose cursors give dictionaries."""
        self._connection = connection

    def execute(self, statement: str, *values: object) -> None:
        """Run one statement."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def rows(self, query: str, *values: object) -> list[Row]:
        """Return what a query gives."""
        with self._connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return [dict(row) for row in cursor.fetchall()]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is executed in here together; roll it back if it raises."""
        self.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK")
            raise
        self.execute("COMMIT")


class Database(Protocol):
    """A namespace of one test."""

    namespace: str
    part: Part

    def session(self) -> AbstractContextManager[Session]:
        """Open a connection."""
        ...

    def create(self) -> None:
        """Make the namespace, with the tables for signals and marks."""
        ...

    def drop(self) -> None:
        """Drop it with everything in it."""
        ...

    def log_position(self) -> Position:
        """Return where the database's log ends now."""
        ...

    def position_of(self, offset: Json) -> Position | None:
        """Return the place that a connector's committed position names, `None` in a snapshot."""
        ...

    def release(self, connector: str) -> None:
        """Give up what the server keeps for a connector that was deleted."""
        ...


class Postgres:
    """A schema in PostgreSQL's database `app`."""

    part = Part.POSTGRES

    def __init__(self, endpoints: Endpoints, namespace: str) -> None:
        """Talk to the server at `endpoints`."""
        self.namespace, self._dsn = namespace, endpoints.postgres_dsn

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a connection."""
        options = f"-c search_path={self.namespace} -c timezone=UTC"
        factory: Any = dict_row
        opened = psycopg.connect(
            self._dsn, autocommit=True, options=options, row_factory=factory, connect_timeout=10
        )
        with opened as connection:
            yield Session(connection)

    def create(self) -> None:
        """Make the schema, with the tables for signals and marks."""
        with self.session() as session:
            for statement in (f"CREATE SCHEMA IF NOT EXISTS {self.namespace}", *_TABLES):
                session.execute(statement)

    def drop(self) -> None:
        """Drop the schema."""
        with self.session() as session:
            session.execute(f"DROP SCHEMA IF EXISTS {self.namespace} CASCADE")

    def log_position(self) -> Position:
        """Return the end of the write-ahead log."""
        with self.session() as session:
            (row,) = session.rows("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS lsn")
        return "", int(row["lsn"])

    def position_of(self, offset: Json) -> Position | None:
        """Return the LSN of the last change that is in Kafka."""
        return None if _in_snapshot(offset) else ("", int(offset["lsn"]))

    def release(self, connector: str) -> None:
        """Drop slot and publication; Connect lets a slot go some time after it was told to."""
        slot = "FROM pg_replication_slots WHERE slot_name = %s"
        with self.session() as session:
            drop = f"SELECT pg_drop_replication_slot(slot_name) {slot} AND NOT active"

            def dropped() -> bool:
                session.execute(drop, connector)
                return not session.rows(f"SELECT 1 {slot}", connector)

            wait_for(dropped, f"slot {connector} is dropped")
            session.execute(f"DROP PUBLICATION IF EXISTS {connector}")


class MariaDb:
    """A database of MariaDB's server."""

    part = Part.MARIADB

    def __init__(self, endpoints: Endpoints, namespace: str) -> None:
        """Talk to the server at `endpoints`."""
        self.namespace, self._port = namespace, endpoints.ports[Part.MARIADB]

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a connection."""
        with self._connected(self.namespace) as session:
            yield session

    @contextmanager
    def _connected(self, database: str) -> Iterator[Session]:
        opened = pymysql.connect(
            host="127.0.0.1",
            port=self._port,
            user="app",
            password="app",
            database=database,
            charset="utf8mb4",
            autocommit=True,
            cursorclass=DictCursor,
            init_command="SET time_zone = '+00:00'",
        )
        with opened as connection:
            yield Session(connection)

    def create(self) -> None:
        """Make the database, with the tables for signals and marks."""
        with self._connected("app") as session:
            session.execute(f"CREATE DATABASE IF NOT EXISTS {self.namespace}")
        with self.session() as session:
            for statement in _TABLES:
                session.execute(statement)

    def drop(self) -> None:
        """Drop the database."""
        with self._connected("app") as session:
            session.execute(f"DROP DATABASE IF EXISTS {self.namespace}")

    def log_position(self) -> Position:
        """Return the end of the binary log."""
        with self._connected("app") as session:
            (row,) = session.rows("SHOW MASTER STATUS")
        return str(row["File"]), int(row["Position"])

    def position_of(self, offset: Json) -> Position | None:
        """Return the beginning of the last transaction that is in Kafka."""
        return None if _in_snapshot(offset) else (str(offset["file"]), int(offset["pos"]))

    def release(self, connector: str) -> None:
        """Do nothing: the server keeps nothing for a connector."""


def _in_snapshot(offset: Mapping[str, Any]) -> bool:
    """Return whether rows of the snapshot may still be missing."""
    return not offset or ("snapshot" in offset and not offset.get("snapshot_completed"))
