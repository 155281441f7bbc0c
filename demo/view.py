"""Live progress on a terminal; plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from demo.stage import Stage, requests_in

_ALWAYS_SHOWN = {"polled", "open", "accepted"}
_LOOK_SECONDS = 0.5
_LINE_SECONDS = 5.0


class View:
    """Shows what was produced, what has its fate, and what the index holds."""

    def __init__(self, stage: Stage, produced: Callable[[], int] | None = None) -> None:
        """Look at these; without `produced` nobody knows how much was produced."""
        self._stage = stage
        self._produced = produced
        self._console = Console()
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._next_line = 0.0

    def __enter__(self) -> Self:
        """Start showing."""
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""
        if self._console.is_terminal:
            self._live.stop()

    def show(self) -> None:
        """Show once, and wait a moment."""
        rows = self._rows(self._stage.status(), self._stage.counters())
        if self._console.is_terminal:
            self._live.update(_table(rows), refresh=True)
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + _LINE_SECONDS
            self._console.print(
                ", ".join(f"{name} {value}" for name, value in rows.items()), soft_wrap=True
            )
        time.sleep(_LOOK_SECONDS)

    def _rows(self, status: dict[str, Any], counters: dict[str, Any]) -> dict[str, str]:
        rows = {} if self._produced is None else {"produced": str(self._produced())}
        for name, count in status["records"].items():
            if count or name in _ALWAYS_SHOWN:
                rows[name.replace("_", " ")] = str(count)
        rows["items indexed"] = str(counters["items"]["indexed"])
        rows["Push API requests"] = str(requests_in(counters))
        return rows


def _table(rows: dict[str, str]) -> Table:
    table = Table(title="from the database to the index", show_header=False)
    for name, value in rows.items():
        table.add_row(name, value)
    return table
