"""Every metric of the catalogue, with a value that a real run gave it."""

from __future__ import annotations

import io
import re
import struct
import time
from collections import defaultdict

import fastavro
import pytest

from consumer.observe.catalogue import CATALOGUE, Kind
from emulator.faults import Status
from tests.e2e.program import Json, Program, wait_for
from tests.e2e.rows import COLUMNS, Row, Table, row
from tests.e2e.stage import Stage, changed

pytestmark = pytest.mark.e2e

MORE = {"score": "double", "status": {"type": ["string", "null"], "default": "new"}}
"""Columns with values that may get lost, and with defaults that may stand for null."""
ROWS: list[Row] = [row(f"row-{number}", number, score=0.5, status="new") for number in range(20)]
SAMPLE = re.compile(r"^(cdc_\w+?)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
HEARTBEAT = {
    "type": "record",
    "name": "Heartbeat",
    "namespace": "io.debezium.connector.common",
    "connect.name": "io.debezium.connector.common.Heartbeat",
    "fields": [{"name": "ts_ms", "type": "long"}],
}
QUIET = {
    "cdc_records_released_total",
    "cdc_clock_skew_total",
    "cdc_kafka_throttle_seconds_total",
    "cdc_source_replays_total",
    "cdc_source_replayed_records_total",
}
"""Counters of what no part of this run causes: 0 is what it gave them."""
STANDING = {
    "cdc_build_info",
    "cdc_state",
    "cdc_freshness_objective_seconds",
    "cdc_last_settled_timestamp_seconds",
    "cdc_source_heartbeat_timestamp_seconds",
    "cdc_consumer_committed_offset",
    "cdc_topic_high_watermark",
    "cdc_consumer_assigned_partitions",
    "cdc_topic_partitions",
    "cdc_consumer_max_poll_interval_seconds",
    "cdc_kafka_stats_age_seconds",
    "cdc_kafka_brokers",
    "cdc_kafka_broker_rtt_seconds",
    "cdc_push_limiter_rate_per_second",
    "cdc_target_state",
    "cdc_buffer_limit_bytes",
}
"""Gauges that are not 0 when all is done; the others are, because all is done."""


def text(program: Program) -> str:
    """Return what a scraper gets."""
    return program.get("/metrics")[1]


def scraped(program: Program) -> dict[str, list[float]]:
    """Return the values of every sample, by name."""
    values: dict[str, list[float]] = defaultdict(list)
    for name, _, value in SAMPLE.findall(text(program)):
        values[name].append(float(value))
    return values


def beat(stage: Stage, topic: str) -> None:
    """Append a heartbeat."""
    sink = io.BytesIO()
    number = stage.registry.add(HEARTBEAT)
    parsed = fastavro.parse_schema(dict(HEARTBEAT))
    fastavro.schemaless_writer(sink, parsed, {"ts_ms": int(time.time() * 1000)})
    stage.broker.append(topic, 0, None, b"\0" + struct.pack(">I", number) + sink.getvalue())


def configuration(stage: Stage, heartbeats: str) -> Json:
    """Return a configuration under which everything that is measured happens."""
    stage.open = Table(stage.broker, stage.registry, stage.open.topic, {**COLUMNS, **MORE})
    # A window is open for long enough that two changes of a row meet in it.
    changes = {"kafka.heartbeat_topics": [heartbeats], "windows.linger_seconds": 2.0}
    wanted = changed(stage.configuration(), changes)
    wanted["kafka"]["settings"]["statistics.interval.ms"] = 200
    wanted["mappings"][0]["fields"] |= {name: name for name in MORE}
    return wanted


def trouble(stage: Stage, program: Program) -> None:
    """Let writing a dead letter fail, and the brokers be away for a moment."""
    wait_for(lambda: sum(scraped(program)["cdc_dead_letter_failures_total"]), "a letter fails")
    (stage.folder / "dead-letters").unlink()
    stage.wait_until_committed()
    stage.broker.set_down()
    try:
        errors = "cdc_kafka_client_errors_total"
        wait_for(lambda: sum(scraped(program)[errors]), "the client has trouble")
        wait_for(lambda: 'cdc_kafka_brokers{state="up"} 0.0' in text(program), "it is away")
    finally:
        stage.broker.set_up()
    wait_for(lambda: 'cdc_kafka_brokers{state="up"} 1.0' in text(program), "it is back")


@pytest.mark.slow
def test_every_metric_gets_its_value_in_a_run(stage: Stage) -> None:
    """A name without a sample makes a panel empty and an alert silent; so does one that stays 0."""
    heartbeats = stage.broker.new_topic("__debezium-heartbeat.e2e")
    wanted = configuration(stage, heartbeats)
    (stage.folder / "dead-letters").touch()
    stage.index.fault(Status(429, "TOO_MANY_REQUESTS", retry_after=0), count=1)
    stage.put(*ROWS)
    stage.put(ROWS[0] | {"version": 99, "score": float("nan")}, op="u")
    moved_to = ROWS[1] | {"id": f"{ROWS[1]['id']}-moved"}
    stage.open.move(ROWS[1], moved_to)
    stage.open.raw("broken", b"\0\0\0\0\0")
    beat(stage, heartbeats)
    stage.broker.flush()
    program = stage.running(wanted)
    stage.wait_for_versions(ROWS[0] | {"version": 99}, moved_to, *ROWS[2:])
    assert 'cdc_dead_letters_total{reason="null_key"} 0.0' in text(program)
    trouble(stage, program)
    values = scraped(program)
    for metric in CATALOGUE:
        name = metric.exposed_name
        moved = metric.kind is Kind.HISTOGRAM or metric.kind is Kind.COUNTER or name in STANDING
        found = values[f"{name}_count" if metric.kind is Kind.HISTOGRAM else name]
        assert found, name
        assert any(found) or not moved or name in QUIET, name


def test_the_stages_of_a_run_add_up_to_its_latency(stage: Stage) -> None:
    """From the table to Coveo, by four clocks in three programs on one machine."""
    stage.put(*ROWS)
    stage.put(row("old", 5), op="r")
    program = stage.running()
    stage.wait_for_versions(*ROWS, row("old", 5))
    stage.wait_until_committed()
    wait_for(lambda: _counted(program, "end_to_end") == [1.0, len(ROWS)], "all are counted")
    assert _counted(program, "stage") == [len(ROWS) + 1.0] * 4
    values = scraped(program)
    whole = sum(values["cdc_end_to_end_latency_seconds_sum"])
    assert sum(values["cdc_stage_latency_seconds_sum"]) == pytest.approx(whole, abs=0.1)


def _counted(program: Program, what: str) -> list[float]:
    return sorted(scraped(program)[f"cdc_{what}_latency_seconds_count"])
