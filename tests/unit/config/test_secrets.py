"""Secrets: from files, again when they change, shown nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from consumer.config.secrets import SecretFile, SecretText
from consumer.domain.errors import ConfigError


def test_line_end_is_cut_and_nothing_else(tmp_path: Path) -> None:
    """Editors add one; blanks can be part of a password."""
    file = tmp_path / "key"
    file.write_text(" a b \r\n", encoding="utf-8")
    assert SecretFile(file).reveal() == " a b "


def test_changed_file_is_read_again(tmp_path: Path) -> None:
    """A key that was exchanged must count without a restart."""
    file, other = tmp_path / "key", tmp_path / "new"
    file.write_text("one", encoding="utf-8")
    secret = SecretFile(file)
    assert secret.reveal() == "one"
    other.write_text("two", encoding="utf-8")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    assert secret.reveal() == "two"


def test_exchanged_symbolic_link_is_followed(tmp_path: Path) -> None:
    """That is how a mounted Secret is exchanged."""
    (tmp_path / "v1").write_text("one", encoding="utf-8")
    (tmp_path / "v2").write_text("two", encoding="utf-8")
    link = tmp_path / "key"
    link.symlink_to("v1")
    secret = SecretFile(link)
    assert secret.reveal() == "one"
    link.unlink()
    link.symlink_to("v2")
    assert secret.reveal() == "two"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff"])
def test_moment_without_a_usable_file_changes_nothing(
    tmp_path: Path, content: bytes | None
) -> None:
    """Between removing the old file and writing the new one the old key still works."""
    file = tmp_path / "key"
    file.write_text("one", encoding="utf-8")
    secret = SecretFile(file)
    secret.reveal()
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert secret.reveal() == "one"


@pytest.mark.parametrize("content", [None, b"", b"\r\n", b"s3cret \xff"])
def test_file_that_was_never_usable_is_named_without_its_content(
    tmp_path: Path, content: bytes | None
) -> None:
    """The operator needs the path, nobody the content."""
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=str(file)) as caught:
        SecretFile(file).reveal()
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_secret_is_never_shown(tmp_path: Path) -> None:
    """Objects end up in logs by their repr."""
    file = tmp_path / "key"
    file.write_text("s3cret", encoding="utf-8")
    secret = SecretFile(file)
    secret.reveal()
    assert f"{secret!r} {secret} {SecretText('s3cret')!r}" == "*** *** ***"


def test_a_path_that_no_file_can_have_is_a_configuration_error(tmp_path: Path) -> None:
    """Python raises another kind of error for a NUL in a path than for a missing file."""
    with pytest.raises(ConfigError, match="no file can have this name"):
        SecretFile(tmp_path / "a\0b").reveal()
