"""The file that a bundle is, and the end of a log in it."""

from __future__ import annotations

import io
import stat
import tarfile
from pathlib import Path

import pytest

from consumer.support.archive import packed, write
from consumer.support.tail import MAX_BYTES, last_lines


def test_texts_come_out_as_they_went_in() -> None:
    """In one folder, so that unpacking spreads nothing."""
    texts = {"a.txt": "first\n", "b.json": "{}", "c.txt": "half a pair \ud800"}
    with tarfile.open(fileobj=io.BytesIO(packed("folder", texts, 1_700_000_000))) as archive:
        found = {one.name: archive.extractfile(one) for one in archive.getmembers()}
        read = {name: file.read() for name, file in found.items() if file is not None}
    assert read == {
        "folder/a.txt": b"first\n", "folder/b.json": b"{}",
        "folder/c.txt": b"half a pair \\ud800",
    }  # fmt: skip


def test_a_bundle_is_its_owner_s_alone_and_overwrites_nothing(tmp_path: Path) -> None:
    """It may lie in a folder that many can read."""
    file = tmp_path / "bundle.tar.gz"
    write(file, b"first")
    with pytest.raises(FileExistsError):
        write(file, b"second")
    assert file.read_bytes() == b"first"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_only_the_last_lines_are_taken(tmp_path: Path) -> None:
    """What is not UTF-8 is no obstacle."""
    log = tmp_path / "log"
    log.write_bytes(b"one\ntwo\nthr\xffee\nfour")
    assert last_lines(log, 2) == ["thr\N{REPLACEMENT CHARACTER}ee", "four"]
    assert len(last_lines(log, 100)) == 4


def test_a_long_log_is_not_read_whole_and_begins_with_a_whole_line(tmp_path: Path) -> None:
    """Half a secret at the beginning would not be recognised."""
    log = tmp_path / "log"
    log.write_bytes(b"password=the-secret-at-the-cut " + b"x" * (MAX_BYTES - 20) + b"\nend\n")
    assert last_lines(log, 100) == ["end"]
