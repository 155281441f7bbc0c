"""The demonstration on the real thing: change a row in PostgreSQL, see it in the index.

    python -m demo.live     until Ctrl-C; the first time some minutes to fetch the parts

PostgreSQL → Debezium on Kafka Connect → Kafka with a schema registry → `coveo-cdc run` → emulator:
every part a process of its own on the loopback (`tests/stack`), removed with its data at the end.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from random import Random
from typing import Final

import typer

from demo.compare import differences, indexed, told
from demo.expected import Index, index_of
from demo.real import SEED, RealDatabase, running
from demo.record.kb_rows import KnowledgeBase
from demo.stage import Stage
from demo.view import View
from tests.stack.install import install, this_machine
from tests.stack.places import Folders, StackError, default_home
from tests.stack.requirements import lacking
from tests.stack.stack import Stack

_FAILED: Final = 1
_SNAPSHOT_SECONDS: Final = 60.0
"""Before it, a change that is typed in shows only when everything else has arrived."""
_LAST_CHANGE_SECONDS: Final = 15.0
"""The last change may have been made a moment ago."""
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
        with running(home.home) as (stack, folder):
            return _demonstrate(stack, folder)
    except (RuntimeError, StackError) as trouble:
        typer.echo(f"the demonstration failed: {trouble}", err=True)
        return _FAILED
    except KeyboardInterrupt:
        return 0


def _demonstrate(stack: Stack, folder: Path) -> int:
    database, ends = RealDatabase(stack), stack.endpoints
    database.fill(KnowledgeBase(Random(SEED)))
    database.capture_changes()
    with Stage(folder, ends.bootstrap_servers, ends.registry_url) as stage:
        typer.echo("waiting until the first snapshot is in the index")
        _wait_until_indexed(stage, _wanted(database), _SNAPSHOT_SECONDS)
        typer.echo(_TRY.format(psql=f"psql {database.address}"))
        with View(stage) as view:
            try:
                while True:
                    stage.check()
                    view.show()
            except KeyboardInterrupt:
                typer.echo("stopping: what was taken in is sent and committed first")
        wanted = _wanted(database)
        _wait_until_indexed(stage, wanted, _LAST_CHANGE_SECONDS)
        if code := stage.consumer.stop():
            typer.echo(f"coveo-cdc ended with exit code {code}", err=True)
            return _FAILED
        stage.report()
        return told(stage.emulator_url, wanted)


def _wanted(database: RealDatabase) -> Index:
    """Return the index that the database calls for now."""
    return index_of((row["table"], row["row"]) for row in database.dump())


def _wait_until_indexed(stage: Stage, wanted: Index, seconds: float) -> None:
    """Let the index become so; what is missing after that time is told by whoever compares."""
    deadline = time.monotonic() + seconds
    while differences(wanted, indexed(stage.emulator_url, list(wanted))):
        stage.check()
        if time.monotonic() > deadline:
            return
        time.sleep(_LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
