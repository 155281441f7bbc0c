"""The Source Logs API: slow, kept for 14 days, seven days a query at most (docs/59, docs/1864)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import orjson

from consumer.coveo.api.log_entries import (
    LogFacets,
    LogOperation,
    LogPage,
    LogResult,
    LogTask,
    facets_of,
    page_of,
)
from consumer.coveo.calls import Ask, Caller
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.limits import MAX_LOG_DAYS
from consumer.coveo.results import Result, result_of
from consumer.http.deadline import Deadline


class Matching(StrEnum):
    """How a document id is compared."""

    EXACT = "EXACT"
    PARTIAL = "PARTIAL"
    WILDCARD = "WILDCARD"


@dataclass(frozen=True, slots=True)
class LogWords:
    """What entries may say; where nothing is listed, anything."""

    source_ids: tuple[str, ...] = ()
    operations: tuple[LogOperation, ...] = ()
    tasks: tuple[LogTask, ...] = ()
    results: tuple[LogResult, ...] = ()
    resource_ids: tuple[str, ...] = ()
    """Extensions of the indexing pipeline."""


_ANY: Final = LogWords()


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which entries are wanted: those that say `only` this and nothing of what is `without`.

    Raises ValueError for moments without a zone, in the wrong order, or too far apart.
    """

    since: datetime
    until: datetime
    only: LogWords = _ANY
    without: LogWords = _ANY
    document_id: str | None = None
    matching: Matching = Matching.EXACT

    def __post_init__(self) -> None:
        """Check the span."""
        if self.since.tzinfo is None or self.until.tzinfo is None:
            msg = "a span of the logs is given in moments with a time zone"
            raise ValueError(msg)
        if not timedelta(0) <= self.until - self.since <= timedelta(days=MAX_LOG_DAYS):
            msg = f"a span of the logs has between 0 and {MAX_LOG_DAYS} days"
            raise ValueError(msg)


class LogsApi:
    """Reads what became of what was pushed."""

    def __init__(self, caller: Caller) -> None:
        """Call through `caller`."""
        self._caller = caller

    def page(
        self, query: LogQuery, deadline: Deadline, page: int = 0, per_page: int = 100
    ) -> Result[LogPage]:
        """Return one page of entries, counted from 0. An answer can take a minute (docs/59)."""
        paging = {"page": str(page), "perPage": str(per_page)}
        ask = Ask(Endpoint.LOGS, {}, _parameters(query) | paging, _filters(query))
        return result_of(ask.endpoint, self._caller.ask(ask, deadline), page_of)

    def facets(self, query: LogQuery, deadline: Deadline) -> Result[LogFacets]:
        """Return how many entries have which operation, task, result and source."""
        ask = Ask(Endpoint.LOG_FACETS, {}, _parameters(query), _filters(query))
        return result_of(ask.endpoint, self._caller.ask(ask, deadline), facets_of)


def _parameters(query: LogQuery) -> dict[str, str]:
    said = {"from": _w3c(query.since), "to": _w3c(query.until)}
    if query.document_id is not None:
        said |= {"documentId": query.document_id, "documentIdMatching": query.matching.value}
    return said


def _filters(query: LogQuery) -> bytes:
    # `sourcesIds` is Coveo's own spelling (OpenAPI document); entries name their source as well.
    # Its twin is spelled as in Coveo's platform client.
    only, without = query.only, query.without
    filters = {
        "sourcesIds": only.source_ids,
        "operations": only.operations,
        "tasks": only.tasks,
        "results": only.results,
        "resourceIds": only.resource_ids,
        "excludeSourceIds": without.source_ids,
        "excludeOperations": without.operations,
        "excludeTasks": without.tasks,
        "excludeResults": without.results,
        "excludeResourceIds": without.resource_ids,
    }
    return orjson.dumps({name: [*words] for name, words in filters.items() if words})


def _w3c(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
