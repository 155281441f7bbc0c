"""The demonstration: a database's recorded changes arrive in a search index.

    python -m demo          goes on with a few changes a second until Ctrl-C
    python -m demo --once   ends by itself; exit code 0 only if the index equals the database

Everything is local: an embedded broker, a registry with the recorded schemas, the Push API
emulator, and the real `coveo-cdc run` as its own process with `demo/coveo-cdc.yaml`.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from demo import compare, expected, recording
from demo.broker import EmbeddedBroker
from demo.changes import MoreChanges
from demo.feed import SNAPSHOT_EVENTS, Feed
from demo.recording import RecordedEvent
from demo.registry import RecordedRegistry
from demo.stage import Stage
from demo.view import View

_FAILED = 1
_PARTS_OF_THE_DAY = 12
_SETTLE_SECONDS = 120


def demonstrate(
    *,
    once: Annotated[bool, typer.Option("--once", help="End by itself and check.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Keep logs and dead letters here.")] = None,
    day_rate: Annotated[float, typer.Option(help="Recorded changes a second.")] = 25.0,
    change_rate: Annotated[float, typer.Option(help="Changes a second after that.")] = 3.0,
) -> None:
    """Show a database's changes arriving in a search index."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop the programs then, too
    with tempfile.TemporaryDirectory(prefix="coveo-cdc-demo-") as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        broker = EmbeddedBroker(dict.fromkeys(event.topic for event in recording.events()))
        try:
            registry = RecordedRegistry(recording.schemas())
            with Stage(folder, broker.address, registry.url) as stage:
                code = _once(stage, broker) if once else _on(stage, broker, day_rate, change_rate)
        except RuntimeError as trouble:
            typer.echo(f"the demonstration failed: {trouble}", err=True)
            code = _FAILED
        except KeyboardInterrupt:
            code = 0
    sys.exit(code)


def _once(stage: Stage, broker: EmbeddedBroker) -> int:
    began = time.monotonic()
    with View(stage, lambda: broker.produced) as view:
        for part in _parts(list(recording.events())):
            for event in part:
                broker.produce(event)
            broker.flush()
            view.show()
            stage.check()
        deadline = time.monotonic() + _SETTLE_SECONDS
        while not stage.everything_settled(broker.produced):
            view.show()
            stage.check()
            if time.monotonic() > deadline:
                msg = f"records without a fate after {_SETTLE_SECONDS} s: {stage.status()['stuck']}"
                raise RuntimeError(msg)
    seconds = time.monotonic() - began
    code = stage.consumer.stop()
    if code != 0:
        typer.echo(f"coveo-cdc ended with exit code {code}; see {stage.consumer.log}", err=True)
        return _FAILED
    stage.report(broker.produced, seconds)
    return compare.told(stage.emulator_url, expected.index_of(recording.dump()))


def _parts(events: list[RecordedEvent]) -> Iterator[list[RecordedEvent]]:
    """The snapshot as one part, then the day in several: changes must meet what is indexed."""
    yield events[:SNAPSHOT_EVENTS]
    size = -(-(len(events) - SNAPSHOT_EVENTS) // _PARTS_OF_THE_DAY)
    for start in range(SNAPSHOT_EVENTS, len(events), size):
        yield events[start : start + size]


def _on(stage: Stage, broker: EmbeddedBroker, day_rate: float, change_rate: float) -> int:
    more = MoreChanges(recording.schemas(), seed=1)
    feed = Feed(broker, more, day_rate, change_rate)
    feed.start()
    with View(stage, lambda: broker.produced) as view:
        try:
            while True:
                feed.check()
                stage.check()
                view.show()
        except KeyboardInterrupt:
            feed.stop()
    typer.echo("stopping: what was taken in is sent and committed first")
    code = stage.consumer.stop()
    stage.report(broker.produced)
    return _FAILED if code else 0


if __name__ == "__main__":
    program = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    program.command()(demonstrate)
    program()
