"""Record the knowledge base: a snapshot, a day of changes, and the rows left at the end."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from random import Random

from demo.real import SEED, RealDatabase, running
from demo.record import capture
from demo.record.kb_changes import transactions
from demo.record.kb_rows import KEYS, KnowledgeBase
from tests.stack.install import install
from tests.stack.places import Folders, default_home
from tests.stack.stack import Stack

_HERE = Path(__file__).resolve().parent
_DATA = _HERE.parent / "data"
_AVRO = _HERE.parent.parent / "schemas" / "avro"
_TOPICS = [*(f"kb.public.{table}" for table in KEYS), "__debezium-heartbeat.kb"]
_TRANSACTIONS_A_BURST = 100
_PAUSE_SECONDS = 1.0  # so that heartbeats fall between the changes


def record(stack: Stack) -> None:
    """Let the story happen on the stack and write all files."""
    base, database = KnowledgeBase(Random(SEED)), RealDatabase(stack)
    database.fill(base)
    database.capture_changes()
    day = list(transactions(base))
    for start in range(0, len(day), _TRANSACTIONS_A_BURST):
        time.sleep(_PAUSE_SECONDS)
        database.execute(*day[start : start + _TRANSACTIONS_A_BURST])
    database.wait_until_captured()
    with closing(capture.Log(stack.endpoints.bootstrap_servers)) as log:
        records = log.read(_TOPICS)
    schemas = capture.fetch_schemas(stack.endpoints.registry_url, records)
    capture.write_lines(_DATA / "kb.events.jsonl.gz", [one.line() for one in records])
    capture.write_lines(_DATA / "kb.schemas.jsonl", schemas)
    capture.write_avro_schemas(_AVRO, records, schemas)
    capture.write_lines(_DATA / "kb.dump.jsonl.gz", database.dump())


def main() -> None:
    """Fetch what is missing of the stack, and record."""
    home = default_home()
    install(Folders(home, home / "run"))
    with running(home) as (stack, _):
        record(stack)


if __name__ == "__main__":
    main()
