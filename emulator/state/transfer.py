"""Export and import of the whole state as JSON Lines. Imports: the records' modules, the core.

One line is one record with a `kind`. Lines are read in their order: providers and sources come
before what refers to them. Most fields may be left out, so that a file can be written by hand.
Faults and the request log are not part of the state.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson

from emulator.journal import Violation
from emulator.rejections import BadItemError
from emulator.state import directories, indexes, queues
from emulator.state.values import BadStateError, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from emulator.world import World

FORMAT = 1


def export_state(world: World) -> Iterator[bytes]:
    """Yield the state line by line, as of one moment: take the lock around it."""
    for record in _records(world):
        yield orjson.dumps(record) + b"\n"


def import_state(world: World, lines: Iterable[bytes]) -> int:
    """Add the records to a world and return how many there were.

    Raises BadStateError with the number of the line; what was read before it stays.
    """
    count = 0
    with world.lock, world.clock.held():
        for number, line in enumerate(lines, 1):
            if line.strip():
                _load(world, line, number)
                count += 1
    return count


def _load(world: World, line: bytes, number: int) -> None:
    try:
        record = orjson.loads(line)
        _LOADERS[record["kind"]](world, record)
    except BadItemError as error:
        message = f"line {number}: {error}"
        raise BadStateError(message) from error
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        message = f"line {number} is no record of a state: {type(error).__name__} {error}"
        raise BadStateError(message) from error


def _records(world: World) -> Iterator[Record]:
    yield {
        "kind": "emulator",
        "format": FORMAT,
        "organization": world.settings.organization,
        "nowMs": world.clock.now_ms(),
    }
    for model in sorted(world.fields.created.values(), key=lambda one: str(one["name"])):
        yield {"kind": "field", "model": model}
    yield from directories.directory_records(world)
    yield from indexes.source_records(world)
    yield from queues.queue_records(world)
    yield from indexes.log_records(world)
    yield from directories.identity_log_records(world)
    yield from _number_records(world)


def _number_records(world: World) -> Iterator[Record]:
    journal = world.journal
    for one in journal.violations:
        yield {
            "kind": "violation",
            "violation": one.kind,
            "source": one.source,
            "documentId": one.document_id,
            "request": one.request,
        }
    yield {
        "kind": "counters",
        "upserted": journal.items_upserted,
        "deleted": journal.items_deleted,
        "duplicates": journal.duplicates,
        "rejected": dict(sorted(journal.rejected.items())),
        "violations": journal.violation_count,
        "operations": journal.last_number,
        "identityOperations": world.identity_log.last_number,
        "requests": world.request_log.last_number,
    }
    yield {"kind": "quota", **world.meter.saved()}


def _load_header(world: World, record: Record) -> None:
    if record.get("format", FORMAT) != FORMAT:
        message = f"format {record['format']} is not {FORMAT}"
        raise ValueError(message)
    world.advance_to(record.get("nowMs", 0))
    # Refreshes of an empty cache on the way are nobody's.
    world.cache.runs.clear()


def _load_field(world: World, record: Record) -> None:
    world.fields.put(record["model"])


def _load_violation(world: World, record: Record) -> None:
    world.journal.violations.append(
        Violation(record["violation"], record["source"], record["documentId"], record["request"])
    )


def _load_counters(world: World, record: Record) -> None:
    journal = world.journal
    journal.items_upserted, journal.items_deleted = record["upserted"], record["deleted"]
    journal.duplicates, journal.rejected = record["duplicates"], Counter(record["rejected"])
    journal.violation_count, journal.last_number = record["violations"], record["operations"]
    world.identity_log.last_number = record["identityOperations"]
    world.request_log.go_on_behind(record["requests"])


def _load_quota(world: World, record: Record) -> None:
    world.meter.restore(record)


_LOADERS: dict[str, Callable[[World, Any], None]] = {
    "emulator": _load_header,
    "field": _load_field,
    "provider": directories.load_provider,
    "identity": directories.load_identity,
    "cached": directories.load_cached,
    "waiting": directories.load_waiting,
    "refresh": directories.load_refresh,
    "source": indexes.load_source,
    "item": indexes.load_item,
    "tombstone": indexes.load_tombstone,
    "container": queues.load_container,
    "stream": queues.load_stream,
    "pending": queues.load_pending,
    "log": indexes.load_log_entry,
    "identityLog": directories.load_identity_log_entry,
    "violation": _load_violation,
    "counters": _load_counters,
    "quota": _load_quota,
}
KINDS_OF_RECORDS = tuple(_LOADERS)
"""What `kind` may say."""
