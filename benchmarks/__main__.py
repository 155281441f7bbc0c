"""CPU per event of decode, map and encode over the demonstration's records; `--full`: of it all.

    python -m benchmarks          the translator alone: no Kafka, no windows, no pushing
    python -m benchmarks --full   the same, then the whole program at catching up (minutes)

The translator is the share that grows with every event. A comparison with other programs is not
here yet.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks import whole
from consumer import stations
from consumer.cli.explain import CapturedSchemas
from consumer.config.load import load_compiled
from consumer.domain.captures import record_of, schema_of
from consumer.domain.errors import PoisonError
from consumer.domain.records import Record
from consumer.pipeline.contract import Translator

DEMO = Path(__file__).parents[1] / "demo"
RUNS = 5


FULL_RECORDS = 100_000
FULL_RUNS = 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the whole program as well")
    parser.add_argument("--records", type=int, default=FULL_RECORDS, help="least records in a run")
    parser.add_argument("--runs", type=int, default=FULL_RUNS, help="runs of the whole program")
    options = parser.parse_args()
    _measure_translator()
    if options.full:
        whole.measure(options.records, options.runs)


def _measure_translator() -> None:
    records = _records()
    translator = _translator()
    told = Counter(_translate(translator, record) for record in records)  # also warms caches
    micros = [_cpu_micros(lambda: _all(translator, records)) / len(records) for _ in range(RUNS)]
    operations = sum(count for event, count in told.items() if event == "operations")
    print(f"Python {platform.python_version()} on {platform.machine()}, {os.cpu_count()} CPUs")
    print(f"{len(records)} records of the demonstration, of which {operations} cause operations")
    print(
        f"decode + map + encode: {statistics.median(micros):.1f} µs of CPU per record "
        f"(median of {RUNS}; {min(micros):.1f} to {max(micros):.1f})"
    )


def _all(translator: Translator, records: list[Record]) -> None:
    for record in records:
        _translate(translator, record)


def _translate(translator: Translator, record: Record) -> str:
    try:
        translation = translator.translate(record)
    except PoisonError as poison:
        return poison.reason
    return "operations" if translation.operations else str(translation.skip)


def _cpu_micros(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e6


def _translator() -> Translator:
    with (DEMO / "data" / "kb.schemas.jsonl").open(encoding="utf-8") as lines:
        schemas = CapturedSchemas({schema.ref: schema for schema in map(schema_of, lines)})
    with tempfile.NamedTemporaryFile("w") as key:
        key.write("nothing is pushed")
        key.flush()
        environment = {"COVEO_CDC__COVEO__API_KEY_FILE": key.name}
        return stations.translator(load_compiled(DEMO / "coveo-cdc.yaml", environment), schemas)


def _records() -> list[Record]:
    with gzip.open(DEMO / "data" / "kb.events.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [record_of(line) for line in lines]


if __name__ == "__main__":
    main()
