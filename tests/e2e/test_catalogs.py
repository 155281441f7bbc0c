"""A catalog follows its table: whole items, parts of items, deletes, and a SIGKILL in between."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulator.calls import Endpoint
from emulator.faults import LoseResponse
from tests.e2e.index import Item, Taken
from tests.e2e.program import Json, wait_for
from tests.e2e.rows import KEY_MARK, Row, Table
from tests.e2e.stage import Stage, free_port

pytestmark = pytest.mark.e2e

LEFT_OUT = "__debezium_unavailable_value"
"""What PostgreSQL's connector writes for a large value that did not change."""

COLUMNS = {"id": "string", "sku": ["null", "string"], "version": "long",
           "price": ["null", "double"], "description": "string"}  # fmt: skip
FIELDS = {
    "objecttype": {"constant": "Product"},
    "ec_product_id": "sku",
    "ec_price": {"column": "price", "as": "number", "default": 0},
    "ec_description": "description",
    "version": "version",
}


@dataclass(slots=True)
class Shop:
    """A table of products, a catalog for it, and what the catalog must have become."""

    stage: Stage
    table: Table
    random: random.Random = field(default_factory=lambda: random.Random(5))
    rows: dict[str, Row] = field(default_factory=dict)
    version: int = 0

    @property
    def source(self) -> str:
        """Return the catalog's id, which is the topic's name."""
        return self.table.topic

    def configuration(self) -> Json:
        """Return the stage's configuration with the catalog as its only target."""
        mapping: Json = {"topics": self.table.topic, "target": "shop", "format": "debezium"}
        mapping |= {"id": "product://{id}", "partial_updates": True}
        return {
            **self.stage.configuration(),
            "targets": {"shop": {"source": {"id": self.source, "kind": "catalog"},
                                 "secured": False}},
            "mappings": [{**mapping, "fields": FIELDS}],
            "server": {"host": "127.0.0.1", "port": free_port()},
        }  # fmt: skip

    def row(self, name: str, **more: Any) -> Row:
        """Return a new version of a row."""
        self.version += 1
        return {"id": f"{KEY_MARK}-{name}", "sku": f"sku-{name}", "version": self.version,
                "price": self.random.choice([None, 1.5, 2.25]),
                "description": f"text of version {self.version}", **more}  # fmt: skip

    def change(self) -> None:
        """Write a random change of a random row; most updates leave the description out."""
        name = str(self.random.randrange(20))
        old = self.rows.get(name)
        dice = self.random.random()
        if old is None:
            self.put(name, "c")
        elif dice < 0.15:
            self.table.delete(self.rows.pop(name))
        elif dice < 0.35:
            self.put(name, "u")
        else:
            self.put_in_part(name)

    def put(self, name: str, op: str, **more: Any) -> None:
        """Write a whole row."""
        self.rows[name] = self.row(name, **more)
        self.table.put(self.rows[name], op)

    def put_in_part(self, name: str) -> None:
        """Write an update whose description did not change, and is left out."""
        text = self.rows[name]["description"]
        self.rows[name] = self.row(name, description=text)
        self.table.put({**self.rows[name], "description": LEFT_OUT}, "u")

    def truth(self) -> dict[str, Item]:
        """Return the items that the rows must have become."""
        return {f"product://{row['id']}": _item(row) for row in self.rows.values()}

    def items(self) -> dict[str, Item]:
        """Return what is indexed."""
        return self.stage.index.items(self.source)

    def taken(self) -> list[Taken]:
        """Return the batches that the catalog took."""
        return self.stage.index.batches(self.source)

    def settled(self) -> bool:
        """Return whether the group has committed everything."""
        broker, topic = self.stage.broker, self.table.topic
        found = broker.committed(self.stage.group, topic)
        return [each.offset or 0 for each in found] == broker.ends[topic]

    def wait_until_true(self) -> None:
        """Wait until the catalog equals the table and everything is committed."""
        self.stage.broker.flush()
        wait_for(lambda: self.items() == self.truth(), "the catalog equals the table")
        wait_for(self.settled, "everything is committed")

    def letters(self) -> list[Json]:
        """Return the dead letters."""
        files = (self.stage.folder / "dead-letters").glob("*.jsonl")
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def _item(row: Row) -> Item:
    return {
        "documentId": f"product://{row['id']}",
        "objecttype": "Product",
        "ec_product_id": row["sku"],
        "ec_price": row["price"] or 0,
        "ec_description": row["description"],
        "version": row["version"],
    }


@pytest.fixture
def shop(stage: Stage) -> Iterator[Shop]:
    """Give a shop with an empty catalog."""
    topic = stage.broker.new_topic("e2e.products")
    stage.index.add_catalog(topic)
    violations = stage.index.world.journal.violation_count
    yield Shop(stage, Table(stage.broker, stage.registry, topic, dict(COLUMNS)))
    assert stage.index.world.journal.violation_count == violations


def test_a_catalog_follows_its_table_through_a_sigkill(shop: Shop) -> None:
    """Each description was written once and left out of many updates; none may be lost or stale."""
    stage = shop.stage
    program = stage.running(shop.configuration())
    for _ in range(150):
        shop.change()
    stage.broker.flush()
    wait_for(shop.taken, "a batch was taken")
    stage.index.fault(LoseResponse(), Endpoint.UPDATE_STREAM, count=1)
    for _ in range(150):
        shop.change()
    stage.broker.flush()
    lost = stage.index.world.faults.rules
    wait_for(lambda: any(rule.hits for rule in lost()), "an update was taken, its answer lost")
    program.kill()
    for _ in range(50):
        shop.change()
    second = stage.running(shop.configuration())
    shop.wait_until_true()
    assert second.stop() == 0
    assert shop.letters() == []
    assert sum(len(taken.partial) for taken in shop.taken()) > 0
    assert sum(len(taken.upserts) for taken in shop.taken()) > 0
    assert not any("Traceback" in each.output() for each in stage.programs)


def test_partial_updates_keep_what_they_leave_out(shop: Shop) -> None:
    """One after the other, each in a batch of its own."""
    stage = shop.stage
    program = stage.running(shop.configuration())
    shop.put("a", "c")
    shop.wait_until_true()
    for _ in range(3):
        shop.put_in_part("a")
        shop.wait_until_true()
    first, *others = shop.taken()
    assert (len(first.upserts), first.partial) == (1, frozenset())
    assert [(len(one.upserts), len(one.partial)) for one in others] == [(0, 1)] * 3
    last = program.events("batch_accepted")[-1]
    assert [call["endpoint"] for call in last["calls"]] == ["files", "upload", "stream/update"]
    assert last["calls"][-1]["ordering_id"] > 0
    assert stage.requests("source_status") == []


def test_what_a_catalog_cannot_take_is_set_aside_and_the_rest_goes_on(shop: Shop) -> None:
    """Each with a reason of its own; the service would lose them after its 202."""
    shop.put("large", "c", description="x" * 800_000)
    shop.put("nameless", "c", sku=None)
    shop.put("good", "c")
    shop.table.put(shop.row("moved", description=LEFT_OUT), "c")
    configuration = shop.configuration()
    configuration["mappings"][0]["fields"] = FIELDS | {f"copy_{n}": "description" for n in "abc"}
    shop.stage.broker.flush()
    shop.stage.running(configuration)
    wait_for(shop.settled, "everything is committed")
    assert set(shop.items()) == {f"product://{KEY_MARK}-good"}
    assert sorted(letter["reason"] for letter in shop.letters()) == [
        "catalog_id", "catalog_item_too_large", "unavailable_value",
    ]  # fmt: skip
