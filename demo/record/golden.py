"""Record the golden captures of golden_cases.yaml: small ones, a folder each, on one stack."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from demo.record import capture
from demo.record.stack import Stack, running

_CASES = Path(__file__).resolve().parent / "golden_cases.yaml"
_GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden"
_FILES = ("records.jsonl", "records.schemas.jsonl", "about.json")  # what else is in a folder stays
_TIMEOUT_SECONDS = 10
_SETTLE_SECONDS = 0.7
_OF_SNAPSHOT = {"snapshot", "initial-snapshot"}
_CONNECTORS = {
    "postgres": "io.debezium.connector.postgresql.PostgresConnector",
    "mariadb": "io.debezium.connector.mariadb.MariaDbConnector",
}


@dataclass(frozen=True, slots=True)
class Case:
    """Statements and the number of records that they lead to."""

    name: str
    topic: str
    says: str
    records: int
    section: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()
    table: str | None = ""

    def setup(self, tables: dict[str, list[str]]) -> list[str]:
        """The statements that made the table concerned; by default the topic's."""
        table = self.topic.rpartition(".")[2] if self.table == "" else self.table
        return tables.get(table or "", [])  # the signal table came with the stack


@dataclass(slots=True)
class Recording:
    """One connector on one database and the topics that its cases look at."""

    registry_url: str
    log: capture.Log
    run: Callable[[str], str]
    about: dict[str, Any]
    tables: dict[str, list[str]]
    marks: capture.Ends = field(default_factory=dict)
    last_sql: tuple[str, ...] = ()
    complaints: list[str] = field(default_factory=list)

    def record(self, cases: list[Case]) -> None:
        """Run the cases, those about the snapshot first, and write what each one led to."""
        topics = {case.topic for case in cases}
        for case in sorted(cases, key=lambda case: case.name not in _OF_SNAPSHOT):
            if case.sql:
                self.marks = self.log.ends(topics)
                self.last_sql = case.sql
                self.run("".join(f"{statement};\n" for statement in case.sql))
            self._write(case, self._new_records(case))

    def _new_records(self, case: Case) -> list[capture.Record]:
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while len(self.log.read([case.topic], self.marks)) < case.records:
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)
        time.sleep(_SETTLE_SECONDS)  # and no more than these
        records = self.log.read([case.topic], self.marks)
        if case.topic.startswith("__debezium-heartbeat"):
            return records[: case.records]  # they go on and on
        if len(records) != case.records:
            self.complaints.append(
                f"{case.topic}/{case.name}: {len(records)} records, not {case.records}"
            )
        return records

    def _write(self, case: Case, records: list[capture.Record]) -> None:
        folder = _GOLDEN / case.topic / case.name
        for name in _FILES:
            (folder / name).unlink(missing_ok=True)
        schemas = capture.fetch_schemas(self.registry_url, records)
        capture.write_lines(folder / "records.jsonl", [record.line() for record in records])
        capture.write_lines(folder / "records.schemas.jsonl", schemas)
        about = {
            "id": f"{case.topic}/{case.name}",
            "says": case.says,
            "section": list(case.section),
            **self.about,
            "setup": case.setup(self.tables),
            "sql": list(() if case.name == "heartbeat" else self.last_sql),
        }
        text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
        (folder / "about.json").write_text(text, encoding="utf-8")


def record(stack: Stack, log: capture.Log) -> list[str]:
    """Run everything and return the cases that led to other records than expected."""
    plan = yaml.safe_load(_CASES.read_text(encoding="utf-8"))
    shells = {"postgres": stack.postgres, "mariadb": stack.mariadb}
    for database, tables in plan["tables"].items():
        shells[database]("".join(f"{line};\n" for table in tables.values() for line in table))
    complaints: list[str] = []
    for run in plan["runs"]:
        database, connector = run["database"], run["connector"]
        stack.connector(database, _names(database, connector) | run["settings"])
        settings = {name: value for name, value in run["settings"].items() if value is not None}
        recording = Recording(
            stack.endpoints["schema_registry_url"],
            log,
            shells[database],
            _versions(stack, database) | {"settings": settings},
            plan["tables"][database],
        )
        recording.record(
            [
                Case(**case | {name: tuple(case.get(name, ())) for name in ("section", "sql")})
                for case in run["cases"]
            ]
        )
        stack.remove_connector(connector)
        complaints += recording.complaints
    return complaints


def _names(database: str, connector: str) -> dict[str, str]:
    names = {"name": connector, "topic.prefix": connector}
    if database == "postgres":  # each connector needs its own
        names |= {"slot.name": connector, "publication.name": connector}
    return names


def _versions(stack: Stack, database: str) -> dict[str, str]:
    if database == "postgres":
        version = "PostgreSQL " + stack.postgres("SHOW server_version;").split()[0]
    else:
        version = "MariaDB " + stack.mariadb("SELECT version();").partition("-")[0]
    url = f"{stack.endpoints['connect_url']}/connector-plugins"
    plugins = {plugin["class"]: plugin["version"] for plugin in httpx.get(url, timeout=10).json()}
    debezium = plugins[_CONNECTORS[database]].removesuffix(".Final")
    return {"database": version, "debezium": debezium}


def main() -> int:
    """Read the command line, record, and tell what was not as expected."""
    parser = argparse.ArgumentParser(prog="python -m demo.record.golden", description=__doc__)
    parser.add_argument("--stack", type=Path, required=True, help="the stack command, installed")
    parts = ["postgres", "mariadb", "kafka", "registry", "connect"]
    with (
        running(parser.parse_args().stack, parts) as stack,
        closing(capture.Log(stack.endpoints["bootstrap_servers"])) as log,
    ):
        complaints = record(stack, log)
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    raise SystemExit(main())
