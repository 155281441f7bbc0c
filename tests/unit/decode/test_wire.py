"""Framing, byte by byte (reference `debezium.md` §3.5)."""

from __future__ import annotations

import pytest

from consumer.decode import wire
from consumer.domain.errors import PoisonError

GUID = bytes(range(16))


def test_v0_is_a_zero_and_a_four_byte_id() -> None:
    """Confluent's commonest framing."""
    assert wire.frame(b"\0\0\0\1\2abc", (), wire.VALUE_HEADER) == ("id/258", b"\0\0\0\1\2abc", 5)


def test_v1_is_a_one_and_a_guid() -> None:
    """Newer Confluent clients may write the GUID in front."""
    framed = wire.frame(b"\1" + GUID + b"abc", (), wire.VALUE_HEADER)
    assert (framed.ref, framed.start) == ("guid/000102030405060708090a0b0c0d0e0f", 17)


def test_header_wins_over_the_first_bytes() -> None:
    """With header framing the payload is bare and may well begin with a zero."""
    headers = ((wire.VALUE_HEADER, b"\0\0\0\0\7"),)
    assert wire.frame(b"\0\0\0\0\1", headers, wire.VALUE_HEADER) == ("id/7", b"\0\0\0\0\1", 0)


def test_last_of_several_headers_wins() -> None:
    """As in the Java client; others take the first and read with a wrong schema."""
    headers = ((wire.KEY_HEADER, b"\0\0\0\0\7"), (wire.KEY_HEADER, b"\1" + GUID))
    assert wire.frame(b"x", headers, wire.KEY_HEADER).ref == f"guid/{GUID.hex()}"


def test_header_of_the_other_side_is_not_asked() -> None:
    """Key and value have a header each."""
    headers = ((wire.KEY_HEADER, b"\0\0\0\0\7"),)
    assert wire.frame(b"\0\0\0\0\1", headers, wire.VALUE_HEADER).ref == "id/1"


def test_payload_of_no_bytes_is_framed_by_its_header() -> None:
    """A key that is an empty record has no bytes at all."""
    headers = ((wire.KEY_HEADER, b"\0\0\0\0\7"),)
    assert wire.frame(b"", headers, wire.KEY_HEADER).ref == "id/7"


@pytest.mark.parametrize("data", [b"{}", b"[1]", b'"a"'])
def test_json_is_said_to_be_json(data: bytes) -> None:
    """The commonest misconfiguration deserves its own word."""
    with pytest.raises(PoisonError) as caught:
        wire.frame(data, (), wire.VALUE_HEADER)
    assert caught.value.reason == "not_avro"


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0\0\0\7", b"\1" + GUID[:15], b"\2\0\0\0\1", b"text", b"\0\0\0\0\0\0\0\0\7"],
    ids=["empty", "magic", "short id", "short guid", "magic 2", "text", "8-byte id"],
)
def test_other_bytes_are_unknown_framing(data: bytes) -> None:
    """Never guess: a wrong schema is worse than none."""
    with pytest.raises(PoisonError) as caught:
        wire.frame(data, (), wire.VALUE_HEADER)
    assert caught.value.reason == "unknown_framing"


@pytest.mark.parametrize("content", [None, b"", b"\0\0\0\7", b"\2\0\0\0\7", b"\1" + GUID + b"\0"])
def test_malformed_header_is_unknown_framing(content: bytes | None) -> None:
    """A header that is there but says nothing must not fall back to the first bytes."""
    with pytest.raises(PoisonError) as caught:
        wire.frame(b"\0\0\0\0\1", ((wire.VALUE_HEADER, content),), wire.VALUE_HEADER)
    assert caught.value.reason == "unknown_framing"
