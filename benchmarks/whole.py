"""The whole program at catching up: the demonstration's log many times over, from Kafka to 202.

`coveo-cdc run` reads from the embedded broker and pushes to the emulator; each is a process of its
own, so its processor time is its own, its start included. The broker keeps 5 MB of a partition, so
the log is written as fast as the program reads it. Beside it, in the same run on the same machine,
the floor: nothing but reading each value with fastavro. Their ratio is comparable between machines,
the seconds are not.
"""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import fastavro
import httpx

from demo import recording
from demo.broker import EmbeddedBroker
from demo.recording import RecordedEvent
from demo.registry import RecordedRegistry
from demo.stage import Stage

_UNREAD: Final = frozenset({"kb.public.categories", "kb.public.comments"})
_FRAMING_BYTES: Final = 5
_PATIENCE_SECONDS: Final = 900.0
_LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of the program cost."""

    records: int
    wall_seconds: float
    cpu_seconds: float
    resident_bytes: float

    @property
    def cpu_micros_per_record(self) -> float:
        """Return processor time per record, in microseconds."""
        return self.cpu_seconds * 1e6 / self.records


def measure(min_records: int, runs: int) -> None:
    """Measure program and floor in turn, `runs` times, and print both with their ratio."""
    events = [event for event in recording.events() if event.topic not in _UNREAD]
    copies = -(-min_records // len(events))
    print(f"catching up: {len(events) * copies} records, {copies} times the demonstration's log")
    costs, floors = list[Cost](), list[float]()
    for number in range(1, runs + 1):
        floors.append(_floor_micros(events))
        costs.append(_program(events, copies))
        print(f"run {number}: {_told(costs[-1])}; floor {floors[-1]:.1f} µs")
    micros = statistics.median(cost.cpu_micros_per_record for cost in costs)
    floor = statistics.median(floors)
    print(f"program: {micros:.1f} µs of CPU per record, median of {runs}, with its start")
    print(
        f"floor (fastavro alone): {floor:.1f} µs; the program takes {micros / floor:.2f} times it"
    )


def _told(cost: Cost) -> str:
    return (
        f"{cost.wall_seconds:.1f} s, {cost.records / cost.wall_seconds:,.0f} records/s, "
        f"{cost.cpu_micros_per_record:.1f} µs of CPU per record, "
        f"{cost.resident_bytes / 1e6:.0f} MB resident at the end"
    )


def _program(events: list[RecordedEvent], copies: int) -> Cost:
    broker = EmbeddedBroker(dict.fromkeys(event.topic for event in events))
    registry = RecordedRegistry(recording.schemas())
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="coveo-cdc-bench-") as folder,
        Stage(Path(folder), broker.address, registry.url) as stage,
    ):
        for _ in range(copies):
            _wait(stage, polled=broker.produced - len(events))  # at most two copies ahead
            for event in events:
                broker.produce(event)
            broker.flush()
        _wait(stage, polled=broker.produced, settled=True)
        seconds = time.monotonic() - began
        page = httpx.get(f"{stage.consumer_url}/metrics", timeout=10).text
    cpu, resident = (
        _sample(page, f"process_{name}") for name in ("cpu_seconds_total", "resident_memory_bytes")
    )
    return Cost(broker.produced, seconds, cpu, resident)


def _wait(stage: Stage, *, polled: int, settled: bool = False) -> None:
    """Wait until so many records were polled, or all have their fate."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        records = stage.status()["records"] or {"polled": 0, "open": 0, "held": 0}
        waiting = settled and records["open"] + records["held"] > 0
        if records["polled"] >= polled and not waiting:
            return
        stage.check()
        if time.monotonic() > deadline:
            msg = f"no end within {_PATIENCE_SECONDS:g} s: {stage.status()['stuck']}"
            raise RuntimeError(msg)
        time.sleep(_LOOK_SECONDS)


def _sample(page: str, name: str) -> float:
    return next(float(line.split()[1]) for line in page.splitlines() if line.startswith(f"{name} "))


def _floor_micros(events: list[RecordedEvent]) -> float:
    schemas = {number: fastavro.parse_schema(it) for number, it in recording.schemas().items()}
    values = [event.value for event in events if event.value is not None]
    began = time.process_time()
    for value in values:
        _read(value, schemas)
    return (time.process_time() - began) * 1e6 / len(values)


def _read(value: bytes, schemas: dict[int, Any]) -> None:
    schema = schemas[int.from_bytes(value[1:_FRAMING_BYTES], "big")]
    fastavro.schemaless_reader(io.BytesIO(value[_FRAMING_BYTES:]), schema, None)
