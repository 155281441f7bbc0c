"""`make demo-live`, as somebody who types into its database sees it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import psycopg
import pytest

from tests.e2e.program import wait_for
from tests.stack.stack import Stack

pytestmark = pytest.mark.stack

_ROOT: Final = Path(__file__).parents[2]
_PATIENCE_SECONDS: Final = 180.0
_STOP_SECONDS: Final = 60.0
ARTICLE: Final = "SELECT id FROM articles WHERE published ORDER BY id LIMIT 1 OFFSET %s"


class Demonstration:
    """The running demonstration and what it printed."""

    def __init__(self, output: Path) -> None:
        """Start it in a group of its own, as a terminal would."""
        self._output = output
        with output.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "demo.live"],
                cwd=_ROOT,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def printed(self, pattern: str) -> str:
        """Wait until something was printed; return its first group."""
        wait_for(lambda: self._found(pattern) or self.ended, pattern, _PATIENCE_SECONDS)
        found = self._found(pattern)
        assert found, self._output.read_text()
        return found[1]

    @property
    def ended(self) -> bool:
        """Return whether it is over."""
        return self.process.poll() is not None

    def interrupt(self) -> int:
        """Press Ctrl-C, wait, and return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(_STOP_SECONDS)

    def _found(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self._output.read_text())


@pytest.fixture
def demonstration(stack: Stack, tmp_path: Path) -> Iterator[Demonstration]:
    """Give a running one; the stack of the tests shows that its parts are there."""
    assert stack.folders.installed
    shown = Demonstration(tmp_path / "output")
    yield shown
    if not shown.ended:
        shown.interrupt()


def test_a_row_that_is_changed_by_hand_shows_on_the_page_seconds_later(
    demonstration: Demonstration, record_property: Callable[[str, object], None]
) -> None:
    """The first thing that anybody does with it."""
    page = demonstration.printed(r"index \(emulator's page\)\s+(http://[^/]+)")
    address = demonstration.printed(r"psql (postgresql://\S+)")
    shown = f"{page}/__admin/sources/demo-knowledge-base/export"
    assert httpx.get(shown).text.count("\n") > 300, "it asked for a change before the snapshot"
    with psycopg.connect(address, autocommit=True) as database:
        changed, deleted, moved = (_article(database, number) for number in (0, 5, 9))
        began = time.monotonic()
        database.execute("UPDATE articles SET title = 'by hand' WHERE id = %s", [changed])
        database.execute("DELETE FROM articles WHERE id = %s", [deleted])
        database.execute("UPDATE articles SET id = 9001 WHERE id = %s", [moved])
    wait_for(lambda: _has_all(httpx.get(shown).text, deleted, moved), "all three are indexed")
    record_property("demo-live", f"indexed after {time.monotonic() - began:.1f} s")
    assert "by hand" in httpx.get(f"{page}/sources/demo-knowledge-base?q=by+hand").text
    assert demonstration.interrupt() == 0
    assert demonstration.printed(r"(the index equals the database)")


def _article(database: psycopg.Connection, number: int) -> int:
    (row,) = database.execute(ARTICLE, [number]).fetchall()
    return int(row[0])


def _has_all(text: str, deleted: int, moved: int) -> bool:
    gone = [f'"kb://articles/{number}"' not in text for number in (deleted, moved)]
    return all(gone) and "by hand" in text and '"kb://articles/9001"' in text
