"""One test's world on the stack, and the one assertion that counts: the index equals the SELECT."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.e2e.program import wait_for
from tests.stack.connector import Connector
from tests.stack.converters import Converter
from tests.stack.databases import SIGNALS, Database
from tests.stack.places import Json
from tests.stack.product import Product
from tests.stack.records import RowRecord, read_rows
from tests.stack.stack import Stack
from tests.stack.topics import Topics
from tests.stack.truth import described, differences

PATIENCE_SECONDS: Final = 120.0
_HOLD_SECONDS: Final = 1.0
_EFFECT_SECONDS: Final = 3.0
"""How long an accepted batch may take to be seen in the emulator's index."""
_LOOK_SECONDS: Final = 0.1 / 2


@dataclass(frozen=True, slots=True)
class Scene:
    """A namespace, the connector on it and the program behind it; `make_scene` makes one."""

    stack: Stack
    database: Database
    connector: Connector
    product: Product
    converter: Converter

    @property
    def topics(self) -> Topics:
        """Return the broker's topics."""
        return self.product.topics

    def execute(self, *statements: str) -> None:
        """Run statements in the database, each committed by itself."""
        with self.database.session() as session:
            for statement in statements:
                session.execute(statement)

    def begin(self, overrides: Json | None = None) -> None:
        """Register the connector, wait for its snapshot, start the program."""
        self.connector.register(overrides, self.converter)
        self.connector.wait_for_snapshot()
        self.product.start()

    def signal(self, kind: str, *tables: str) -> None:
        """Ask Debezium for a snapshot of tables, `incremental` or `blocking`; do not wait for it.

        It reads the names as regular expressions.
        """
        namespace = self.database.namespace
        names = [rf"{namespace}\.{table}" for table in tables]
        data = json.dumps({"data-collections": names, "type": kind})
        row = (uuid.uuid4().hex, "execute-snapshot", data)
        with self.database.session() as session:
            session.execute(f"INSERT INTO {SIGNALS} VALUES (%s, %s, %s)", *row)  # noqa: S608 - ours

    def records(self, table: str) -> Iterator[RowRecord]:
        """Read a table's topic from its beginning to its present end."""
        return read_rows(self.stack.endpoints.bootstrap_servers, self.connector.topic(table))

    def wait_until_index_is_select(self, seconds: float = PATIENCE_SECONDS / 2) -> None:
        """Wait for the first moment of equality, while records may still be on their way."""
        try:
            wait_for(lambda: not self.differences(), "the index is the database", seconds)
        except AssertionError:
            self._fail("the index is not the database", self.differences())

    def differences(self) -> dict[str, list[str]]:
        """Return how the index differs from the database right now, by table; empty if nowhere."""
        found: dict[str, list[str]] = {}
        with self.database.session() as session:
            for indexed in self.product.indexed:
                lines = differences(indexed.items(session), self.product.items(indexed))
                found |= {indexed.table: lines} if lines else {}
        return found

    def assert_index_is_select(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the index equals the database, and see that it stays so.

        Nobody may write meanwhile. First everything that is committed must be in Kafka, then the
        index must become equal within `seconds`, then the group's commits must reach the ends of
        the topics; and from then on, with nothing left to come, it must still be equal.
        """
        self.connector.wait_until_caught_up()
        began = time.monotonic()
        deadline = began + seconds
        while found := self.differences():
            now = time.monotonic()
            if not self.product.uncommitted():
                deadline = min(deadline, now + _EFFECT_SECONDS)  # there is nothing left to wait for
            if now > deadline:
                self._fail(f"the index is not the database after {now - began:.0f} s", found)
            time.sleep(_LOOK_SECONDS)
        wait_for(lambda: not self.product.uncommitted(), "everything is committed", seconds)
        self._assert_it_stays()

    def assert_committed_to_the_ends(self) -> None:
        """See that a program that was stopped left nothing to be read again, and said so."""
        assert self.product.uncommitted() == {}
        for indexed in self.product.indexed:
            topic = self.connector.topic(indexed.table)
            committed = self.topics.committed(self.product.group, topic)
            notes = [(each.metadata or "").split() for each in committed.values()]
            assert {note[1] for note in notes} == {"clean"}

    def _assert_it_stays(self) -> None:
        until = time.monotonic() + _HOLD_SECONDS
        while time.monotonic() < until:
            if found := self.differences():
                self._fail("the index was the database, and is not any more", found)
            time.sleep(_LOOK_SECONDS)

    def _fail(self, what: str, found: dict[str, list[str]]) -> None:
        letters = len(self.product.dead_letters())
        behind = self.product.uncommitted()
        log = self.product.program.log
        raise AssertionError(
            f"{what}\n{described(found)}\n"
            f"dead letters: {letters}; not committed: {behind or 'nothing'}\n"
            f"stuck: {self.product.program.stuck()}\nlog: {log}"
        )
