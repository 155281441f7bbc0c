"""`coveo-cdc capture`: real records into a capture file, with their schemas."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from consumer import parts, stations
from consumer.cli.options import ConfigOption, loaded
from consumer.domain.captures import record_line, schema_line, schemas_name
from consumer.kafka.capturing import first_records

TopicOption = Annotated[str, typer.Option("--topic", "-t", help="The topic to read.")]
CountOption = Annotated[int, typer.Option("-n", "--count", min=1, help="How many records.")]
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="The file to write.")]
WaitOption = Annotated[
    float, typer.Option("--wait-seconds", min=0.1, help="Give up when nothing came for so long.")
]


def capture(
    config: ConfigOption,
    topic: TopicOption,
    count: CountOption = 100,
    output: OutputOption = Path("capture.jsonl"),
    wait_seconds: WaitOption = 10.0,
) -> None:
    """Copy the first records of a topic, byte for byte, to a file; no group, no commit.

    The schemas that they name are written beside it. The file holds data of your rows.

    Example: coveo-cdc capture --config coveo-cdc.yaml --topic kb.public.articles -n 20
    """
    given = loaded(config)
    records = first_records(parts.kafka_settings(given.settings), topic, count, wait_seconds)
    schemas = stations.schemas_of(given, records)
    sidecar = output.with_name(schemas_name(output.name))
    _write(output, [record_line(record) for record in records])
    _write(sidecar, [schema_line(schema) for schema in schemas])
    typer.echo(f"{output}: {len(records)} records; {sidecar}: {len(schemas)} schemas")


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
