"""The state as JSON values, for the admin calls and the page. Imports: the core, orjson.

Every function settles what is due before it looks.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from emulator.clock import iso
from emulator.operations import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emulator.journal import LogEntry
    from emulator.permissions import Identity, PermissionLevel, PermissionSet
    from emulator.requestlog import RequestRecord
    from emulator.sources import Item, Source
    from emulator.world import World

_EXPORT_PAGE = 500
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items or identities to list, and which part of them.

    Items go by a prefix of the id and by a text in id or title, identities by a text in the name.
    """

    prefix: str = ""
    text: str = ""
    offset: int = 0
    limit: int = 100

    def part_of(
        self, found: Sequence[Found], name: str, show: Callable[[Found], Any]
    ) -> dict[str, Any]:
        """Show the part that is asked for under this name, with the count of all."""
        shown = found[self.offset : self.offset + self.limit]
        return {
            "total": len(found),
            "offset": self.offset,
            "limit": self.limit,
            name: [show(one) for one in shown],
        }


def list_sources(world: World) -> list[dict[str, Any]]:
    """All sources with their counts."""
    world.turn()
    with world.lock:
        return [show_source(source) for source in world.sources.values()]


def show_source(source: Source) -> dict[str, Any]:
    """One source. `barrier` is the ordering id below which nothing is let in any more."""
    return {
        "name": source.name,
        "visibility": source.visibility,
        "pushEnabled": source.push_enabled,
        "status": source.status,
        "items": len(source.items),
        "tombstones": len(source.tombstones),
        "barrier": source.barrier,
        "activities": [
            {
                "status": one.status,
                "startedAt": iso(one.started_ms),
                "endedAt": None if one.ended_ms is None else iso(one.ended_ms),
            }
            for one in source.activities[-20:]
        ],
    }


def list_items(world: World, source: Source, wanted: Selection) -> dict[str, Any]:
    """List a page of items in order of id."""
    world.turn()
    with world.lock:
        ids = source.ids(wanted.prefix)
        if wanted.text:
            text = wanted.text.casefold()
            ids = [name for name in ids if _mentions(source.items[name], text)]
        return wanted.part_of(ids, "items", lambda name: _show_line(source.items[name]))


def show_document(world: World, source: Source, document_id: str) -> dict[str, Any] | None:
    """All that is known about an id, indexed or not; None if it was never heard of."""
    world.turn()
    with world.lock:
        item, history = source.items.get(document_id), source.history.get(document_id)
        tombstone = source.tombstones.get(document_id)
        if item is None and history is None and tombstone is None:
            return None
        return {
            "documentId": document_id,
            "indexed": item is not None,
            "item": None if item is None else show_item(item),
            "tombstone": tombstone,
            "history": [_show_entry(entry) for entry in history or ()],
        }


def show_item(item: Item) -> dict[str, Any]:
    """Show an indexed item: `body` as it was sent, `permissions` as they were understood."""
    return _show_item(item, orjson.loads(item.body))


def _show_item(item: Item, body: object) -> dict[str, Any]:
    levels = item.permissions
    return {
        "documentId": item.document_id,
        "orderingId": item.ordering_id,
        "receivedAt": iso(item.received_ms),
        "indexedAt": iso(item.indexed_ms),
        "request": item.request,
        "title": item.title,
        "compressionType": item.compression,
        "contentFileBytes": None if item.binary is None else len(item.binary),
        "body": body,
        "permissions": None if levels is None else [_show_level(level) for level in levels],
    }


def export_lines(world: World, source: Source) -> Iterator[bytes]:
    """All indexed items as JSON Lines in order of id, some at a time.

    Items that change during the export appear in their state at the moment of their page.
    """
    world.turn()
    after: str | None = None
    while True:
        with world.lock:
            page = list(source.items_from(after, _EXPORT_PAGE))
        if not page:
            return
        after = page[-1].document_id
        yield b"".join(_export_line(item) for item in page)


def _export_line(item: Item) -> bytes:
    # The body is written as it is kept; parsing it only to write it again would take most time.
    return orjson.dumps(_show_item(item, orjson.Fragment(item.body))) + b"\n"


def list_requests(world: World, after: int, limit: int) -> list[dict[str, Any]]:
    """List the request log, oldest first, behind request number `after`."""
    return [_show_request(one) for one in world.request_log.behind(after, limit)]


def list_log(
    world: World, *, after: int, limit: int, source: str | None, failed: bool
) -> list[dict[str, Any]]:
    """List the operation log, oldest first, behind entry number `after`."""
    world.turn()
    with world.lock:
        found = [
            one
            for one in world.journal.log
            if one.number > after
            and source in {None, one.source}
            and not (failed and one.result is Result.COMPLETED)
        ]
        return [_show_entry(one) for one in found[:limit]]


def show_counters(world: World) -> dict[str, Any]:
    """All counters, the newest violations, the quota and what still waits."""
    world.turn()
    with world.lock:
        journal, now_ms = world.journal, world.clock.now_ms()
        return {
            "now": iso(now_ms),
            "nowMs": now_ms,
            "requests": world.request_log.responses(),
            "items": {
                "indexed": world.count_items(),
                "upserted": journal.items_upserted,
                "deleted": journal.items_deleted,
                "rejected": sum(journal.rejected.values()),
                "duplicates": journal.duplicates,
            },
            "rejectedByReason": dict(sorted(journal.rejected.items())),
            "violationCount": journal.violation_count,
            "violations": [asdict(one) for one in journal.violations],
            "pending": len(world.agenda),
            "openContainers": len(world.containers),
            "quota": world.meter.usage(now_ms),
        }


def _show_entry(entry: LogEntry) -> dict[str, Any]:
    """One operation's end; the words are those of Coveo's Source Logs API."""
    return {
        "number": entry.number,
        "source": entry.source,
        "documentId": entry.document_id,
        "operation": entry.kind,
        "task": entry.task,
        "result": entry.result,
        "reason": entry.reason,
        "detail": entry.detail,
        "receivedAt": iso(entry.received_ms),
        "processedAt": iso(entry.processed_ms),
        "orderingId": entry.ordering_id,
        "request": entry.request,
    }


def _show_request(record: RequestRecord) -> dict[str, Any]:
    return {
        "number": record.number,
        "at": iso(record.at_ms),
        "method": record.method,
        "path": record.path,
        "endpoint": record.endpoint,
        "source": record.source,
        "fileId": record.file_id,
        "size": record.size,
        "status": record.status,
        "milliseconds": record.milliseconds,
        "fault": record.fault,
    }


def _show_line(item: Item) -> dict[str, Any]:
    return {
        "documentId": item.document_id,
        "title": item.title,
        "orderingId": item.ordering_id,
        "indexedAt": iso(item.indexed_ms),
        "request": item.request,
        "bytes": len(item.body),
    }


def _mentions(item: Item, wanted: str) -> bool:
    return wanted in item.document_id.casefold() or (
        item.title is not None and wanted in item.title.casefold()
    )


def _show_level(level: PermissionLevel) -> dict[str, Any]:
    return {"name": level.name, "permissionSets": [_show_set(one) for one in level.sets]}


def _show_set(one: PermissionSet) -> dict[str, Any]:
    return {
        "allowAnonymous": one.allow_anonymous,
        "allowedPermissions": [_show_identity(who) for who in one.allowed],
        "deniedPermissions": [_show_identity(who) for who in one.denied],
    }


def _show_identity(who: Identity) -> dict[str, Any]:
    return {"identity": who.name, "identityType": who.kind, "securityProvider": who.provider}
