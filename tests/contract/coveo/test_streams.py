"""The Stream API: full loads and changes of a catalog source."""

from __future__ import annotations

import json

import pytest

from consumer.coveo.api.streams import Collection, StreamTarget, shard
from consumer.coveo.client import CoveoClient
from consumer.coveo.exchange import FileContainer
from consumer.coveo.purge import purge_boundary, queue_delay
from consumer.coveo.results import Declined, Done
from consumer.coveo.service_time import ServiceTime
from tests.contract.coveo.pushing import soon
from tests.contract.coveo.services import CATALOG, SOURCE, Emulator

TARGETS = [StreamTarget(CATALOG, each) for each in Collection]


def body(*names: str, **parts: object) -> bytes:
    """Return a file with these products."""
    items = [
        {"documentId": f"p://{name}", "objecttype": "Product", "data": name, "ec_name": name}
        for name in names
    ]
    return json.dumps({"addOrUpdate": items, **parts}).encode()


def fill(client: CoveoClient, container: FileContainer, content: bytes) -> str:
    """Upload; return the file's id."""
    assert isinstance(client.files.upload(container, content, soon()), Done)
    return container.file_id


def made(client: CoveoClient, content: bytes) -> str:
    """Return the id of a new container that holds this."""
    container = client.files.create(soon())
    assert isinstance(container, Done)
    return fill(client, container.value, content)


def load(client: CoveoClient, target: StreamTarget, *chunks: bytes) -> None:
    """Replace the source's items."""
    opened = client.streams.open(target, soon())
    assert isinstance(opened, Done)
    container = opened.value.container
    for number, chunk in enumerate(chunks):
        if number:
            more = client.streams.chunk(target, opened.value.stream_id, soon())
            assert isinstance(more, Done)
            container = more.value
        fill(client, container, chunk)
    closed = client.streams.close(target, opened.value.stream_id, soon())
    assert isinstance(closed, Done)
    assert closed.value.ordering_id is not None


@pytest.mark.parametrize("target", TARGETS)
def test_a_load_replaces_everything(emulator: Emulator, target: StreamTarget) -> None:
    """What it does not bring leaves the source."""
    client = emulator.client()
    load(client, target, body("a", "b"))
    load(client, target, body("b"), body("c"))
    assert set(emulator.items(CATALOG)) == {"p://b", "p://c"}


@pytest.mark.parametrize("target", TARGETS)
def test_an_update_changes_what_it_names(emulator: Emulator, target: StreamTarget) -> None:
    """Whole items, deletes, and parts of items; the service says under which ordering id."""
    client = emulator.client()
    load(client, target, body("a", "b"))
    emulator.advance(1.0)
    change = {"operator": "fieldValueReplace", "field": "ec_name", "value": "new"}
    parts = [{"documentId": "p://a", **change}]
    content = body("c", delete=[{"documentId": "p://b"}], partialUpdate=parts)
    updated = client.streams.update(target, made(client, content), soon())
    assert isinstance(updated, Done)
    assert updated.value.ordering_id == emulator.now_ms()
    items = emulator.items(CATALOG)
    assert set(items) == {"p://a", "p://c"}
    assert items["p://a"]["ec_name"] == "new"


@pytest.mark.parametrize("target", TARGETS)
def test_a_merge_keeps_what_it_does_not_name(emulator: Emulator, target: StreamTarget) -> None:
    """The one way to send an incomplete item."""
    client = emulator.client()
    load(client, target, body("a"))
    emulator.advance(1.0)
    item = {"documentId": "p://a", "ec_price": 3}
    content = json.dumps({"addOrUpdate": [item]}).encode()
    assert isinstance(client.streams.merge(target, made(client, content), soon()), Done)
    merged = emulator.items(CATALOG)["p://a"]
    assert (merged["ec_name"], merged["ec_price"]) == ("a", 3)


@pytest.mark.parametrize("target", TARGETS)
def test_older_items_leave_after_the_delay(emulator: Emulator, target: StreamTarget) -> None:
    """By the same rule as on a push source."""
    client = emulator.client()
    load(client, target, body("a"))
    emulator.advance(60.0)
    boundary = purge_boundary(ServiceTime(emulator.now_ms()), 5.0)
    assert isinstance(client.streams.delete_older(target, boundary, soon(), queue_delay(1)), Done)
    assert set(emulator.items(CATALOG)) == {"p://a"}
    emulator.advance(61.0)
    assert emulator.items(CATALOG) == {}


def test_an_update_may_name_its_shard(emulator: Emulator) -> None:
    """Letters and digits, ten at most; anything else never leaves."""
    client = emulator.client()
    target = TARGETS[0]
    updated = client.streams.update(
        target, made(client, body("a")), soon(), shard=shard("Tenant007A")
    )
    assert isinstance(updated, Done)
    assert set(emulator.items(CATALOG)) == {"p://a"}
    for wrong in ("", "a-b", "elevenchars", "ä", "a\n"):
        with pytest.raises(ValueError, match="1 to 10"):
            shard(wrong)


def test_a_push_source_and_a_stream_that_is_not_open_are_refused(emulator: Emulator) -> None:
    """As a refusal with a code, not as an exception."""
    client = emulator.client()
    assert isinstance(client.streams.open(StreamTarget(SOURCE), soon()), Declined)
    closed = client.streams.close(StreamTarget(CATALOG), "no-such-stream", soon())
    assert isinstance(closed, Declined)
