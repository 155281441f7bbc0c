"""A world that survives: snapshot, journal, kills."""

from __future__ import annotations

import json
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings

from emulator.calls import Endpoint
from emulator.clock import ManualClock
from emulator.datafolder import DataFolder, FolderInUseError
from emulator.world import World
from tests.emulator.driver import START_MS, Driver, upsert
from tests.emulator.lives import STEPS, Step, live, new_driver, reopened, state_of
from tests.emulator.program import run, running


@settings(max_examples=40)
@given(STEPS, STEPS)
def test_a_kill_at_any_moment_loses_nothing(steps: list[Step], more: list[Step]) -> None:
    """What was answered is there, what waits goes on, before and behind a snapshot."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as end:
        driver = new_driver()
        folder = DataFolder(Path(name), driver.world)
        folder.open()
        end.callback(folder.abandon)
        live(driver, steps)
        assert state_of(reopened(Path(name), driver)) == state_of(driver.world)
        folder.compact()
        live(driver, more)
        world = reopened(Path(name), driver)
        assert state_of(world) == state_of(driver.world)
        for one in (world, driver.world):
            one.advance(100_000)
        assert state_of(world) == state_of(driver.world)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[Driver, Path]]:
    """A driver whose world is kept in a folder, with one item."""
    driver = Driver.of()
    folder = DataFolder(tmp_path, driver.world)
    folder.open()
    driver.push("a://1")
    yield driver, tmp_path
    folder.abandon()


def journal(folder: Path) -> Path:
    """Return the one journal."""
    (found,) = folder.glob("journal-*.jsonl")
    return found


class RestlessClock:
    """A clock that moves whenever somebody looks at it."""

    def __init__(self) -> None:
        """Begin where the other clocks do."""
        self._now_ms = START_MS

    def now_ms(self) -> int:
        """Return a moment that was never seen before."""
        self._now_ms += 1
        return self._now_ms

    def advance(self, milliseconds: int) -> None:
        """Move forward."""
        self._now_ms += milliseconds


def test_a_request_has_one_moment_and_what_is_due_comes_before_it(tmp_path: Path) -> None:
    """Otherwise a start would give other ids, and do in another order, than the first time."""
    driver = Driver(ManualClock(), World(new_driver().world.settings, RestlessClock()))
    folder = DataFolder(tmp_path, driver.world)
    folder.open()
    live(driver, [("stream", "a", True), ("push", "b", False), ("partial", "a"), ("container",)])
    assert state_of(reopened(tmp_path, driver))[1:] == state_of(driver.world)[1:]
    folder.abandon()


def test_a_call_finds_done_what_was_due_before_it(tmp_path: Path) -> None:
    """Two calls of one millisecond want one file: the first one has it, then and after a start."""
    driver = Driver.of()
    folder = DataFolder(tmp_path, driver.world)
    folder.open()
    file_id = driver.file_with(b"raw")
    driver.push("a://1", {"compressedBinaryDataFileId": file_id, "compressionType": "UNCOMPRESSED"})
    driver.send(Endpoint.PUSH_BATCH, {"fileId": file_id})
    assert driver.indexed() == ["a://1"]
    assert state_of(reopened(tmp_path, driver)) == state_of(driver.world)
    folder.abandon()


def test_a_line_that_was_cut_off_was_never_acted_on(kept: tuple[Driver, Path]) -> None:
    """A kill in the middle of a write."""
    driver, folder = kept
    before = state_of(driver.world)
    driver.push("a://2")
    text = journal(folder).read_bytes()
    journal(folder).write_bytes(text[:-10])
    assert state_of(reopened(folder, driver)) == before


def test_a_kill_between_snapshot_and_journal_is_harmless(kept: tuple[Driver, Path]) -> None:
    """The old journal belongs to the old snapshot and is not read again."""
    driver, folder = kept
    old = journal(folder)
    text = old.read_bytes()
    assert isinstance(driver.world.recorder, DataFolder)
    driver.world.recorder.compact()
    journal(folder).unlink()
    old.write_bytes(text)
    assert state_of(reopened(folder, driver)) == state_of(driver.world)


def test_no_key_is_written(kept: tuple[Driver, Path]) -> None:
    """Nor what a refused caller sent."""
    driver, folder = kept
    driver.send(driver.sent[-1].endpoint, {}, b"", {"authorization": "Basic secret-thing"})
    text = b"".join(one.read_bytes() for one in folder.iterdir())
    assert b"some-key" not in text
    assert b"secret-thing" not in text


def test_file_ids_do_not_come_again(kept: tuple[Driver, Path]) -> None:
    """Even if they are repeatable."""
    driver, folder = kept
    first = driver.world.containers.create(START_MS)
    other = reopened(folder, driver)
    assert other.containers.create(START_MS) != first


@pytest.mark.parametrize("seed", [1, None])
def test_an_address_that_was_handed_out_is_still_good(tmp_path: Path, seed: int | None) -> None:
    """A client in the middle of a batch notices nothing, be the ids repeatable or not."""
    driver = Driver.of(seed=seed)
    folder = DataFolder(tmp_path, driver.world)
    folder.open()
    created = driver.create_file()
    other = Driver(driver.clock, reopened(tmp_path, driver))
    content = json.dumps({"addOrUpdate": [upsert("a://2")]}).encode()
    assert other.upload(created["uploadUri"], content).status == 200
    folder.abandon()


def test_a_folder_has_one_owner(kept: tuple[Driver, Path]) -> None:
    """Two would write over each other."""
    driver, folder = kept
    with pytest.raises(FolderInUseError):
        DataFolder(folder, World(driver.world.settings)).open()


def items(url: str) -> list[str]:
    """Return the ids of what is indexed in `source`."""
    answer: dict[str, Any] = httpx.get(f"{url}/__admin/sources/source/items").json()
    return [one["documentId"] for one in answer["items"]]


def push(url: str, document_id: str) -> None:
    """Push an item to `source`."""
    path = f"{url}/push/v1/organizations/emulator"
    query = {"documentId": document_id}
    reply = httpx.put(
        f"{path}/sources/source/documents",
        params=query,
        json={"data": ""},
        headers={"Authorization": "Bearer k"},
    )
    assert reply.status_code == 202


def test_the_program_survives_a_kill(tmp_path: Path) -> None:
    """SIGKILL, and then a start as if nothing had happened; a polite end as well."""
    arguments = ("--data", str(tmp_path))
    for number, end in enumerate((signal.SIGKILL, signal.SIGTERM, signal.SIGKILL), 1):
        with running(*arguments) as (process, url):
            assert len(items(url)) == number - 1
            push(url, f"a://{number}")
            process.send_signal(end)
            process.wait(timeout=10)
    exported = run("export", "--data", str(tmp_path))
    assert exported.stdout.count('"kind":"item"') == 3


def test_a_state_moves_from_folder_to_folder(tmp_path: Path) -> None:
    """By a file, which may also be the beginning of a run in memory."""
    file = tmp_path / "state.jsonl"
    file.write_text(
        '{"kind":"source","id":"source"}\n{"kind":"item","source":"source",'
        '"documentId":"a://1","body":{"data":""}}\n'
    )
    assert run("import", str(file), "--data", str(tmp_path / "one")).returncode == 0
    moved = tmp_path / "moved.jsonl"
    assert run("export", "--data", str(tmp_path / "one"), "--output", str(moved)).returncode == 0
    with running("--seed-file", str(moved)) as (_, url):
        assert items(url) == ["a://1"]


def test_a_file_that_is_no_state_is_exit_code_one(tmp_path: Path) -> None:
    """And says which line."""
    file = tmp_path / "wrong.jsonl"
    file.write_text("{}\n")
    result = run("import", str(file), "--data", str(tmp_path / "folder"))
    assert result.returncode == 1
    assert "line 1" in result.stderr


def test_a_folder_that_is_not_there_is_no_empty_state(tmp_path: Path) -> None:
    """A mistyped name must not pass for an export."""
    result = run("export", "--data", str(tmp_path / "mistyped"))
    assert (result.returncode, result.stdout) == (2, "")
    assert "does not exist" in result.stderr
    assert not (tmp_path / "mistyped").exists()
