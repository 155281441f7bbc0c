"""Compressed content, inline and by file container."""

from __future__ import annotations

import base64
import gzip
import lzma
import zlib
from typing import Any

import pytest

from emulator.calls import Endpoint
from emulator.settings import Limits
from emulator.switches import Leniency, Switches
from tests.emulator.driver import Driver, error_of

TEXT = b"some text to compress"


def deflated(data: bytes) -> bytes:
    """Compress without any header."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


COMPRESSED = {
    "UNCOMPRESSED": TEXT,
    "DEFLATE": deflated(TEXT),
    "GZIP": gzip.compress(TEXT),
    "LZMA": lzma.compress(TEXT),
    "ZLIB": zlib.compress(TEXT),
}


def item(data: bytes, **fields: Any) -> dict[str, Any]:
    """An item with inline content."""
    text = base64.b64encode(data).decode()
    return {"documentId": "a://1", "compressedBinaryData": text, **fields}


@pytest.mark.parametrize("name", list(COMPRESSED))
@pytest.mark.parametrize("spelling", [str.upper, str.lower, str.capitalize])
def test_every_compression_type_is_decoded(driver: Driver, name: str, spelling: Any) -> None:
    """In any spelling, since the pages disagree about it."""
    driver.batch([item(COMPRESSED[name], compressionType=spelling(name))])
    assert driver.reasons("a://1") == [None]


def test_zlib_is_the_default(driver: Driver) -> None:
    """As documented."""
    driver.batch([item(COMPRESSED["ZLIB"])])
    assert driver.reasons("a://1") == [None]


@pytest.mark.parametrize(
    "data",
    [COMPRESSED["GZIP"], TEXT, COMPRESSED["ZLIB"][:-3], b""],
    ids=["gzip", "text", "cut", "empty"],
)
def test_content_that_is_not_what_it_says_is_rejected(driver: Driver, data: bytes) -> None:
    """One official client names no compression type and would fail like this."""
    driver.batch([item(data)])
    assert driver.reasons("a://1") == ["UNDECODABLE_CONTENT"]
    assert driver.document("a://1")["history"][0]["task"] == "PROCESSING"


def test_content_that_is_not_base64_is_rejected(driver: Driver) -> None:
    """Also uncompressed content has to be base64."""
    driver.batch([{"documentId": "a://1", "compressedBinaryData": "not base64!"}])
    assert driver.reasons("a://1") == ["UNDECODABLE_CONTENT"]


def test_undecodable_content_is_indexed_if_so_switched() -> None:
    """What the service does with it is not documented."""
    driver = Driver.of(switches=Switches(undecodable_content=Leniency.ACCEPT))
    driver.batch([item(TEXT)])
    assert driver.indexed() == ["a://1"]


def test_the_compression_type_of_the_query_wins(driver: Driver) -> None:
    """For a single push it belongs into the query."""
    fields = item(COMPRESSED["GZIP"], compressionType="ZLIB")
    driver.push("a://1", fields, compressionType="GZIP")
    assert driver.reasons("a://1") == [None]


def test_an_unknown_compression_type_in_the_query_is_refused_at_once(driver: Driver) -> None:
    """It is a parameter like others."""
    reply = driver.push("a://1", compressionType="ZIP")
    assert error_of(reply) == (412, "INVALID_PARAMETER")


def test_inline_content_from_the_limit_on_is_rejected() -> None:
    """From 5 MB on it has to go through a container."""
    driver = Driver.of(limits=Limits(max_inline_content_bytes=10))
    driver.batch([item(TEXT, compressionType="UNCOMPRESSED")])
    assert driver.reasons("a://1") == ["CONTENT_TOO_LARGE"]


def test_a_content_file_is_taken_from_its_container(driver: Driver) -> None:
    """It holds the raw compressed bytes, not base64."""
    file_id = driver.file_with(COMPRESSED["ZLIB"])
    driver.batch([{"documentId": "a://1", "compressedBinaryDataFileId": file_id}])
    assert driver.document("a://1")["item"]["contentFileBytes"] == len(COMPRESSED["ZLIB"])


def test_a_content_file_is_used_up(driver: Driver) -> None:
    """It is a container like any other: one push."""
    file_id = driver.file_with(COMPRESSED["ZLIB"])
    driver.push("a://1", {"compressedBinaryDataFileId": file_id})
    driver.push("a://2", {"compressedBinaryDataFileId": file_id})
    assert driver.indexed() == ["a://1"]
    assert driver.reasons("a://2") == ["CONTENT_FILE_MISSING"]


def test_an_unfilled_content_file_rejects_the_item(driver: Driver) -> None:
    """The push was accepted before anyone looked into the container."""
    file_id = driver.create_file()["fileId"]
    assert driver.push("a://1", {"compressedBinaryDataFileId": file_id}).status == 202
    assert driver.reasons("a://1") == ["CONTENT_FILE_MISSING"]


def test_equal_content_files_are_duplicates(driver: Driver) -> None:
    """Their file ids differ, what they hold does not."""
    for _ in range(2):
        file_id = driver.file_with(COMPRESSED["ZLIB"])
        driver.push("a://1", {"compressedBinaryDataFileId": file_id})
    assert driver.counters()["items"]["duplicates"] == 1


def test_a_content_file_of_a_batch_is_not_the_batch_file(driver: Driver) -> None:
    """The batch call consumes only its own container."""
    file_id = driver.file_with(COMPRESSED["ZLIB"])
    driver.batch()
    assert driver.call(Endpoint.PUSH_BATCH, fileId=file_id).status == 202
