"""Single pushes and deletes, and what is wrong at once."""

from __future__ import annotations

import pytest

from emulator.calls import Endpoint
from emulator.switches import AcceptedBody, ContentKey, DictionaryMetadata, Leniency, Switches
from tests.emulator.driver import Driver, error_of


def push_text(driver: Driver, body: bytes) -> tuple[int, str]:
    """Push a body of any bytes and return the refusal."""
    return error_of(driver.send(Endpoint.PUSH_ITEM, {"documentId": "a://1"}, body))


def test_an_accepted_push_answers_202_null(driver: Driver) -> None:
    """The body of current examples."""
    reply = driver.push("a://1")
    assert (reply.status, reply.body) == (202, b"null")


def test_the_accepted_body_can_be_an_object() -> None:
    """The body of older examples."""
    driver = Driver.of(switches=Switches(accepted_body=AcceptedBody.OBJECT))
    assert driver.push("a://1").body == b"{}"


def test_a_pushed_item_is_indexed_with_its_body(driver: Driver) -> None:
    """All that was sent is there."""
    driver.push("a://1", {"data": "text", "title": "One", "size": 3, "tags": ["x", "y"]})
    item = driver.document("a://1")["item"]
    assert item["title"] == "One"
    assert item["body"] == {"data": "text", "title": "One", "size": 3, "tags": ["x", "y"]}


def test_a_push_replaces_the_whole_item(driver: Driver) -> None:
    """Nothing of the former state stays, a push is not a patch."""
    driver.push("a://1", {"data": "old", "title": "One"})
    driver.push("a://1", {"data": "new"})
    assert driver.document("a://1")["item"]["body"] == {"data": "new"}


def test_a_push_without_id_lacks_a_parameter(driver: Driver) -> None:
    """The id of a single push is in the query."""
    reply = driver.send(Endpoint.PUSH_ITEM, {}, b'{"documentId":"a://1","data":""}')
    assert error_of(reply) == (412, "MISSING_PARAMETER")


@pytest.mark.parametrize("value", ["soon", "1.5", "", "9223372036854775808", "٣"])
def test_an_ordering_id_must_be_an_int64(driver: Driver, value: str) -> None:
    """Anything else is refused at once."""
    status, code = error_of(driver.push("a://1", orderingId=value))
    assert (status, code in {"INVALID_PARAMETER", "MISSING_PARAMETER"}) == (412, True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b'{"data":NaN}',
        b'{"data":"\xff"}',
        b'{"title":"no content"}',
        b'{"data":"a","data":"b"}',
        b'{"data":"a","Data":"b"}',
        b'{"data":"a","nested":{"a":1}}',
        b'{"data":"a","nested":[[1]]}',
        b'{"data":"a","nested":[{"a":1}]}',
        b'{"data":"a","compressedBinaryData":"eJw="}',
        b'{"data":5}',
        b'{"data":"a","parentId":5}',
        b'{"data":"a","permissions":{}}',
        b'{"data":"a","permissions":[{"allowAnonymous":true,"allowAnonymous":false}]}',
        b'{"data":"a","fileExtension":"html"}',
    ],
)
def test_a_body_of_the_wrong_shape_is_invalid_json(driver: Driver, body: bytes) -> None:
    """One code for malformed JSON, repeated keys, nesting and missing content."""
    assert push_text(driver, body) == (400, "INVALID_JSON")
    assert driver.indexed() == []


def test_an_id_that_is_no_uri_is_accepted_and_rejected_later(driver: Driver) -> None:
    """The service does not reliably say so at once."""
    assert driver.push("not a uri").status == 202
    assert driver.indexed() == []
    assert driver.reasons("not a uri") == ["INVALID_DOCUMENT_ID"]


@pytest.mark.parametrize("document_id", ["17", "a:/1", "a://", "://b", "1a://b", "a://b c"])
def test_a_document_id_needs_scheme_and_hierarchical_part(driver: Driver, document_id: str) -> None:
    """All of them are mandatory."""
    driver.push(document_id)
    assert driver.reasons(document_id) == ["INVALID_DOCUMENT_ID"]


@pytest.mark.parametrize(
    "document_id", ["file:///x", "https://h/p?x=y", "entity://1#en", "a+b.c-d://ü", "a://x?y#z"]
)
def test_documented_document_ids_are_indexed(driver: Driver, document_id: str) -> None:
    """Samples from the documentation and their like."""
    driver.push(document_id)
    assert driver.indexed() == [document_id]


def test_the_id_of_the_query_wins_over_the_body(driver: Driver) -> None:
    """Official clients send differing ids."""
    driver.push("a://query", {"documentId": "a://body", "data": ""})
    assert driver.indexed() == ["a://query"]


def test_differing_ids_are_refused_if_so_switched() -> None:
    """The reference says they must be equal."""
    driver = Driver.of(switches=Switches(differing_document_id=Leniency.REJECT))
    reply = driver.push("a://query", {"documentId": "a://body", "data": ""})
    assert error_of(reply) == (412, "INVALID_PARAMETER")


def test_content_is_optional_if_so_switched() -> None:
    """Whether it is really demanded is not certain."""
    driver = Driver.of(switches=Switches(content_key=ContentKey.OPTIONAL))
    assert driver.push("a://1", {"title": "One"}).status == 202
    assert driver.indexed() == ["a://1"]


def test_one_level_of_dictionary_is_accepted_if_so_switched() -> None:
    """Dictionary fields exist, but the pages disagree about pushing them."""
    driver = Driver.of(switches=Switches(dictionary_metadata=DictionaryMetadata.ONE_LEVEL))
    assert driver.push("a://1", {"data": "", "names": {"en": "one"}}).status == 202
    deep = driver.push("a://2", {"data": "", "names": {"en": {"x": 1}}})
    assert error_of(deep) == (400, "INVALID_JSON")


def test_null_metadata_is_rejected_if_so_switched() -> None:
    """No page mentions null."""
    driver = Driver.of(switches=Switches(null_metadata=Leniency.REJECT))
    reply = driver.push("a://1", {"data": "", "author": None})
    assert error_of(reply) == (400, "INVALID_JSON")


def test_a_delete_removes_the_item_and_leaves_a_tombstone(driver: Driver) -> None:
    """The tombstone guards against a late push."""
    driver.push("a://1", orderingId=1)
    assert driver.delete("a://1", orderingId=2).status == 202
    document = driver.document("a://1")
    assert (document["indexed"], document["tombstone"]) == (False, 2)


def test_a_delete_of_an_unknown_id_is_accepted(driver: Driver) -> None:
    """There is nothing to look up at once."""
    assert driver.delete("a://1").status == 202
    assert driver.counters()["items"]["deleted"] == 0


def test_children_are_those_below_the_id(driver: Driver) -> None:
    """By prefix and slash, not by parentId."""
    for document_id in ("a://x", "a://x/1", "a://x/1/2", "a://xy", "a://other"):
        driver.push(document_id, {"data": "", "parentId": "a://x"})
    driver.delete("a://x", deleteChildren="true")
    assert driver.indexed() == ["a://other", "a://xy"]
    assert driver.document("a://x/1")["history"][-1]["operation"] == "DELETE_AND_CHILDREN"


def test_a_slash_at_the_end_of_the_id_makes_no_difference(driver: Driver) -> None:
    """Children are below, not beside."""
    for document_id in ("a://x/", "a://x/1", "a://xy"):
        driver.push(document_id)
    driver.delete("a://x/", deleteChildren="true")
    assert driver.indexed() == ["a://xy"]


def test_a_delete_leaves_children_alone_unless_asked(driver: Driver) -> None:
    """False is the default."""
    driver.push("a://x/1")
    driver.delete("a://x")
    driver.delete("a://x", deleteChildren="false")
    assert driver.indexed() == ["a://x/1"]


def test_delete_children_is_true_or_false(driver: Driver) -> None:
    """A wrong value must not delete more or less than meant."""
    reply = driver.delete("a://x", deleteChildren="yes")
    assert error_of(reply) == (412, "INVALID_PARAMETER")
