"""What a commit says beside its offset: its metadata, written and read. Pure; imports the domain.

`v1 open topic=Vk7aiKiuT02_OdPT1klqkA partitions=4 seen=1795514147 read=7041@1795514146821`.
Words that are not known are left out, so that a later version can add some. The bare `open` and
`clean` of earlier versions are understood; whatever else stands there, such as the nothing of an
operator's tool, says nothing.
An earlier version that reads `v1 …` takes it for an unclean leave, which is the safe side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from consumer.domain.assignment import Tenure, Witness

_VERSION: Final = "v1"
_MOST_CHARACTERS: Final = 4_096
"""The broker's own limit (`offset.metadata.max.bytes`); nothing longer was ever written by us."""
_MOST_DIGITS: Final = 12
_WITNESS: Final = re.compile(r"([0-9]{1,18})@(-?[0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Note:
    """A commit's metadata; what it does not say is `None`."""

    tenure: Tenure | None = None
    topic_id: str | None = None
    partitions: int | None = None
    """How many partitions the topic had when the group began to read this one."""
    end_seen_ms: int | None = None
    """When the log was last known to end at the offset, or reading began; UTC, whole seconds."""
    witness: Witness | None = None
    """A record shortly before the offset that was read."""


def written(note: Note) -> str:
    """Return the metadata that says this."""
    return " ".join([_VERSION, (note.tenure or Tenure.OPEN).value, *_words(note)])


def _words(note: Note) -> Iterator[str]:
    if note.topic_id is not None:
        yield f"topic={note.topic_id}"
    if note.partitions is not None:
        yield f"partitions={note.partitions}"
    if note.end_seen_ms is not None:
        yield f"seen={note.end_seen_ms // 1_000}"
    if note.witness is not None:
        yield f"read={note.witness.offset}@{note.witness.timestamp_ms}"


def read(metadata: str | None) -> Note:
    """Return what metadata says; never fails, for anybody may have written it."""
    if metadata is None or len(metadata) > _MOST_CHARACTERS:
        return Note()
    version, *words = metadata.split(" ")
    if not words:
        return Note(_tenure(version))
    tenure = _tenure(words[0])
    if version != _VERSION or tenure is None:
        return Note()
    said = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    seen = _number(said.get("seen"))
    return Note(
        tenure,
        said.get("topic") or None,
        _number(said.get("partitions")) or None,  # no topic has none
        None if seen is None else seen * 1_000,
        _witness(said.get("read")),
    )


def _witness(word: str | None) -> Witness | None:
    match = _WITNESS.fullmatch(word or "")
    return None if match is None else Witness(int(match[1]), int(match[2]))


def _tenure(word: str) -> Tenure | None:
    return next((tenure for tenure in Tenure if tenure.value == word), None)


def _number(word: str | None) -> int | None:
    if word is None or len(word) > _MOST_DIGITS or not (word.isascii() and word.isdigit()):
        return None
    return int(word)
