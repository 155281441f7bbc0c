"""Record the knowledge base: a snapshot, a day of changes, and the rows left at the end."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

from demo.record import capture
from demo.record.kb_changes import transactions
from demo.record.kb_rows import KEYS, KnowledgeBase, first_rows
from demo.record.stack import Stack, running

_HERE = Path(__file__).resolve().parent
_DATA = _HERE.parent / "data"
_AVRO = _HERE.parent.parent / "schemas" / "avro"
_TOPICS = [*(f"kb.public.{table}" for table in KEYS), "__debezium-heartbeat.kb"]
_TRANSACTIONS_A_BURST = 100
_PAUSE_SECONDS = 1.0  # so that heartbeats fall between the changes
_SEED = 20260302
_AS_JSON = {  # how a column of a type is written into the dump; others as they are
    "numeric": "{}::text",
    "timestamptz": """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "timestamp": """to_char({}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "bytea": "replace(encode({}, 'base64'), E'\\n', '')",
}


def record(stack: Stack) -> None:
    """Run the story against the stack and write all files."""
    base = KnowledgeBase(Random(_SEED))
    stack.postgres("CREATE DATABASE kb OWNER app;", user="postgres")
    stack.postgres((_HERE / "schema.sql").read_text(encoding="utf-8"), database="kb")
    stack.postgres("\n".join(first_rows(base)), database="kb")
    stack.connector(
        "postgres", json.loads((_HERE / "kb.connector.json").read_text(encoding="utf-8"))
    )
    day = list(transactions(base))
    for start in range(0, len(day), _TRANSACTIONS_A_BURST):
        time.sleep(_PAUSE_SECONDS)
        stack.postgres("\n".join(day[start : start + _TRANSACTIONS_A_BURST]), database="kb")
    stack.wait_caught_up("kb")
    with closing(capture.Log(stack.endpoints["bootstrap_servers"])) as log:
        records = log.read(_TOPICS)
    schemas = capture.fetch_schemas(stack.endpoints["schema_registry_url"], records)
    capture.write_lines(_DATA / "kb.events.jsonl.gz", [one.line() for one in records])
    capture.write_lines(_DATA / "kb.schemas.jsonl", schemas)
    capture.write_avro_schemas(_AVRO, records, schemas)
    dump = [_dump(stack, table) for table in KEYS]
    rows = [json.loads(line) for table in dump for line in table.removesuffix("\n").split("\n")]
    capture.write_lines(_DATA / "kb.dump.jsonl.gz", rows)


def _dump(stack: Stack, table: str) -> str:
    listing = stack.postgres(columns_query(table), database="kb").splitlines()
    return stack.postgres(dump_query(table, [line.split("|") for line in listing]), database="kb")


def columns_query(table: str) -> str:
    """A query for names and types of a table's columns, in order."""
    return (
        "SELECT column_name, udt_name FROM information_schema.columns "  # noqa: S608 -- names of our own
        f"WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position;"
    )


def dump_query(table: str, columns: Iterable[Sequence[str]]) -> str:
    """A query for all rows of a table as lines of the dump."""
    pairs = ", ".join(
        f"'{name}', {_AS_JSON.get(kind, '{}').format(name)}" for name, kind in columns
    )
    return (
        f"SELECT json_build_object('table', '{table}', "  # noqa: S608 -- names of our own
        f"'row', json_build_object({pairs})) FROM {table} ORDER BY {', '.join(KEYS[table])};"
    )


def main() -> None:
    """Read the command line and record."""
    parser = argparse.ArgumentParser(prog="python -m demo.record.kb", description=__doc__)
    parser.add_argument(
        "--stack", type=Path, required=True, help="the stack command; it must have been installed"
    )
    with running(parser.parse_args().stack, ["postgres", "kafka", "registry", "connect"]) as stack:
        record(stack)


if __name__ == "__main__":
    main()
