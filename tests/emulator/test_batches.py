"""Batch files: accepted as a whole, judged entry by entry."""

from __future__ import annotations

import json

import pytest

from emulator.switches import SameIdInBatch, Switches
from tests.emulator.driver import ANYONE, Driver, upsert


def with_rule(rule: SameIdInBatch) -> Driver:
    """Build a driver whose world resolves repeated ids by this rule."""
    return Driver.of(switches=Switches(same_id_in_batch=rule))


def kinds(driver: Driver) -> list[str]:
    """Return the violations found."""
    return [one["kind"] for one in driver.counters()["violations"]]


def test_a_batch_adds_and_deletes(driver: Driver) -> None:
    """Both may be in one file."""
    driver.push("a://1")
    reply = driver.batch([upsert("a://2")], [{"documentId": "a://1"}])
    assert (reply.status, reply.body) == (202, b"null")
    assert driver.indexed() == ["a://2"]
    assert driver.counters()["violationCount"] == 0


def test_both_capitalisations_are_understood(driver: Driver) -> None:
    """Keys are case-insensitive, and an older client uses the other one."""
    driver.push("a://old")
    body = {
        "AddOrUpdate": [{"DocumentId": "a://1", "Data": "x", "Title": "One"}],
        "Delete": [{"DocumentId": "a://old", "DeleteChildren": False}],
    }
    driver.batch_of(json.dumps(body).encode())
    assert driver.indexed() == ["a://1"]
    assert driver.document("a://1")["item"]["title"] == "One"


@pytest.mark.parametrize("body", [b"{}", b'{"addOrUpdate":[],"delete":[]}', b'{"delete":null}'])
def test_an_empty_batch_is_completed(driver: Driver, body: bytes) -> None:
    """Two official clients send such."""
    driver.batch_of(body)
    assert [(one["operation"], one["result"]) for one in driver.log()] == [
        ("BATCH_FILE", "COMPLETED")
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\x1f\x8b\x08",
        b'{"addOrUpdate":{}}',
        b'{"delete":"a://1"}',
        b'{"addOrUpdate":[],"addOrUpdate":[]}',
        b'{"addOrUpdate":[],"AddOrUpdate":[]}',
    ],
)
def test_a_file_that_is_no_batch_fails_as_a_whole(driver: Driver, body: bytes) -> None:
    """It was accepted, so only the log tells."""
    assert driver.batch_of(body).status == 202
    (entry,) = driver.log()
    assert (entry["operation"], entry["task"]) == ("BATCH_FILE", "CONSUMING_BATCH")
    assert (entry["result"], entry["reason"]) == ("ERROR", "BATCH_FILE_INVALID")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ('{"documentId":"a://bad"}', "MISSING_CONTENT"),
        ('{"documentId":"a://bad","data":"","compressedBinaryData":""}', "AMBIGUOUS_CONTENT"),
        ('{"documentId":"a://bad","data":"","a":1,"a":2}', "DUPLICATE_KEYS"),
        ('{"documentId":"a://bad","data":"","a":1,"A":2}', "DUPLICATE_KEYS"),
        ('{"documentId":"a://bad","data":"","a" : 1,"a" : 2}', "DUPLICATE_KEYS"),
        ('{"documentId":"a://bad","data":"","a":{"b":1}}', "NESTED_METADATA"),
        ('{"documentId":"a://bad","data":3}', "WRONG_TYPE"),
        ('{"documentId":"a://bad","data":"","compressionType":"ZIP"}', "INVALID_COMPRESSION"),
    ],
)
def test_a_bad_entry_is_rejected_alone(driver: Driver, entry: str, reason: str) -> None:
    """The others of its file are indexed."""
    body = f'{{"addOrUpdate":[{entry},{{"documentId":"a://good","data":""}}]}}'
    assert driver.batch_of(body.encode()).status == 202
    assert driver.indexed() == ["a://good"]
    assert driver.reasons("a://bad") == [reason]


def test_a_bad_entry_for_an_indexed_item_is_a_failed_update(driver: Driver) -> None:
    """The item stays as it was."""
    driver.batch([upsert("a://1", title="old")])
    driver.batch([{"documentId": "a://1", "title": "no content"}])
    document = driver.document("a://1")
    assert document["item"]["title"] == "old"
    assert document["history"][-1]["operation"] == "UPDATE"


@pytest.mark.parametrize("entry", [{"data": "x"}, {"documentId": 5, "data": "x"}, "text", None])
def test_an_entry_without_id_is_in_the_log_only(driver: Driver, entry: object) -> None:
    """There is no id whose history could show it."""
    driver.batch([entry])
    first = driver.log()[0]
    assert (first["documentId"], first["result"]) == (None, "ERROR")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"documentId": "a://1", "deleteChildren": "true"}, "WRONG_TYPE"),
        ({"documentId": ""}, "MISSING_DOCUMENT_ID"),
        ("a://1", "NOT_AN_OBJECT"),
    ],
)
def test_a_bad_delete_entry_deletes_nothing(driver: Driver, entry: object, reason: str) -> None:
    """Guessing what was meant would lose data."""
    driver.push("a://1")
    driver.batch(delete=[entry])
    assert driver.indexed() == ["a://1"]
    assert driver.counters()["rejectedByReason"] == {reason: 1}


def test_text_that_looks_like_keys_is_no_duplicate(driver: Driver) -> None:
    """Content may hold JSON of its own."""
    driver.batch([upsert("a://1", note='{"a": 1, "a": 2}', other='x":"y')])
    assert driver.reasons("a://1") == [None]


def test_all_entries_share_the_ordering_id_of_the_call(driver: Driver) -> None:
    """It is a parameter of the request."""
    driver.batch([upsert("a://1"), upsert("a://2")], orderingId=77)
    assert driver.document("a://1")["item"]["orderingId"] == 77
    assert driver.document("a://2")["item"]["orderingId"] == 77


def test_by_default_a_delete_in_the_same_file_wins_and_is_a_violation() -> None:
    """Undefined by the service, so a client must not do it, and a test must see it."""
    driver = with_rule(SameIdInBatch.DELETE_LAST)
    driver.batch([upsert("a://1")], [{"documentId": "a://1"}])
    assert driver.indexed() == []
    assert driver.reasons("a://1") == ["SAME_ID_IN_BATCH", None]
    assert kinds(driver) == ["SAME_ID_IN_BATCH"]


def test_an_add_in_the_same_file_wins_if_so_switched() -> None:
    """The other order of evaluation."""
    driver = with_rule(SameIdInBatch.ADD_LAST)
    driver.batch([upsert("a://1")], [{"documentId": "a://1"}])
    assert driver.indexed() == ["a://1"]
    assert kinds(driver) == ["SAME_ID_IN_BATCH"]


def test_repeated_ids_are_all_rejected_if_so_switched() -> None:
    """The strictest reading; other ids of the file are not touched."""
    driver = with_rule(SameIdInBatch.ERROR)
    driver.batch([upsert("a://1"), upsert("a://1"), upsert("a://2")])
    assert driver.indexed() == ["a://2"]
    assert driver.reasons("a://1") == ["SAME_ID_IN_BATCH", "SAME_ID_IN_BATCH"]


def test_the_last_of_two_adds_wins(driver: Driver) -> None:
    """By default, and with add_last too."""
    driver.batch([upsert("a://1", title="first"), upsert("a://1", title="last")])
    assert driver.document("a://1")["item"]["title"] == "last"
    assert kinds(driver) == ["SAME_ID_IN_BATCH"]


def test_an_add_below_a_prefix_delete_of_the_same_file_is_a_violation(driver: Driver) -> None:
    """Its outcome is not documented; here the add survives."""
    driver.batch([upsert("a://x/1")], [{"documentId": "a://x", "deleteChildren": True}])
    assert driver.indexed() == ["a://x/1"]
    assert kinds(driver) == ["PREFIX_DELETE_OVERLAPS_ADD"]


@pytest.mark.parametrize(
    ("added", "deleted"),
    [
        ("a://xy", {"documentId": "a://x", "deleteChildren": True}),
        ("a://x/1", {"documentId": "a://x", "deleteChildren": False}),
        ("a://x", {"documentId": "a://x/1", "deleteChildren": True}),
    ],
)
def test_an_add_beside_a_delete_is_no_violation(
    driver: Driver, added: str, deleted: dict[str, object]
) -> None:
    """Only what is below a deleted prefix overlaps with it."""
    driver.batch([upsert(added)], [deleted])
    assert kinds(driver) == []


def test_equal_content_pushed_again_is_counted_as_duplicate(driver: Driver) -> None:
    """It cost a request and changed nothing."""
    driver.batch([upsert("a://1", title="One")])
    driver.batch([upsert("a://1", title="One")])
    driver.batch([upsert("a://1", title="Two")])
    assert driver.counters()["items"]["duplicates"] == 1


def test_other_permissions_are_no_duplicate(driver: Driver) -> None:
    """They are part of the item."""
    driver.batch([upsert("a://1")])
    driver.batch([upsert("a://1", permissions=ANYONE)])
    assert driver.counters()["items"]["duplicates"] == 0


def test_counters_tell_upserts_deletes_and_rejections(driver: Driver) -> None:
    """The numbers a test compares with what it sent."""
    driver.batch([upsert("a://1"), upsert("a://2"), upsert("bad")])
    driver.batch(delete=[{"documentId": "a://1"}, {"documentId": "a://unknown"}])
    assert driver.counters()["items"] == {
        "indexed": 1,
        "upserted": 2,
        "deleted": 1,
        "rejected": 1,
        "duplicates": 0,
    }
