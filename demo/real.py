"""The knowledge base in a real PostgreSQL, behind a real Debezium (`tests/stack`)."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from demo.record.kb_rows import KEYS, KnowledgeBase, first_rows
from tests.stack.commands import render
from tests.stack.connect import Connect
from tests.stack.converters import Converter, converter_settings
from tests.stack.places import Folders, Part
from tests.stack.stack import Stack

SEED: Final = 20260302
"""Of the first rows, and of the recorded day."""

_NAME: Final = "kb"
_PARTS: Final = (Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.CONNECT)
_RECORD: Final = Path(__file__).parent / "record"
_CAUGHT_UP_SECONDS: Final = 90.0
_LOOK_SECONDS: Final = 0.3
_AS_JSON: Final = {  # how a column of a type is written into the dump; others as they are
    "numeric": "{}::text",
    "timestamptz": """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "timestamp": """to_char({}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "bytea": "replace(encode({}, 'base64'), E'\\n', '')",
}


@contextmanager
def running(home: Path) -> Iterator[tuple[Stack, Path]]:
    """Give a fresh stack and a folder beside its data; both are removed in the end."""
    with tempfile.TemporaryDirectory(prefix="coveo-cdc-demo-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        stack = Stack(Folders(home, folder / "run"))
        try:
            stack.up(_PARTS)
            yield stack, folder
        finally:
            stack.wipe()


class RealDatabase:
    """The knowledge base's database on a running stack."""

    def __init__(self, stack: Stack) -> None:
        """Make the database, still without tables."""
        self._ends = stack.endpoints
        port = self._ends.ports[Part.POSTGRES]
        self.address = f"postgresql://app:app@127.0.0.1:{port}/{_NAME}"
        server = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {_NAME} OWNER app".encode())

    def fill(self, base: KnowledgeBase) -> None:
        """Make the tables with their first rows."""
        self.execute((_RECORD / "schema.sql").read_text("utf-8"))
        self.execute("\n".join(first_rows(base)))

    def execute(self, *texts: str) -> None:
        """Run texts of statements one after the other; what one text holds is one transaction."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            for text in texts:
                connection.execute(text.encode())

    def capture_changes(self) -> None:
        """Register the connector and wait until it runs."""
        ports = {f"{name}_port": port for name, port in self._ends.ports.items()}
        settings: dict[str, Any] = json.loads(
            render("postgres.json", {**ports, "name": _NAME, "namespace": "public"})
        )
        settings |= converter_settings(Converter.APICURIO, self._ends)
        settings |= json.loads((_RECORD / "kb.connector.json").read_text("utf-8"))
        connect = Connect(self._ends.connect_url)
        connect.put(_NAME, settings)
        connect.wait_until_running(_NAME)

    def wait_until_captured(self) -> None:
        """Wait until Debezium has confirmed everything that was written. Raises TimeoutError."""
        reached = "SELECT confirmed_flush_lsn >= %s FROM pg_replication_slots WHERE slot_name = %s"
        deadline = time.monotonic() + _CAUGHT_UP_SECONDS
        with psycopg.connect(self.address, autocommit=True) as connection:
            ((end,),) = connection.execute("SELECT pg_current_wal_lsn()").fetchall()
            while connection.execute(reached, [end, _NAME]).fetchall() != [(True,)]:
                if time.monotonic() > deadline:
                    problem = f"slot {_NAME} has not reached {end}"
                    raise TimeoutError(problem)
                time.sleep(_LOOK_SECONDS)

    def dump(self) -> list[dict[str, Any]]:
        """Return every row as `{"table": …, "row": …}`, in the order of tables and keys."""
        rows: list[dict[str, Any]] = []
        with psycopg.connect(self.address) as connection:
            for table in KEYS:
                columns = connection.execute(_columns_query(table).encode()).fetchall()
                lines = connection.execute(_dump_query(table, columns).encode())
                rows += (row for (row,) in lines)
        return rows


def _columns_query(table: str) -> str:
    return (
        "SELECT column_name, udt_name FROM information_schema.columns "  # noqa: S608 - our own names
        f"WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
    )


def _dump_query(table: str, columns: Iterable[Sequence[str]]) -> str:
    pairs = ", ".join(
        f"'{name}', {_AS_JSON.get(kind, '{}').format(name)}" for name, kind in columns
    )
    return (
        f"SELECT json_build_object('table', '{table}', "  # noqa: S608 - our own names
        f"'row', json_build_object({pairs})) FROM {table} ORDER BY {', '.join(KEYS[table])}"
    )
