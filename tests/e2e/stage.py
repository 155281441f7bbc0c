"""One test's world: tables, sources, a configuration, and the programs that run under it."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.requestlog import RequestRecord
from tests.e2e.broker import Broker
from tests.e2e.index import API_KEY, ORGANIZATION, Index, Item
from tests.e2e.program import Json, Program, wait_for
from tests.e2e.registry import Registry
from tests.e2e.rows import BODY_MARK, KEY_MARK, READER_MARK, Row, Table

SECRETS = (API_KEY, "Bearer", "X-Amz-", "/_s3/", BODY_MARK, KEY_MARK, READER_MARK)
"""What no log may hold: the key, signed addresses, and data of rows."""


class Stage:
    """Two tables, `open` and `secured`, each with a source of its own, and a group."""

    def __init__(self, folder: Path, broker: Broker, registry: Registry, index: Index) -> None:
        """Create them; nothing runs yet."""
        self.folder, self.broker, self.registry, self.index = folder, broker, registry, index
        self.open = Table(broker, registry, broker.new_topic("e2e.open"))
        self.secured = Table(broker, registry, broker.new_topic("e2e.secured"))
        self.group = f"group-{self.open.topic}"
        self.sources = {"open": self.open.topic, "secured": self.secured.topic}
        index.add_source(self.open.topic, secured=False)
        index.add_source(self.secured.topic, secured=True)
        self.key_file = folder / "api-key"
        self.key_file.write_text(f"{API_KEY}\n", encoding="utf-8")
        self.programs: list[Program] = []
        self._first_request = index.world.request_log.next_number()

    def configuration(self) -> Json:
        """Return a configuration with short times; change it and give it to `start`."""
        return {
            "kafka": {
                "bootstrap_servers": self.broker.address,
                "group_id": self.group,
                "group_protocol": "consumer",
                "poll_seconds": 0.05,
                "commit_interval_seconds": 0.2,
                "notice_seconds": 0.3,
                "settings": {"fetch.wait.max.ms": 100, "reconnect.backoff.max.ms": 200},
            },
            "schema_registry": {"url": self.registry.url},
            "coveo": {
                "organization": ORGANIZATION,
                "base_url": self.index.url,
                "api_key_file": str(self.key_file),
                "request_deadline_seconds": 5,
                "max_effect_seconds": 6,
                "blocked_retry_seconds": 0.3,
                "quota": {"profile": "unlimited"},
            },
            "targets": {
                "open": {"source": self.open.topic, "secured": False},
                "secured": {"source": self.secured.topic, "secured": True},
            },
            "windows": {"linger_seconds": 0.1},
            "dead_letters": {"directory": str(self.folder / "dead-letters")},
            "server": {"host": "127.0.0.1", "port": free_port()},
            "mappings": [
                _mapping(self.open.topic, "open"),
                _mapping(self.secured.topic, "secured")
                | {"permissions": {"allowed": [{"type": "user", "column": "reader"}]}},
            ],
        }

    def start(self, configuration: Json | None = None) -> Program:
        """Start the program; without a configuration under `configuration()`."""
        number = len(self.programs)
        wanted = configuration or self.configuration()
        config = self.folder / f"coveo-cdc-{number}.yaml"
        config.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        log = self.folder / f"coveo-cdc-{number}.log"
        program = Program(config, log, wanted["server"]["port"])
        self.programs.append(program)
        return program

    def running(self, configuration: Json | None = None) -> Program:
        """Start the program and wait until it is a member of the group."""
        program = self.start(configuration)
        program.wait_until_ready()
        return program

    def close(self) -> None:
        """End whatever still runs, and forget all faults."""
        self.registry.up()
        self.registry.seconds_per_byte = 0.0
        self.registry.password = None
        self.index.heal()
        for program in self.programs:
            if program.running:
                program.kill()

    # --- what is there

    def put(self, *rows: Row, table: str = "open", op: str = "c") -> None:
        """Write rows to a table; they are in the log when this returns."""
        for each in rows:
            self.table(table).put(each, op)
        self.broker.flush()

    def table(self, name: str) -> Table:
        """Return a table by the name of its target."""
        return self.open if name == "open" else self.secured

    def versions(self, table: str = "open") -> dict[str, int]:
        """Return what is indexed: version by document id."""
        items = self.index.items(self.sources[table])
        return {name: item["version"] for name, item in items.items()}

    def wait_for_versions(self, *rows: Row, table: str = "open") -> None:
        """Wait until exactly these rows are indexed."""
        wanted = {document_id(each): each["version"] for each in rows}
        wait_for(lambda: self.versions(table) == wanted, f"{len(rows)} items in {table}")

    def committed(self, table: str = "open") -> list[int]:
        """Return the committed next offsets; 0 where nothing is committed."""
        found = self.broker.committed(self.group, self.table(table).topic)
        return [each.offset or 0 for each in found]

    def wait_until_committed(self, table: str = "open") -> None:
        """Wait until everything in a table's topic is committed."""
        ends = self.broker.ends[self.table(table).topic]
        wait_for(lambda: self.committed(table) == ends, f"everything of {table} is committed")

    def requests(self, endpoint: str) -> list[RequestRecord]:
        """Return the calls of an endpoint since the stage was set."""
        log = self.index.world.request_log.behind(self._first_request, 1_000_000)
        return [one for one in log if one.endpoint == endpoint]

    def secrets_in_logs(self) -> list[str]:
        """Return each log that holds something secret, with what it holds."""
        logs = [*self.folder.glob("*.log")]
        texts = {log.name: log.read_text(encoding="utf-8", errors="replace") for log in logs}
        return [f"{name}: {mark}" for name, text in texts.items() for mark in SECRETS
                if mark in text]  # fmt: skip


def document_id(row: Row) -> str:
    """Return the id of a row's item."""
    return f"e2e://rows/{row['id']}"


def expected_item(row: Row, *, secured: bool) -> Item:
    """Return the item that a row must have become, field by field."""
    item: Item = {
        "documentId": document_id(row),
        "title": row["title"],
        "data": row["body"],
        "fileExtension": ".txt",
        "version": row["version"],
    }
    if secured:
        user = {"identity": row["reader"], "identityType": "User"}
        allowed = [] if row["reader"] is None else [user]
        item["permissions"] = [
            {"allowAnonymous": False, "allowedPermissions": allowed, "deniedPermissions": []}
        ]
    return item


def _mapping(topic: str, target: str) -> Json:
    return {
        "topics": topic,
        "target": target,
        "id": "e2e://rows/{id}",
        "when": "row.published",
        "title": "title",
        "body": "body",
        "file_extension": ".txt",
        "fields": {"version": "version"},
    }


CLASSIC: Mapping[str, Any] = {
    "kafka.group_protocol": "classic",
    "kafka.settings": {"session.timeout.ms": 1_000, "heartbeat.interval.ms": 100},
}
"""Changes that make the group one of the classic protocol, which is the default."""


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def changed(configuration: Json, changes: Mapping[str, Any]) -> Json:
    """Return the configuration with values set at dotted paths."""
    for path, value in changes.items():
        *sections, key = path.split(".")
        node = configuration
        for section in sections:
            node = node[section]
        node[key] = value
    return configuration
