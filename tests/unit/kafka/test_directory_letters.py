"""Dead letters on disk: durable before delivered, whole lines only, and again until written."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.captures import record_of
from consumer.domain.fates import DeadLetter
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.kafka.directory_letters import DirectoryDeadLetters, LetterFiles, letter_line

RECORD = Record(
    TopicPartition("t", 1), Offset(7), 1_700_000_000_000, b"\x00k", None, (("h", None),)
)


def letter(number: int, record: Record = RECORD) -> DeadLetter:
    """Make a letter."""
    return DeadLetter(number, record, "bad_row", "column x is not a date")


def _wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not until():
        assert time.monotonic() < deadline, "not reached"
        time.sleep(0.001)


def _lines(folder: Path) -> list[str]:
    return [line for path in sorted(folder.iterdir()) for line in path.read_text().splitlines()]


optional_bytes = st.none() | st.binary(max_size=20)


@given(optional_bytes, optional_bytes, st.lists(st.tuples(st.text(max_size=5), optional_bytes)))
def test_a_line_gives_back_the_record_byte_for_byte(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    """It is replayed from there."""
    record = Record(TopicPartition("t", 0), Offset(3), 5, key, value, tuple(headers))
    line = letter_line(letter(1, record))
    assert line.count(b"\n") == 1
    document = json.loads(line)
    assert (document["reason"], document["message"]) == ("bad_row", "column x is not a date")
    for extra in ("reason", "message", "version"):
        del document[extra]
    assert record_of(json.dumps(document)) == record


def test_letters_are_delivered_once_they_are_on_the_disk(tmp_path: Path) -> None:
    """Their offsets are committed after that."""
    letters = DirectoryDeadLetters(tmp_path / "new")
    for number in (1, 2, 3):
        letters.send(letter(number))
    _wait(lambda: (tmp_path / "new").exists() and len(_lines(tmp_path / "new")) == 3)
    letters.close()
    assert (letters.delivered(), letters.trouble()) == ([1, 2, 3], None)


def test_a_disk_that_takes_nothing_is_named_and_tried_again(tmp_path: Path) -> None:
    """Full, read-only or not there yet: the record keeps its offset open meanwhile."""
    folder = tmp_path / "folder"
    folder.touch()
    letters = DirectoryDeadLetters(folder, retry_seconds=0.005)
    letters.send(letter(1))
    _wait(letters.trouble)
    assert letters.delivered() == []
    assert str(folder) in str(letters.trouble())
    folder.unlink()
    _wait(letters.delivered)
    assert letters.trouble() is None
    assert letters.failures() >= 1
    assert len(_lines(folder)) == 1
    letters.close()


def test_a_letter_whose_text_is_none_is_written_like_any_other(tmp_path: Path) -> None:
    """Half of a pair of UTF-16, from a schema or a setting: JSON can say it in ASCII."""
    letters = DirectoryDeadLetters(tmp_path)
    letters.send(DeadLetter(1, RECORD, "cast", "column 'a\ud800' is no number"))
    _wait(letters.delivered)
    (line,) = _lines(tmp_path)
    assert json.loads(line)["message"] == "column 'a\ud800' is no number"
    letters.close()


def test_nothing_ends_the_thread_that_writes(tmp_path: Path) -> None:
    """It would wedge every partition with a letter, and nobody would be told."""
    letters = DirectoryDeadLetters(tmp_path, retry_seconds=0.005)
    headers = cast("Any", [("h", 1)])  # what no record has: whatever nobody thought of
    letters.send(letter(1, replace(RECORD, headers=headers)))
    _wait(letters.trouble)
    trouble = str(letters.trouble())
    assert "TypeError (from t/1@7)" in trouble
    headers[:] = []
    _wait(letters.delivered)
    assert letters.trouble() is None
    letters.close()


def test_a_torn_line_is_cut_off_before_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk takes half a line; a reader must never see two records run together."""
    files = LetterFiles(tmp_path, "run", max_file_bytes=10_000)
    files.append([b"one\n"])

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            files.append([b"half of a longer line"])
    files.append([b"two\n"])
    assert _lines(tmp_path) == ["one", "two"]


def test_every_run_and_every_full_file_is_followed_by_a_new_one(tmp_path: Path) -> None:
    """A crash may have torn the last line of the old one."""
    first = LetterFiles(tmp_path, "a", max_file_bytes=3)
    first.append([b"1\n", b"2\n"])
    first.append([b"3\n"])
    LetterFiles(tmp_path, "b", max_file_bytes=3).append([b"4\n"])
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "dead-letters-a-0.jsonl",
        "dead-letters-a-1.jsonl",
        "dead-letters-b-0.jsonl",
    ]


def test_a_file_that_was_taken_away_is_replaced(tmp_path: Path) -> None:
    """Someone collected the letters while we ran."""
    letters = DirectoryDeadLetters(tmp_path, retry_seconds=0.005)
    letters.send(letter(1))
    _wait(letters.delivered)
    next(tmp_path.iterdir()).unlink()
    letters.send(letter(2))
    _wait(letters.delivered)
    assert len(_lines(tmp_path)) == 1
    letters.close()


def test_nothing_is_delivered_before_it_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written is not durable: a power loss must not lose what was committed past."""
    synced: list[int] = []
    real = os.fsync

    def counting(descriptor: int) -> None:
        real(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fsync", counting)
    files = LetterFiles(tmp_path, "run", max_file_bytes=10_000)
    files.append([b"one\n", b"two\n"])
    assert synced[-1] == 8


def test_closing_writes_what_waits_and_gives_up_on_a_broken_disk(tmp_path: Path) -> None:
    """A shutdown has a deadline."""
    letters = DirectoryDeadLetters(tmp_path / "a")
    letters.send(letter(1))
    letters.close()
    assert letters.delivered() == [1]
    (tmp_path / "b").touch()
    broken = DirectoryDeadLetters(tmp_path / "b")
    broken.send(letter(1))
    started = time.monotonic()
    broken.close()
    assert time.monotonic() - started < 2
    assert broken.delivered() == []
