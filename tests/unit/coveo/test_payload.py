"""Operations become exactly these bytes, or a reason why not."""

from __future__ import annotations

import base64
import random
import zlib
from collections.abc import Callable

import orjson
import pytest

from consumer.coveo import content, payload
from consumer.coveo.limits import MAX_INLINE_CONTENT_BYTES
from consumer.domain.errors import PoisonError
from consumer.domain.fates import BatchOperation
from consumer.domain.operations import (
    Content,
    DeleteItem,
    DocumentId,
    OperationKind,
    UpsertItem,
)
from consumer.pipeline.batcher import REFERENCE_BYTES
from tests.unit.coveo.builders import KB, OPEN, TP, operation

ID = DocumentId("kb://articles/1")


def random_bytes(size: int) -> bytes:
    """Return bytes that do not compress."""
    return random.Random(1).randbytes(size)


def item(**parts: object) -> UpsertItem:
    """Return an item with the given parts."""
    make: Callable[..., UpsertItem] = UpsertItem
    return make(KB, ID, **parts)


def encoded(upsert: UpsertItem) -> bytes:
    """Return its bytes for a source without item permissions."""
    return payload.encode(upsert, OPEN).payload


def refusal(upsert: UpsertItem | DeleteItem) -> PoisonError:
    """Return why it cannot be sent."""
    with pytest.raises(PoisonError) as caught:
        payload.encode(upsert, OPEN)
    return caught.value


def test_an_item_is_written_key_by_key() -> None:
    """The bytes are a promise to the service, so they are spelled out once."""
    upsert = item(
        metadata={"title": "Räder", "tags": ["a", "b"], "views": 3, "public": True},
        content=Content(text="Rund."),
        file_extension=".txt",
        parent_id=DocumentId("kb://articles"),
    )
    assert encoded(upsert).decode() == (
        '{"documentId":"kb://articles/1","title":"Räder","tags":["a","b"],"views":3,"public":true,'
        '"parentId":"kb://articles","fileExtension":".txt","data":"Rund."}'
    )


def test_a_delete_says_whether_it_means_children() -> None:
    """A default of the service that changes must not delete more than was meant."""
    made = payload.encode(DeleteItem(KB, ID, children=True, confirms=True), OPEN)
    assert made.payload == b'{"documentId":"kb://articles/1","deleteChildren":true}'
    assert (made.kind, made.children, made.confirms) == (OperationKind.DELETE, True, True)
    plain = payload.encode(DeleteItem(KB, ID), OPEN)
    assert plain.payload == b'{"documentId":"kb://articles/1","deleteChildren":false}'


@pytest.mark.parametrize("content", [None, Content()])
def test_an_item_without_a_body_has_an_empty_one(content: Content | None) -> None:
    """One content key is mandatory, and nothing that is not in the database may be found."""
    assert encoded(item(content=content)) == b'{"documentId":"kb://articles/1","data":""}'


def test_binary_content_is_compressed_and_named_so() -> None:
    """Even the default compression is said: the service then need not guess."""
    made = orjson.loads(encoded(item(content=Content(binary=b"\x00PDF" * 100))))
    assert zlib.decompress(base64.b64decode(made["compressedBinaryData"])) == b"\x00PDF" * 100
    assert made["compressionType"] == "ZLIB"
    assert "data" not in made


def test_an_item_has_one_content_only() -> None:
    """Two content keys are documented as an error."""
    assert refusal(item(content=Content("a", b"b"))).reason == "content_ambiguous"


@pytest.mark.parametrize("letter", ["a", "ä"])
def test_text_of_five_megabytes_goes_beside_its_item(letter: str) -> None:
    """The limit is exclusive, and characters are not bytes."""
    fitting = (MAX_INLINE_CONTENT_BYTES - 1) // len(letter.encode())
    assert b'"data":' in encoded(item(content=Content(letter * fitting)))
    made = payload.encode(item(content=Content(letter * (fitting + 1))), OPEN)
    assert made.payload == b'{"documentId":"kb://articles/1","compressionType":"ZLIB"}'
    assert made.content is not None
    assert zlib.decompress(made.content).decode() == letter * (fitting + 1)


@pytest.mark.parametrize("sign", ['"', "\n", "\x00", "a\\"])
def test_text_that_json_makes_larger_goes_beside_its_item_in_time(sign: str) -> None:
    """Tables as text are full of quotes: as JSON they may be more than an item holds."""
    text = sign * (4_900_000 // len(sign))
    made = payload.encode(item(content=Content(text)), OPEN)
    assert made.content is not None
    assert zlib.decompress(made.content).decode() == text
    fitting = sign * (MAX_INLINE_CONTENT_BYTES // 8 // len(sign))
    assert payload.encode(item(content=Content(fitting)), OPEN).content is None


@pytest.mark.parametrize("binary", [bytes(MAX_INLINE_CONTENT_BYTES), random_bytes(4_000_000)])
def test_bytes_go_beside_their_item_when_they_or_their_base64_reach_the_limit(
    binary: bytes,
) -> None:
    """Which of both the limit means is not said."""
    made = payload.encode(item(content=Content(binary=binary)), OPEN)
    assert b"compressedBinaryData" not in made.payload
    assert made.content is not None
    assert zlib.decompress(made.content) == binary
    assert "content" not in repr(made)


def test_a_payload_names_the_container_of_its_content() -> None:
    """Its bytes are raw there, not base64, and the size beforehand was no guess."""
    made = payload.encode(item(content=Content("a" * MAX_INLINE_CONTENT_BYTES)), OPEN)
    sent = BatchOperation(made.document_id, made.kind, made.payload, TP, 1, made.content)
    whole = payload.referring(sent, "f" * 200)
    assert orjson.loads(whole.payload) == {
        "documentId": "kb://articles/1",
        "compressionType": "ZLIB",
        "compressedBinaryDataFileId": "f" * 200,
    }
    assert whole.content is None
    assert len(whole.payload) == len(made.payload) + payload.MAX_REFERENCE_BYTES
    assert payload.MAX_REFERENCE_BYTES == REFERENCE_BYTES


def test_a_content_that_no_container_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The storage would refuse it, after all of it was sent."""
    monkeypatch.setattr(content, "MAX_CONTAINER_BYTES", 1_000)
    too_large = refusal(item(content=Content("a" * MAX_INLINE_CONTENT_BYTES)))
    assert too_large.reason == "content_too_large"


def test_an_item_above_the_limit_is_refused() -> None:
    """Metadata count, too, and would otherwise make the service refuse the whole batch."""
    assert refusal(item(metadata={"notes": "x" * 6_000_000})).reason == "item_too_large"


@pytest.mark.parametrize(
    "good",
    ["kb://1", "file:///a", "entity://1#en", "https://h:8/p?x=%C3%A4&y=1", "a+b.c-d://[::1]/"],
)
def test_an_absolute_uri_is_a_document_id(good: str) -> None:
    """Samples of Coveo's documentation are among these."""
    made = payload.encode(DeleteItem(KB, DocumentId(good)), OPEN)
    assert made.document_id == good


@pytest.mark.parametrize(
    "bad",
    ["", "1", "kb:1", "kb://", "://x", "kb://a b", "kb://ä", "kb://100%", "kb://a\n", "1k://a"],
)
def test_anything_else_is_not(bad: str) -> None:
    """The service answers 202 to these and never shows the item."""
    poison = refusal(DeleteItem(KB, DocumentId(bad)))
    assert poison.reason == "document_id_invalid"
    assert refusal(item(parent_id=DocumentId(bad))).reason == "parent_id_invalid"


@pytest.mark.parametrize("bad", ["txt", ".", ".tar.gz", ".t t", ""])
def test_a_file_extension_has_a_dot_and_letters(bad: str) -> None:
    """It chooses the converter; an unknown form chooses none."""
    assert refusal(item(file_extension=bad)).reason == "file_extension_invalid"


def test_text_that_is_no_unicode_is_poison_and_not_quoted() -> None:
    """JSON cannot carry a lone surrogate, and the exception must not carry the text."""
    poison = refusal(item(metadata={"title": "secret \ud800"}))
    assert poison.reason == "text_invalid"
    assert "secret" not in repr(poison)
    assert poison.__cause__ is None
    assert refusal(item(content=Content("\ud800"))).reason == "text_invalid"
    large = Content("\ud800" * MAX_INLINE_CONTENT_BYTES)
    assert refusal(item(content=large)).reason == "text_invalid"


def test_a_body_has_both_lists_and_commas_between() -> None:
    """Literal, because every batch is one of these."""
    gone = operation("c", kind=OperationKind.DELETE)
    assert payload.body([operation("a"), gone, operation("b")]) == (
        b'{"addOrUpdate":[{"documentId":"kb://a"},{"documentId":"kb://b"}],'
        b'"delete":[{"documentId":"kb://c"}]}'
    )
    assert payload.body([]) == b'{"addOrUpdate":[],"delete":[]}'
