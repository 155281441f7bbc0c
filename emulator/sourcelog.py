"""The operation log in the terms of the Source Logs API: stages, filters, facets.

Imports: journal, operations, switches. Words and filters are those of Coveo's OpenAPI document.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from emulator.clock import DAY_MS, iso
from emulator.operations import Kind, Result, Task
from emulator.switches import LogOrder, LogStages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.journal import LogEntry
    from emulator.world import World

_STAGES: tuple[Task, ...] = (Task.STREAMING, Task.CONSUMING, Task.PROCESSING, Task.INDEXING)
_BATCH_STAGES: tuple[Task, ...] = (Task.STREAMING_BATCH, Task.CONSUMING_BATCH)
_GUIDS = uuid.UUID("4f6b1f0e-6f0f-4f3f-9d59-5f1d0f5e3c11")
DIMENSIONS = ("operations", "resourceIds", "results", "sourceIds", "tasks")


class Matching(StrEnum):
    """How a document id is compared with a filter."""

    EXACT = "EXACT"
    PARTIAL = "PARTIAL"
    WILDCARD = "WILDCARD"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One stage of one operation."""

    entry: LogEntry
    task: Task
    result: Result
    at_ms: int

    def value(self, dimension: str) -> str:
        """Return what the line has in one of the filters' dimensions."""
        match dimension:
            case "operations":
                return self.entry.kind
            case "results":
                return self.result
            case "sourceIds":
                return self.entry.source
            case "tasks":
                return self.task
            case _:
                return ""  # resources are extensions, of which there are none


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines are wanted. An empty set in `only` or `without` filters nothing."""

    from_ms: int
    to_ms: int
    only: dict[str, frozenset[str]]
    without: dict[str, frozenset[str]]
    document: Callable[[str], bool] | None = None

    def admits(self, line: LogLine) -> bool:
        """Whether a line is wanted."""
        if not self.from_ms <= line.at_ms <= self.to_ms:
            return False
        return all(
            (not self.only[name] or line.value(name) in self.only[name])
            and line.value(name) not in self.without[name]
            for name in DIMENSIONS
        )


def document_matcher(text: str, matching: Matching) -> Callable[[str], bool]:
    """Compare ids as the parameter says: `*` is one or more characters, `?` is one."""
    match matching:
        case Matching.EXACT:
            return lambda name: name == text
        case Matching.PARTIAL:
            return lambda name: text in name
        case Matching.WILDCARD:
            parts = (".+" if one == "*" else "." if one == "?" else re.escape(one) for one in text)
            pattern = re.compile("".join(parts), re.DOTALL)
            return lambda name: pattern.fullmatch(name) is not None


def lines(world: World, wanted: LogFilter) -> Iterator[LogLine]:
    """Yield the wanted lines in the order of the switch. It expects the world's lock."""
    switches, retention = world.settings.switches, world.settings.retention
    oldest_ms = world.clock.now_ms() - retention.log_days * DAY_MS
    newest_first = switches.log_order is LogOrder.NEWEST_FIRST
    log = world.journal.log
    for entry in reversed(log) if newest_first else log:
        if wanted.document is not None and not wanted.document(entry.document_id or ""):
            continue
        found = _stages(entry, switches.log_stages)
        for line in reversed(found) if newest_first else found:
            if line.at_ms >= oldest_ms and wanted.admits(line):
                yield line


def show_line(world: World, line: LogLine, request_id: str) -> dict[str, Any]:
    """Show a line; `request_id` is that of the request that reads it, as documented."""
    entry = line.entry
    meta: dict[str, Any] = {}
    if line.result is not Result.COMPLETED:
        meta = {"errorCode": entry.reason, "error": entry.detail}
    elif line.task in {Task.INDEXING, Task.CONSUMING_BATCH}:
        meta = {"duration": f"{(entry.processed_ms - entry.received_ms) / 1000:.3f}"}
    return {
        "id": entry.file_id if entry.kind is Kind.BATCH_FILE else entry.document_id or "",
        "guid": str(uuid.uuid5(_GUIDS, f"{entry.number} {line.task}")),
        "datetime": iso(line.at_ms),
        "organizationId": world.settings.organization,
        "sourceId": entry.source,
        "resourceId": "",
        "requestId": request_id,
        "operation": entry.kind,
        "task": line.task,
        "result": line.result,
        "meta": meta,
    }


def count_values(found: Iterator[LogLine]) -> dict[str, dict[str, int]]:
    """Count the lines by value, in each dimension."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in DIMENSIONS}
    for line in found:
        for name, counter in counts.items():
            value = line.value(name)
            if value:
                counter[str(value)] += 1
    return {name: dict(sorted(counter.items())) for name, counter in counts.items()}


def _stages(entry: LogEntry, shown: LogStages) -> list[LogLine]:
    last = LogLine(entry, entry.task, entry.result, entry.processed_ms)
    if shown is LogStages.LAST:
        return [last]
    stages: tuple[Task, ...] = _BATCH_STAGES if entry.kind is Kind.BATCH_FILE else _STAGES
    if entry.file_id is not None and entry.kind is not Kind.BATCH_FILE:
        stages = stages[1:]  # what came in a file was not streamed by itself
    if entry.kind is Kind.DELETE_OLDER_THAN and entry.document_id is not None:
        return [last]
    before = stages[: stages.index(entry.task)]
    return [
        LogLine(
            entry,
            task,
            Result.COMPLETED,
            entry.received_ms if task in {Task.STREAMING, Task.STREAMING_BATCH} else last.at_ms,
        )
        for task in before
    ] + [last]
