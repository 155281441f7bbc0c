"""The demonstration on the real thing: change a row in PostgreSQL, see it in the index.

    python -m demo.live     until Ctrl-C; the first time some minutes to fetch the parts

PostgreSQL → Debezium on Kafka Connect → Kafka with a schema registry → `coveo-cdc run` → emulator:
every part a process of its own on the loopback (`tests/stack`), removed with its data at the end.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

import psycopg
import typer

from demo.compare import differences, indexed, told
from demo.expected import Index, index_of
from demo.record.kb import columns_query, dump_query
from demo.record.kb_rows import KEYS, KnowledgeBase, first_rows
from demo.stage import Stage
from demo.view import View
from tests.stack.commands import render
from tests.stack.connect import Connect
from tests.stack.converters import Converter, converter_settings
from tests.stack.install import install, this_machine
from tests.stack.places import Folders, Part, StackError, default_home
from tests.stack.requirements import lacking
from tests.stack.stack import Stack

PARTS: Final = (Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.CONNECT)
SEED: Final = 20260302
_RECORD: Final = Path(__file__).parent / "record"
_FAILED: Final = 1
_LAST_CHANGE_SECONDS: Final = 15.0
_LOOK_SECONDS: Final = 0.25
_TRY: Final = """\
type this in another terminal, then one of the lines below, and look at the index:

  {psql}

  UPDATE articles SET title = 'Hello from PostgreSQL' WHERE id = 1001;
  UPDATE articles SET published = NOT published WHERE id = 1002;
  DELETE FROM articles WHERE id = 1003;
  UPDATE articles SET id = 9001 WHERE id = 1004;

Ctrl-C stops everything and removes it."""


def main() -> int:
    """Start everything, wait for Ctrl-C, remove everything; return the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    home = Folders(default_home(), Path())
    if lacks := lacking(this_machine(home)):
        typer.echo(f"the real stack cannot run here, missing: {'; '.join(lacks)}", err=True)
        return _FAILED
    try:
        typer.echo(f"the parts are in {home.home}; what is missing there is fetched now")
        install(home)
        with _running(home.home) as (stack, folder):
            return _demonstrate(stack, folder)
    except (RuntimeError, StackError) as trouble:
        typer.echo(f"the demonstration failed: {trouble}", err=True)
        return _FAILED
    except KeyboardInterrupt:
        return 0


@contextmanager
def _running(home: Path) -> Iterator[tuple[Stack, Path]]:
    with tempfile.TemporaryDirectory(prefix="coveo-cdc-demo-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        stack = Stack(Folders(home, folder / "run"))
        try:
            stack.up(PARTS)
            yield stack, folder
        finally:
            stack.wipe()


def _demonstrate(stack: Stack, folder: Path) -> int:
    psql = _fill(stack)
    _connect(stack)
    ends = stack.endpoints
    with Stage(folder, ends.bootstrap_servers, ends.registry_url) as stage:
        typer.echo(_TRY.format(psql=psql))
        with View(stage) as view:
            try:
                while True:
                    stage.check()
                    view.show()
            except KeyboardInterrupt:
                typer.echo("stopping: what was taken in is sent and committed first")
        wanted = _index_of_the_database(stack)
        _wait_until_indexed(stage, wanted)
        if code := stage.consumer.stop():
            typer.echo(f"coveo-cdc ended with exit code {code}", err=True)
            return _FAILED
        stage.report()
        return told(stage.emulator_url, wanted)


def _wait_until_indexed(stage: Stage, wanted: Index) -> None:
    """Let the last change arrive: it may have been made a moment ago."""
    deadline = time.monotonic() + _LAST_CHANGE_SECONDS
    while differences(wanted, indexed(stage.emulator_url, list(wanted))):
        if time.monotonic() > deadline:
            return
        time.sleep(_LOOK_SECONDS)


def _fill(stack: Stack) -> str:
    """Make the knowledge base with its first rows; return the shell command that opens it."""
    port = stack.endpoints.ports[Part.POSTGRES]
    with psycopg.connect(host="127.0.0.1", port=port, user="postgres", autocommit=True) as server:
        server.execute("CREATE DATABASE kb OWNER app")
    with psycopg.connect(_address(stack)) as database:
        database.execute((_RECORD / "schema.sql").read_bytes())
        database.execute("\n".join(first_rows(KnowledgeBase(Random(SEED)))).encode())
    return f"psql {_address(stack)}"


def _address(stack: Stack) -> str:
    return f"postgresql://app:app@127.0.0.1:{stack.endpoints.ports[Part.POSTGRES]}/kb"


def _index_of_the_database(stack: Stack) -> Index:
    rows: list[dict[str, Any]] = []
    with psycopg.connect(_address(stack)) as database:
        for table in KEYS:
            columns = database.execute(columns_query(table).encode()).fetchall()
            rows += (row for (row,) in database.execute(dump_query(table, columns).encode()))
    return index_of((row["table"], row["row"]) for row in rows)


def _connect(stack: Stack) -> None:
    ends = stack.endpoints
    ports = {f"{name}_port": port for name, port in ends.ports.items()}
    settings: dict[str, Any] = json.loads(
        render("postgres.json", {**ports, "name": "kb", "namespace": "public"})
    )
    settings |= converter_settings(Converter.APICURIO, ends)
    settings |= json.loads((_RECORD / "kb.connector.json").read_text("utf-8"))
    connect = Connect(ends.connect_url)
    connect.put("kb", settings)
    connect.wait_until_running("kb")


if __name__ == "__main__":
    sys.exit(main())
