"""Kafka Connect's REST API, as far as a scenario needs it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from tests.golden.record.scenario import Scenario

_TIMEOUT_SECONDS: Final = 60
_PAUSE_SECONDS: Final = 0.05
_HOLDS_SECONDS: Final = 1.0
"""How long a state must hold: just after a change Connect still reports the one of before."""

_CLASSES: Final = {
    "postgres": "io.debezium.connector.postgresql.PostgresConnector",
    "mariadb": "io.debezium.connector.mariadb.MariaDbConnector",
}
CONFLUENT: Final = "io.confluent.connect.avro.AvroConverter"
JSON: Final = "org.apache.kafka.connect.json.JsonConverter"
_NOT_FOUND: Final = 404
_BUSY: Final = 409


@dataclass(frozen=True, slots=True)
class Connect:
    """One worker."""

    endpoints: Mapping[str, str]

    def settings(self, scenario: Scenario) -> dict[str, Any]:
        """Return all settings of a scenario's connector: what it needs to run, and its own."""
        base = _base(scenario, self.endpoints)
        own = dict(scenario.settings)
        included = own.get("table.include.list")
        if included is not None:
            schema = "public" if scenario.database == "postgres" else scenario.catalog
            own["table.include.list"] = f"{included},{schema}.golden_marker"
        chosen = {name: text for name, text in (base | own).items() if text is not None}
        return {name: _placed(text, self.endpoints) for name, text in chosen.items()}

    def register(self, name: str, settings: Mapping[str, Any]) -> None:
        """Hand settings over and wait until connector and task run."""
        self._until_accepted("PUT", f"/connectors/{name}/config", settings)
        self.wait(name, "RUNNING")

    def remove(self, name: str) -> None:
        """Take a connector away with what it remembers, if it is there."""
        if self._call("GET", f"/connectors/{name}").status_code == _NOT_FOUND:
            return
        self.stop(name)
        self._until_accepted("DELETE", f"/connectors/{name}/offsets")
        self._until_accepted("DELETE", f"/connectors/{name}")

    def stop(self, name: str) -> None:
        """Stop a connector: no task, no memory given up."""
        self._until_accepted("PUT", f"/connectors/{name}/stop")
        self.wait(name, "STOPPED")

    def resume(self, name: str) -> None:
        """Let a stopped connector go on."""
        self._until_accepted("PUT", f"/connectors/{name}/resume")
        self.wait(name, "RUNNING")

    def restart(self, name: str) -> None:
        """Stop and start connector and task."""
        self.stop(name)
        self.resume(name)

    def offsets(self, name: str) -> Any:
        """Return how far a connector has read, in its own words."""
        return self._until_accepted("GET", f"/connectors/{name}/offsets").json()

    def rewind(self, name: str, offsets: Any) -> None:
        """Let a connector read again from where it was."""
        self.stop(name)
        self._until_accepted("PATCH", f"/connectors/{name}/offsets", offsets)
        self.resume(name)

    def versions(self) -> dict[str, str]:
        """Return the version of each plugin by its class."""
        plugins = self._call("GET", "/connector-plugins?connectorsOnly=false").json()
        return {each["class"]: str(each.get("version", "")) for each in plugins}

    def debezium(self, database: str) -> str:
        """Return the version of a database's connector."""
        return self.versions()[_CLASSES[database]].removesuffix(".Final")

    def wait(self, name: str, wanted: str) -> None:
        """Wait until a connector and its task are in a state. Raises RuntimeError."""
        began = since = time.monotonic()
        while time.monotonic() - since < _HOLDS_SECONDS:
            answer = self._call("GET", f"/connectors/{name}/status")
            report = answer.json() if answer.is_success else {"connector": {}, "tasks": []}
            states = {each.get("state") for each in (report["connector"], *report["tasks"])}
            if "FAILED" in states:
                traces = [each.get("trace", "") for each in report["tasks"]]
                raise RuntimeError(f"connector {name} has failed: {''.join(traces)}")
            whole = bool(report["tasks"]) or wanted != "RUNNING"
            now = time.monotonic()
            since = since if states == {wanted} and whole else now
            if now - began > _TIMEOUT_SECONDS:
                raise RuntimeError(f"connector {name} does not become {wanted}: {report}")
            time.sleep(_PAUSE_SECONDS)

    def _until_accepted(self, method: str, path: str, body: Any = None) -> httpx.Response:
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while (answer := self._call(method, path, body)).status_code == _BUSY:
            if time.monotonic() > deadline:
                break
            time.sleep(_PAUSE_SECONDS)
        if not answer.is_success:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer

    def _call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        url = f"{self.endpoints['connect_url']}{path}"
        return httpx.request(method, url, json=body, timeout=_TIMEOUT_SECONDS)


def _placed(text: Any, endpoints: Mapping[str, str]) -> Any:
    """Fill in where things are: `%registry%` without the path of its API, and `%kafka%`."""
    registry = endpoints["schema_registry_url"].partition("/apis")[0]
    filled = str(text).replace("%registry%", registry)
    return filled.replace("%kafka%", endpoints["bootstrap_servers"])


def _base(scenario: Scenario, endpoints: Mapping[str, str]) -> dict[str, Any]:
    server = urlsplit(endpoints[f"{scenario.database}_dsn"])
    settings: dict[str, Any] = {
        "connector.class": _CLASSES[scenario.database],
        "tasks.max": "1",
        "topic.prefix": scenario.name,
        "database.hostname": server.hostname,
        "database.port": str(server.port),
        "database.user": "app",
        "database.password": "app",
        "schema.name.adjustment.mode": "avro",
        "field.name.adjustment.mode": "avro",
        "retriable.restart.connector.wait.ms": "1000",
        "poll.interval.ms": "50",
        "topic.creation.default.partitions": str(scenario.partitions),
        "topic.creation.default.replication.factor": "1",
    }
    of_database = _of_postgres if scenario.database == "postgres" else _of_mariadb
    return settings | of_database(scenario, endpoints) | _of_converter(scenario, endpoints)


def _of_postgres(scenario: Scenario, _endpoints: Mapping[str, str]) -> dict[str, str]:
    return {
        "database.dbname": scenario.catalog,
        "plugin.name": "pgoutput",
        "slot.name": scenario.name,
        "publication.name": scenario.name,
        "publication.autocreate.mode": "filtered",
        "schema.include.list": "public",
    }


def _of_mariadb(scenario: Scenario, endpoints: Mapping[str, str]) -> dict[str, str]:
    number = sum(scenario.name.encode()) + 10_000
    return {
        "database.server.id": str(number),
        "database.include.list": scenario.catalog,
        "schema.history.internal.kafka.bootstrap.servers": endpoints["bootstrap_servers"],
        "schema.history.internal.kafka.topic": f"{scenario.name}.schema-history",
        "connect.keep.alive.interval.ms": "1000",
    }


def _of_converter(scenario: Scenario, endpoints: Mapping[str, str]) -> dict[str, str]:
    match scenario.converter:
        case "confluent":
            url = endpoints["schema_registry_url"]
            return _both(CONFLUENT, "schema.registry.url", url)
        case "json" | "json-bare":
            with_schemas = str(scenario.converter == "json").lower()
            return _both(JSON, "schemas.enable", with_schemas)
        case _:
            return {}  # the worker's own


def _both(converter: str, option: str, text: str) -> dict[str, str]:
    """Return a converter with an option for key and value, which Connect knows apart."""
    return {
        f"{side}.converter{end}": chosen
        for side in ("key", "value")
        for end, chosen in (("", converter), (f".{option}", text))
    }
