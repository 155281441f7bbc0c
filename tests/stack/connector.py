"""A Debezium connector on one namespace, from registration to the removal of its slot."""

from __future__ import annotations

import itertools
import json
from typing import Final

from tests.e2e.program import wait_for
from tests.stack.commands import render
from tests.stack.connect import Connect
from tests.stack.converters import Converter, converter_settings
from tests.stack.databases import MARKS, Database
from tests.stack.places import Json
from tests.stack.stack import Endpoints

_PATIENCE_SECONDS: Final = 120.0
_server_ids: Final = itertools.count(4711)


class Connector:
    """Writes the changes of one namespace to `<name>.<namespace>.<table>`."""

    def __init__(self, endpoints: Endpoints, database: Database, name: str) -> None:
        """Call it `name`, as well as its topics' prefix, its slot and its publication."""
        self.name, self.database = name, database
        self._endpoints = endpoints
        self._connect = Connect(endpoints.connect_url)
        self._server_id = next(_server_ids)

    def topic(self, table: str) -> str:
        """Return where a table's changes go."""
        return f"{self.name}.{self.database.namespace}.{table}"

    def settings(self, converter: Converter = Converter.APICURIO) -> Json:
        """Return the settings under which it is registered: `config/<database>.json`."""
        ports = {f"{name}_port": port for name, port in self._endpoints.ports.items()}
        own = {
            "name": self.name,
            "namespace": self.database.namespace,
            "server_id": self._server_id,
        }
        template = render(f"{self.database.part}.json", {**ports, **own})
        settings: Json = json.loads(template)
        return settings | converter_settings(converter, self._endpoints)

    def register(
        self, overrides: Json | None = None, converter: Converter = Converter.APICURIO
    ) -> None:
        """Register or change it and wait until it runs; a `None` of `overrides` takes one out."""
        self._connect.put(self.name, self.settings(converter) | (overrides or {}))
        self._connect.wait_until_running(self.name)

    def wait_for_snapshot(self) -> None:
        """Wait until every row of the initial snapshot is in Kafka."""
        wait_for(self._position, f"{self.name}: the snapshot is done", _PATIENCE_SECONDS)

    def wait_until_caught_up(self) -> None:
        """Wait until every change that is committed in the database by now is in Kafka.

        The position that Connect commits may be the beginning of the last transaction that it
        delivered; so one more transaction is made, to see that one beyond the present end is over.
        """
        end = self.database.log_position()
        with self.database.session() as session:
            for _ in range(2):
                session.execute(f"UPDATE {MARKS} SET number = number + 1")  # noqa: S608
        wait_for(
            lambda: (self._position() or ("", 0)) > end,
            f"{self.name}: everything up to {end} is in Kafka",
            _PATIENCE_SECONDS,
        )

    def wait_until_running(self) -> None:
        """Wait until connector and task run, as after a restart of Connect."""
        self._connect.wait_until_running(self.name)

    def restart(self) -> None:
        """Restart connector and task."""
        self._connect.restart(self.name)

    def delete(self) -> None:
        """Take it away with its slot and publication. What it wrote stays."""
        self._connect.delete(self.name)
        self.database.release(self.name)

    def _position(self) -> tuple[str, int] | None:
        return self.database.position_of(self._connect.offset(self.name))
