"""Framing, byte by byte (reference `debezium.md` §3.5)."""

from __future__ import annotations

import pytest

from consumer.decode import wire
from consumer.decode.settings import Framing, Wire
from consumer.domain.errors import PoisonError
from consumer.domain.records import Header
from consumer.domain.schemas import IdSpace

GUID = bytes(range(16))
AUTO = Wire()
SHORT = b"\0\0\0\1\2"
LONG = b"\0" + bytes(6) + b"\1\2"
HEADERS: tuple[Header, ...] = (("apicurio.value.globalId", bytes(7) + b"\7"),)
CONFLUENT: tuple[Header, ...] = ((wire.VALUE_HEADER, b"\0\0\0\0\7"),)


def ref(data: bytes, headers: tuple[Header, ...] = (), rules: Wire = AUTO) -> str:
    """Return the schema that a value names."""
    return wire.frame(data, headers, wire.VALUE_HEADER, rules).ref


def refusal(data: bytes, headers: tuple[Header, ...] = (), rules: Wire = AUTO) -> PoisonError:
    """Return why a value names none."""
    with pytest.raises(PoisonError) as caught:
        ref(data, headers, rules)
    return caught.value


def test_v0_is_a_zero_and_a_four_byte_id() -> None:
    """Confluent's commonest framing, and Apicurio's since version 3."""
    assert wire.frame(b"\0\0\0\1\2abc", (), wire.VALUE_HEADER) == ("id/258", b"\0\0\0\1\2abc", 5)


def test_v1_is_a_one_and_a_guid() -> None:
    """Newer Confluent clients may write the GUID in front."""
    framed = wire.frame(b"\1" + GUID + b"abc", (), wire.VALUE_HEADER)
    assert (framed.ref, framed.start) == ("guid/000102030405060708090a0b0c0d0e0f", 17)


def test_an_id_that_begins_with_four_zeros_is_one_of_eight_bytes() -> None:
    """Apicurio 2.x; registries count from 1, so four zeros are no id."""
    framed = wire.frame(LONG + b"abc", (), wire.VALUE_HEADER)
    assert (framed.ref, framed.start) == ("global/258", 9)


@pytest.mark.parametrize(
    ("payload_ids", "short", "long"),
    [
        (None, "id/258", "global/258"),
        (IdSpace.CONTENT, "content/258", "content/258"),
        (IdSpace.GLOBAL, "global/258", "global/258"),
    ],
)
def test_ids_in_front_of_payloads_are_in_the_space_that_is_configured(
    payload_ids: IdSpace | None, short: str, long: str
) -> None:
    """The bytes do not say it, and in the wrong space the same number is another schema."""
    rules = Wire(payload_ids=payload_ids)
    assert (ref(SHORT, rules=rules), ref(LONG, rules=rules)) == (short, long)


def test_header_wins_over_the_first_bytes() -> None:
    """With header framing the payload is bare and may well begin with a zero."""
    headers = ((wire.VALUE_HEADER, b"\0\0\0\0\7"),)
    assert wire.frame(b"\0\0\0\0\1", headers, wire.VALUE_HEADER) == ("id/7", b"\0\0\0\0\1", 0)


def test_last_of_several_headers_wins() -> None:
    """As in the Java client; others take the first and read with a wrong schema."""
    headers = ((wire.KEY_HEADER, b"\0\0\0\0\7"), (wire.KEY_HEADER, b"\1" + GUID))
    assert wire.frame(b"x", headers, wire.KEY_HEADER).ref == f"guid/{GUID.hex()}"


def test_last_header_wins_whatever_its_kind() -> None:
    """Whoever serializes a record anew leaves the old headers in front of his own."""
    assert ref(b"x", (*HEADERS, *CONFLUENT)) == "id/7"
    assert ref(b"x", (*CONFLUENT, *HEADERS)) == "global/7"
    content: tuple[Header, ...] = (("apicurio.value.contentId", bytes(7) + b"\x08"),)
    assert ref(b"x", (*HEADERS, *content)) == "content/8"
    assert ref(b"x", (*content, *HEADERS)) == "global/7"


def test_header_of_the_other_side_is_not_asked() -> None:
    """Key and value have headers of their own."""
    headers = ((wire.KEY_HEADER, b"\0\0\0\0\7"), ("apicurio.key.globalId", bytes(7) + b"\7"))
    assert wire.frame(b"\0\0\0\0\1", headers, wire.VALUE_HEADER).ref == "id/1"


def test_payload_of_no_bytes_is_framed_by_its_header() -> None:
    """A key that is an empty record has no bytes at all."""
    headers = ((wire.KEY_HEADER, b"\0\0\0\0\7"),)
    assert wire.frame(b"", headers, wire.KEY_HEADER).ref == "id/7"


@pytest.mark.parametrize("data", [b"{}", b"[1]", b'"a"'])
def test_json_is_said_to_be_json(data: bytes) -> None:
    """The commonest misconfiguration deserves its own word."""
    assert refusal(data).reason == "not_avro"


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0\0\0\7", b"\1" + GUID[:15], b"\2\0\0\0\1", b"text", bytes(9), b"\0\x80\0\0\1"],
    ids=["empty", "magic", "short id", "short guid", "magic 2", "text", "id 0", "negative id"],
)
def test_other_bytes_are_unknown_framing(data: bytes) -> None:
    """Never guess: a wrong schema is worse than none."""
    assert refusal(data).reason == "unknown_framing"


def test_a_bare_payload_is_called_so_and_says_what_to_do() -> None:
    """Apicurio 2.x behind something that drops headers."""
    message = str(refusal(b"\x02\x06Ada"))
    assert "a bare payload: 5 bytes that begin with 0x02, and no header names its schema" in message
    assert "let the connector's converter write headers or an id" in message
    assert "Ada" not in message


@pytest.mark.parametrize("content", [None, b"", b"\0\0\0\7", b"\2\0\0\0\7", b"\1" + GUID + b"\0"])
def test_malformed_header_is_unknown_framing(content: bytes | None) -> None:
    """A header that is there but says nothing must not fall back to the first bytes."""
    assert refusal(b"\0\0\0\0\1", ((wire.VALUE_HEADER, content),)).reason == "unknown_framing"


ACCEPTED = {
    Framing.CONFLUENT: {"id/258", "guid/000102030405060708090a0b0c0d0e0f", "id/7"},
    Framing.APICURIO_HEADERS: {"global/7"},
    Framing.APICURIO_8_BYTE: {"global/258"},
    Framing.APICURIO_4_BYTE: {"id/258"},
}
RECORDS: tuple[tuple[bytes, tuple[Header, ...]], ...] = (
    (SHORT, ()),
    (LONG, ()),
    (b"\1" + GUID, ()),
    (b"\x02", CONFLUENT),
    (b"\x02", HEADERS),
    (b"\x02", ()),
    (b"{}", ()),
    (b"", ()),
)


def outcome(data: bytes, headers: tuple[Header, ...], framing: Framing) -> str:
    """Return what a value names, or why it is refused."""
    try:
        return ref(data, headers, Wire(framing))
    except PoisonError as error:
        return f"{error.reason}: {error}"


@pytest.mark.parametrize("framing", ACCEPTED)
def test_a_fixed_framing_takes_its_own_records_and_no_other(framing: Framing) -> None:
    """Bytes that only look like another framing must not be believed, once it is known."""
    outcomes = {outcome(data, headers, framing) for data, headers in RECORDS}
    taken = {each for each in outcomes if "/" in each.partition(" ")[0]}
    says = f"unknown_framing: schema_registry.framing is '{framing}', but this is a "
    assert taken == ACCEPTED[framing]
    assert all(each.startswith(says) for each in outcomes - taken)


@pytest.mark.parametrize(
    ("data", "headers", "seen"),
    [
        (SHORT, (), "a payload behind a 4-byte id"),
        (b"\1" + GUID, (), "a payload behind a GUID"),
        (b"\x02", HEADERS, "a payload with the header apicurio.value.globalId"),
        (b"\x02secret", (), "a bare payload: 7 bytes that begin with 0x02"),
        (b"", (), "a payload of no bytes"),
    ],
)
def test_what_does_not_fit_a_fixed_framing_is_described(
    data: bytes, headers: tuple[Header, ...], seen: str
) -> None:
    """So that the setting can be corrected from the message alone."""
    message = str(refusal(data, headers, Wire(Framing.APICURIO_8_BYTE)))
    assert seen in message
    assert "secret" not in message


def test_headers_are_not_looked_at_where_ids_stand_in_front() -> None:
    """A replicator may carry the headers of another registry along."""
    assert ref(LONG, HEADERS, Wire(Framing.APICURIO_8_BYTE)) == "global/258"
    assert ref(SHORT, HEADERS, Wire(Framing.CONFLUENT)) == "id/258"
