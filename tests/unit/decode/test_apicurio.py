"""Apicurio's headers, byte by byte; `recorded/` has real ones."""

from __future__ import annotations

import pytest

from consumer.decode import wire
from consumer.domain.errors import PoisonError
from consumer.domain.records import Header

KEY = "apicurio.key."
DIGEST = b"0123456789abcdef" * 4


def ref(*headers: Header) -> str:
    """Return the schema that a key with these headers names."""
    return wire.frame(b"x", headers, wire.KEY_HEADER).ref


def refusal(*headers: Header) -> PoisonError:
    """Return why a key with these headers names none."""
    with pytest.raises(PoisonError) as caught:
        ref(*headers)
    return caught.value


def test_an_id_is_eight_bytes_in_the_space_that_its_header_names() -> None:
    """Both count from 1: only the header's name tells which."""
    assert ref((f"{KEY}globalId", bytes(6) + b"\1\2")) == "global/258"
    assert ref((f"{KEY}contentId", bytes(6) + b"\1\2")) == "content/258"


def test_the_last_of_several_ids_wins() -> None:
    """As its own reader has it."""
    assert ref((f"{KEY}globalId", bytes(7) + b"\1"), (f"{KEY}globalId", bytes(7) + b"\2")) == (
        "global/2"
    )


def test_a_hash_names_a_text() -> None:
    """Written where the serializer knows no id."""
    assert ref((f"{KEY}contentHash", DIGEST)) == f"hash/{DIGEST.decode()}"


def test_group_artifact_and_version_name_a_text() -> None:
    """The group is optional, and each of them may hold anything."""
    artifact, version = (f"{KEY}artifactId", b"kb.public/\xc3\xa9 -key"), (f"{KEY}version", b"3")
    assert ref(artifact, version) == "version/default/kb.public%2F%C3%A9%20-key/3"
    assert ref((f"{KEY}groupId", None), artifact, version).startswith("version/default/")
    assert ref((f"{KEY}groupId", b"my group"), artifact, version).startswith("version/my%20group/")


@pytest.mark.parametrize("missing", ["artifactId", "version"])
def test_no_newest_version_is_taken_where_none_is_named(missing: str) -> None:
    """What is newest now is not what the record was written with."""
    headers = [(f"{KEY}{each}", b"1") for each in ("groupId", "artifactId", "version")]
    named = refusal(*(header for header in headers if header[0] != f"{KEY}{missing}"))
    assert (named.reason, "let the converter write ids" in str(named)) == ("unknown_framing", True)


@pytest.mark.parametrize(
    "header",
    [
        ("globalId", None),
        ("globalId", b""),
        ("globalId", b"\0\0\0\7"),
        ("globalId", bytes(8)),
        ("contentId", b"\xff" * 8),
        ("contentHash", None),
        ("contentHash", DIGEST[:-1]),
        ("contentHash", DIGEST.upper()),
        ("artifactId", b"x" * 513),
        ("artifactId", b".."),
    ],
)
def test_a_header_that_names_nothing_is_refused(header: Header) -> None:
    """Nothing may fall back to the first bytes of a bare payload, or leave its path."""
    name, content = header
    version = (f"{KEY}version", b"1")
    assert refusal(version, (f"{KEY}{name}", content)).reason == "unknown_framing"


def test_avro_in_its_json_encoding_is_refused_with_the_setting_that_cures_it() -> None:
    """Its schema is named as usual, so it would be read as bytes."""
    named = ((f"{KEY}globalId", bytes(7) + b"\7"), (f"{KEY}encoding", b"JSON"))
    error = refusal(*named)
    assert error.reason == "not_avro"
    assert "apicurio.registry.avro.encoding to BINARY" in str(error)
    assert ref(*named, (f"{KEY}encoding", b"BINARY")) == "global/7"
