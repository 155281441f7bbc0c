"""Where the clients are kept, and what a machine without them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.install import NotHereError, home, javascript_client, must_run

pytestmark = pytest.mark.oracle


def test_a_changed_lock_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    """And an unchanged one is found by every clone."""
    lock = tmp_path / "lock"
    folders = []
    for content in ("one", "two", "one"):
        lock.write_text(content)
        folders.append(home("python", lock, environment={"XDG_CACHE_HOME": str(tmp_path)}))
    assert folders[0] == folders[2] != folders[1]
    assert folders[0].parent == tmp_path / "coveo-cdc"


def test_a_machine_without_node_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched without the program that is to run it."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotHereError, match=r"Node\.js with npm"):
        javascript_client()


@pytest.mark.parametrize(("said", "must"), [("true", True), ("false", False), ("", False)])
def test_in_ci_a_client_must_run(said: str, *, must: bool) -> None:
    """A tier that skips itself there is one that nobody runs."""
    assert must_run({"CI": said}) is must
