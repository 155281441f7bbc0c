"""Parts of the logs, newest first. Imports: the core.

A part continues in front of an entry's number, so that new entries do not move the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from emulator.operations import Result

if TYPE_CHECKING:
    from emulator.identitylog import IdentityLogEntry
    from emulator.journal import LogEntry
    from emulator.requestlog import RequestRecord
    from emulator.world import World

_ALL = 1 << 62


class _Numbered(Protocol):
    @property
    def number(self) -> int: ...


Entry = TypeVar("Entry", bound=_Numbered)


@dataclass(frozen=True, slots=True)
class Part(Generic[Entry]):
    """Some entries, newest first, how many match in all, and how many are older than these."""

    entries: list[Entry] = field(default_factory=list)
    matching: int = 0
    older: int = 0

    @property
    def older_than(self) -> int | None:
        """Return the number in front of which the older ones stand, None if there are none."""
        return self.entries[-1].number if self.older else None


@dataclass(frozen=True, slots=True)
class Span:
    """Which part: at most `limit` entries with numbers below `before`."""

    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries, by words that are compared whole; None does not ask. `text` is a part."""

    target: str | None = None
    operation: str | None = None
    result: str | None = None
    reason: str | None = None
    text: str = ""

    def includes(self, entry: LogEntry) -> bool:
        """Whether an entry of the operation log is one."""
        return self._fits(entry.source, entry.kind, entry.document_id, entry)

    def includes_identity(self, entry: IdentityLogEntry) -> bool:
        """Whether an entry of the identity log is one."""
        return self._fits(entry.provider, entry.action, entry.name, entry)

    def _fits(
        self, target: str, operation: str, name: str | None, entry: LogEntry | IdentityLogEntry
    ) -> bool:
        return (
            self.target in {None, target}
            and self.operation in {None, operation}
            and self._ended_so(entry.result)
            and self.reason in {None, entry.reason}
            and (not self.text or self.text in (name or "").casefold())
        )

    def _ended_so(self, result: Result) -> bool:
        if self.result == "FAILED":
            return result is not Result.COMPLETED
        return self.result in {None, result}


@dataclass(frozen=True, slots=True)
class WantedRequests:
    """Which requests: by endpoint, by status (`202`, `2xx`, `none`), by a part of the path."""

    endpoint: str | None = None
    status: str | None = None
    text: str = ""

    def includes(self, record: RequestRecord) -> bool:
        """Whether a request is one."""
        return (
            self.endpoint in {None, record.endpoint}
            and (self.status is None or self.status in _names(record.status))
            and (not self.text or self.text in record.path.casefold())
        )


def operations(world: World, wanted: Wanted, span: Span) -> Part[LogEntry]:
    """Return a part of the operation log."""
    world.turn()
    with world.lock:
        return _newest(reversed(world.journal.log), wanted.includes, span)


def identity_operations(world: World, wanted: Wanted, span: Span) -> Part[IdentityLogEntry]:
    """Return a part of the identity log."""
    world.turn()
    with world.lock:
        entries = reversed(world.identity_log.entries)
        return _newest(entries, wanted.includes_identity, span)


def requests(world: World, wanted: WantedRequests, span: Span) -> Part[RequestRecord]:
    """Return a part of the request log."""
    records = world.request_log.behind(0, _ALL)
    return _newest(reversed(records), wanted.includes, span)


def reasons(world: World) -> list[str]:
    """List the reasons for which operations failed so far, in order."""
    with world.lock:
        ended = {one.reason for one in world.identity_log.entries if one.reason is not None}
        return sorted(ended | set(world.journal.rejected))


def _newest(entries: Iterable[Entry], included: Callable[[Entry], bool], span: Span) -> Part[Entry]:
    shown: list[Entry] = []
    matching = older = 0
    for entry in entries:
        if not included(entry):
            continue
        matching += 1
        if span.before is not None and entry.number >= span.before:
            continue
        if len(shown) < span.limit:
            shown.append(entry)
        else:
            older += 1
    return Part(shown, matching, older)


def _names(status: int | None) -> set[str]:
    return {"none"} if status is None else {str(status), f"{status // 100}xx"}
