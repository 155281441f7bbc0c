"""The Stream API: full loads, updates, partial updates, merges."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.calls import Endpoint, Reply
from emulator.partial import read_partial_update
from emulator.settings import Limits, SourceSpec
from emulator.switches import StreamOnPushSource, StreamOrdering, Switches
from tests.emulator.driver import Driver, error_of


def catalog(**changes: Any) -> Driver:
    """A driver of a catalog source."""
    spec = SourceSpec("shop", push_enabled=False, type="CATALOG", stream_enabled=True)
    driver = Driver.of(sources=(spec,), **changes)
    driver.source = "shop"
    return driver


@pytest.fixture
def shop() -> Driver:
    """A driver of a catalog source with default settings."""
    return catalog()


def update(driver: Driver, body: object, endpoint: Endpoint = Endpoint.UPDATE_STREAM) -> Reply:
    """Container, upload, update call."""
    return driver.send(endpoint, {"fileId": driver.file_with(json.dumps(body).encode())})


def item(document_id: str, **fields: Any) -> dict[str, Any]:
    """A catalog item, which needs no content."""
    return {"documentId": document_id, "objecttype": "Product", **fields}


def change(document_id: str, operator: str, field: str, value: object) -> dict[str, Any]:
    """A partial update."""
    return {"documentId": document_id, "operator": operator, "field": field, "value": value}


def body_of(driver: Driver, document_id: str) -> dict[str, Any]:
    """Return an indexed item's body."""
    body: dict[str, Any] = driver.document(document_id)["item"]["body"]
    return body


def load(driver: Driver, *files: object, fill_first: bool = False) -> dict[str, Any]:
    """Open, upload every file to a chunk, close; the first container stays empty by default."""
    opened = json.loads(driver.send(Endpoint.OPEN_STREAM, {}).body)
    for number, one in enumerate(files):
        chunk = opened
        if number or not fill_first:
            stream = opened["streamId"]
            chunk = json.loads(driver.send(Endpoint.ADD_CHUNK, {}, stream=stream).body)
        assert driver.upload(chunk["uploadUri"], json.dumps(one).encode()).status == 200
    reply = driver.send(Endpoint.CLOSE_STREAM, {}, stream=opened["streamId"])
    answer: dict[str, Any] = json.loads(reply.body)
    return answer


@pytest.mark.parametrize("fill_first", [True, False])
def test_a_load_replaces_the_whole_source(shop: Driver, *, fill_first: bool) -> None:
    """Also if the container that came with the stream was never filled, as clients leave it."""
    update(shop, {"addOrUpdate": [item("p://old"), item("p://1")]})
    files = ({"addOrUpdate": [item("p://1")]}, {"addOrUpdate": [item("p://2")]})
    answer = load(shop, *files, fill_first=fill_first)
    assert shop.indexed() == ["p://1", "p://2"]
    assert shop.document("p://1")["item"]["orderingId"] == int(answer["orderingId"])
    assert answer["requestId"].startswith("emulator-")


def test_what_was_updated_while_a_stream_was_open_stays() -> None:
    """The load is as old as its opening, unless switched."""
    left = []
    for ordering in StreamOrdering:
        shop = catalog(switches=Switches(stream_ordering=ordering))
        opened = json.loads(shop.send(Endpoint.OPEN_STREAM, {}).body)
        shop.world.advance(60)
        update(shop, {"addOrUpdate": [item("p://new")]})
        shop.world.advance(60)
        shop.send(Endpoint.CLOSE_STREAM, {}, stream=opened["streamId"])
        left.append(shop.indexed())
    assert left == [["p://new"], []]


def test_a_stream_is_closed_once(shop: Driver) -> None:
    """And belongs to its source."""
    opened = json.loads(shop.send(Endpoint.OPEN_STREAM, {}).body)
    stream = opened["streamId"]
    assert shop.send(Endpoint.CLOSE_STREAM, {}, stream=stream).status == 200
    for endpoint in (Endpoint.CLOSE_STREAM, Endpoint.ADD_CHUNK):
        reply = shop.send(endpoint, {}, stream=stream)
        assert error_of(reply) == (412, "INVALID_PARAMETER")


def test_an_update_adds_changes_and_deletes(shop: Driver) -> None:
    """Deletions may carry `deleteChildren`, as a client sends it."""
    update(shop, {"addOrUpdate": [item("p://1", price=1), item("p://2")]})
    reply = update(
        shop,
        {
            "addOrUpdate": [item("p://3")],
            "delete": [{"documentId": "p://2", "deleteChildren": False}],
            "partialUpdate": [change("p://1", "fieldValueReplace", "price", 5)],
        },
    )
    assert (reply.status, set(json.loads(reply.body))) == (202, {"orderingId", "requestId"})
    assert shop.indexed() == ["p://1", "p://3"]
    assert body_of(shop, "p://1") == item("p://1", price=5)


@pytest.mark.parametrize("upper", [False, True])
def test_each_operator_changes_one_field(shop: Driver, *, upper: bool) -> None:
    """In both spellings that clients send."""
    start = item("p://1", tags=["a", "b"], stock={"x": 1, "y": 2}, price=1)
    update(shop, {"addOrUpdate": [start]})
    changes = [
        ("arrayAppend", "tags", ["b", "c"]),
        ("arrayRemove", "tags", ["a"]),
        ("dictionaryPut", "stock", {"y": 3, "z": 4}),
        ("dictionaryRemove", "stock", "x"),
        ("fieldValueReplace", "price", [2]),
        ("arrayAppend", "new", ["n"]),
    ]
    partial = [change("p://1", o.upper() if upper else o, f, v) for o, f, v in changes]
    update(shop, {"partialUpdate": partial})
    expected = {"tags": ["b", "c"], "stock": {"y": 3, "z": 4}, "price": [2], "new": ["n"]}
    assert body_of(shop, "p://1") == item("p://1", **expected)
    assert shop.reasons("p://1") == [None, None]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (change("p://9", "fieldValueReplace", "price", 1), "MISSING_ITEM"),
        (change("p://1", "increment", "price", 1), "INVALID_PARTIAL_UPDATE"),
        (change("p://1", "arrayAppend", "price", 1), "INVALID_PARTIAL_UPDATE"),
        (change("p://1", "dictionaryPut", "price", {"a": 1}), "INVALID_PARTIAL_UPDATE"),
        (change("p://1", "arrayAppend", "stock", ["a"]), "INVALID_PARTIAL_UPDATE"),
        (change("p://1", "fieldValueReplace", "documentId", "x"), "INVALID_PARTIAL_UPDATE"),
        (change("p://1", "fieldValueReplace", "", 1), "INVALID_PARTIAL_UPDATE"),
        (change("p://1", "fieldValueReplace", "price", {"a": {"b": 1}}), "NESTED_METADATA"),
    ],
)
def test_a_partial_update_that_does_not_fit_is_rejected_alone(
    shop: Driver, entry: dict[str, Any], reason: str
) -> None:
    """Accepted first, and the item stays as it was."""
    start = item("p://1", price=1, stock={"x": 1})
    update(shop, {"addOrUpdate": [start]})
    assert update(shop, {"partialUpdate": [entry]}).status == 202
    assert shop.reasons(entry["documentId"])[-1] == reason
    assert body_of(shop, "p://1") == start


def test_a_partial_update_keeps_what_came_from_a_content_file(shop: Driver) -> None:
    """The file was consumed with the first push."""
    file_id = shop.file_with(b"raw bytes")
    whole = item("p://1", compressedBinaryDataFileId=file_id, compressionType="UNCOMPRESSED")
    update(shop, {"addOrUpdate": [whole]})
    update(shop, {"partialUpdate": [change("p://1", "fieldValueReplace", "price", 1)]})
    assert shop.document("p://1")["item"]["contentFileBytes"] == 9


def test_a_merge_replaces_the_given_keys_only(shop: Driver) -> None:
    """Whatever their case; an item that is not there is created."""
    update(shop, {"addOrUpdate": [item("p://1", price=1, tags=["a"])]})
    merge = {"addOrUpdate": [{"documentId": "p://1", "Price": 2}, item("p://2")]}
    update(shop, merge, Endpoint.MERGE_STREAM)
    merged = {"documentId": "p://1", "objecttype": "Product", "tags": ["a"], "Price": 2}
    assert body_of(shop, "p://1") == merged
    assert shop.indexed() == ["p://1", "p://2"]


def test_an_item_is_at_most_three_megabytes() -> None:
    """Fewer here; also after a change."""
    shop = catalog(limits=Limits(max_stream_item_bytes=100))
    update(shop, {"addOrUpdate": [item("p://1"), item("p://2", text="x" * 100)]})
    update(shop, {"partialUpdate": [change("p://1", "fieldValueReplace", "text", "x" * 100)]})
    assert shop.reasons("p://2") == ["ITEM_TOO_LARGE"]
    assert shop.reasons("p://1") == [None, "ITEM_TOO_LARGE"]


def test_older_items_are_deleted_behind_their_delay(shop: Driver) -> None:
    """The boundary is in the path."""
    update(shop, {"addOrUpdate": [item("p://1")]})
    boundary = str(shop.clock.now_ms() + 1000)
    shop.world.advance(2)
    reply = shop.send(Endpoint.DELETE_OLDER_ITEMS, {"queueDelay": 0}, epochMilliseconds=boundary)
    assert (reply.status, json.loads(reply.body)["orderingId"]) == (201, boundary)
    assert shop.indexed() == []


def test_a_push_source_has_no_stream(driver: Driver) -> None:
    """Unless switched."""
    assert error_of(driver.send(Endpoint.OPEN_STREAM, {})) == (412, "INVALID_PARAMETER")
    switches = Switches(stream_on_push_source=StreamOnPushSource.ACCEPT)
    assert Driver.of(switches=switches).send(Endpoint.OPEN_STREAM, {}).status == 201


def test_a_catalog_source_takes_no_pushes_by_default(shop: Driver) -> None:
    """It has another way in."""
    assert error_of(shop.push("p://1")) == (403, "ACCESS_DENIED")


def test_one_id_as_item_and_as_partial_update_is_a_violation(shop: Driver) -> None:
    """Which of the two counts is nowhere said; here the whole item does."""
    partial = change("p://1", "fieldValueReplace", "price", 2)
    update(shop, {"addOrUpdate": [item("p://1", price=1)], "partialUpdate": [partial]})
    assert shop.counters()["violationCount"] == 1
    assert body_of(shop, "p://1")["price"] == 1


WORDS = st.lists(st.sampled_from("abcd"), max_size=5)


@given(WORDS.map(lambda one: list(dict.fromkeys(one))), st.lists(st.tuples(st.booleans(), WORDS)))
def test_array_operators_are_set_operations_in_order(
    start: list[str], steps: list[tuple[bool, list[str]]]
) -> None:
    """Against a model: an ordered dictionary."""
    body: dict[str, Any] = {"tags": start}
    model = dict.fromkeys(start)
    for append, words in steps:
        operator = "arrayAppend" if append else "ARRAY_REMOVE"
        entry = {"operator": operator, "field": "Tags", "value": words}
        body = read_partial_update(entry).apply(body)
        for word in words:
            if append:
                model.setdefault(word)
            else:
                model.pop(word, None)
    assert body == {"tags": list(model)}
