"""The source logs as values: the one place where the fate of an accepted item can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from consumer.coveo.reading import (
    flag_of,
    integer_of,
    listed,
    mapping_of,
    moment_of,
    object_of,
    text_mapping_of,
    text_of,
    word_of,
)


class LogOperation(StrEnum):
    """What was asked for."""

    ADD = "ADD"
    ADD_BY_REFERENCE = "ADD_BY_REFERENCE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    DELETE_AND_CHILDREN = "DELETE_AND_CHILDREN"
    DELETE_OLDER_THAN = "DELETE_OLDER_THAN"
    BATCH_FILE = "BATCH_FILE"
    UNKNOWN = "UNKNOWN"


class LogTask(StrEnum):
    """Which stage of the pipeline it had come to."""

    STREAMING = "STREAMING"
    STREAMING_BATCH = "STREAMING_BATCH"
    STREAMING_EXTENSION = "STREAMING_EXTENSION"
    CONSUMING = "CONSUMING"
    CONSUMING_BATCH = "CONSUMING_BATCH"
    CRAWLING = "CRAWLING"
    PROCESSING = "PROCESSING"
    EXTENSION = "EXTENSION"
    MAPPING = "MAPPING"
    PREINDEXING = "PREINDEXING"
    INDEXING = "INDEXING"
    VALIDATION = "VALIDATION"
    UNKNOWN = "UNKNOWN"


class LogResult(StrEnum):
    """How that stage ended."""

    COMPLETED = "COMPLETED"
    WARNING = "WARNING"
    REJECTED = "REJECTED"
    ERROR = "ERROR"
    SKIPPED = "SKIPPED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line about one item; `meta` is free text, such as a duration or an error code."""

    document_id: str = field(repr=False)
    at: datetime | None
    source_id: str | None
    operation: LogOperation
    task: LogTask
    result: LogResult
    resource_id: str | None
    guid: str | None
    meta: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page. `unreadable` entries name no item; there may be more pages all the same."""

    entries: tuple[LogEntry, ...]
    has_next_page: bool
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class LogFacets:
    """How many entries have which value."""

    operations: Mapping[str, int]
    tasks: Mapping[str, int]
    results: Mapping[str, int]
    source_ids: Mapping[str, int]
    resource_ids: Mapping[str, int]


def page_of(body: bytes) -> LogPage | None:
    """Return the page that an answer is, `None` if it is none."""
    match object_of(body):
        case {"documentLogEntries": list(listing), **others}:
            entries = listed(listing, _entry)
            more = flag_of(others.get("hasNextPage")) or False
            return LogPage(entries, more, len(listing) - len(entries))
        case _:
            return None


def _entry(said: Mapping[str, object]) -> LogEntry | None:
    document_id = text_of(said.get("id"))
    if document_id is None:
        return None
    return LogEntry(
        document_id,
        moment_of(said.get("datetime")),
        text_of(said.get("sourceId")),
        word_of(said.get("operation"), LogOperation, LogOperation.UNKNOWN),
        word_of(said.get("task"), LogTask, LogTask.UNKNOWN),
        word_of(said.get("result"), LogResult, LogResult.UNKNOWN),
        text_of(said.get("resourceId")),
        text_of(said.get("guid")),
        text_mapping_of(said.get("meta")),
    )


def facets_of(body: bytes) -> LogFacets | None:
    """Return the counts that an answer is, `None` if it is none."""
    said = object_of(body)
    if said is None:
        return None
    names = ("operations", "tasks", "results", "sourceIds", "resourceIds")
    return LogFacets(*(_counts(said.get(name)) for name in names))


def _counts(value: object) -> Mapping[str, int]:
    counts = ((key, integer_of(each)) for key, each in (mapping_of(value) or {}).items())
    return {key: count for key, count in counts if count is not None}
