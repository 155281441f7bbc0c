"""The Source Logs API. Imports: the core, no HTTP library.

It is served by the Push API's host, so wrong parameters are answered as there.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from emulator import errors
from emulator.calls import Reply, request_id
from emulator.clock import DAY_MS
from emulator.endpoints.common import MAX_PER_PAGE, json_reply, moment_ms, object_body
from emulator.operations import Kind, Result, Task
from emulator.parameters import optional_integer
from emulator.sourcelog import (
    DIMENSIONS,
    LogFilter,
    LogLine,
    Matching,
    count_values,
    document_matcher,
    lines,
    show_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.calls import Call
    from emulator.world import World

_DEFAULT_PER_PAGE = 100
# Stages of the service that the emulator does not have; a filter may name them all the same.
_OTHER_TASKS = {
    "CRAWLING",
    "EXTENSION",
    "MAPPING",
    "PREINDEXING",
    "STREAMING_EXTENSION",
    "VALIDATION",
}
_WORDS = {
    "operations": {*Kind, "ADD_BY_REFERENCE"},
    "results": {*Result, "WARNING", "SKIPPED"},
    "tasks": {*Task, *_OTHER_TASKS},
}


def read_logs(world: World, call: Call) -> Reply:
    """Return a page of the log, and whether there is another."""
    found = _lines(world, call)
    asked = optional_integer(call.query, "perPage")
    size = min(max(1, _DEFAULT_PER_PAGE if asked is None else asked), MAX_PER_PAGE)
    first = max(0, optional_integer(call.query, "page") or 0) * size
    page = list(islice(found, first, first + size + 1))
    entries = [show_line(world, one, request_id(call.number)) for one in page[:size]]
    return json_reply({"documentLogEntries": entries, "hasNextPage": len(page) > size})


def read_facets(world: World, call: Call) -> Reply:
    """Return the values that occur in each dimension."""
    counts = count_values(_lines(world, call))
    return json_reply({name: list(values) for name, values in counts.items()})


def read_facet_counts(world: World, call: Call) -> Reply:
    """Return how often each value occurs."""
    return json_reply(count_values(_lines(world, call)))


def _lines(world: World, call: Call) -> Iterator[LogLine]:
    from_ms, to_ms = _moment(call, "from"), _moment(call, "to")
    limit = world.settings.limits.max_log_window_days
    if to_ms < from_ms or to_ms - from_ms > limit * DAY_MS:
        detail = f"it must be at most {limit} days behind 'from', and not before it."
        raise errors.invalid_parameter(name="to", detail=detail)
    body = {**_query_filters(call), **object_body(call)}
    only = {name: _values(body, name, name) for name in DIMENSIONS}
    without = {
        name: _values(body, f"exclude{name[0].upper()}{name[1:]}", name) for name in DIMENSIONS
    }
    document = call.query.get("documentId")
    matcher = document_matcher(document, _matching(call)) if document else None
    return lines(world, LogFilter(from_ms, to_ms, only, without, matcher))


def _moment(call: Call, name: str) -> int:
    moment = moment_ms(call, name)
    if moment is None:
        raise errors.missing_parameter(name)
    return moment


def _matching(call: Call) -> Matching:
    text = call.query.get("documentIdMatching", "EXACT").upper()
    try:
        return Matching(text)
    except ValueError as error:
        detail = f"'{text}' is none of {', '.join(Matching)}."
        raise errors.invalid_parameter(name="documentIdMatching", detail=detail) from error


def _query_filters(call: Call) -> dict[str, Any]:
    """Return the filters that the old form of the call, a GET, has in its query."""
    names = {"sourceId": "sourceIds", "tasks": "tasks", "operations": "operations"}
    names["results"] = "results"
    return {
        filter_name: [one for one in call.query[name].split(",") if one]
        for name, filter_name in names.items()
        if name in call.query
    }


def _values(body: dict[str, Any], key: str, dimension: str) -> frozenset[str]:
    # The document spells one filter `sourcesIds`, the platform client `sourceIds`.
    spellings = [key.replace("ourceIds", "ourcesIds"), key]
    raw: Any = next((body[one] for one in spellings if body.get(one)), [])
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise errors.invalid_parameter(name=key, detail="it must be an array of strings.")
    unknown = set(raw) - _WORDS.get(dimension, set(raw))
    if unknown:
        raise errors.invalid_parameter(name=key, detail=f"'{min(unknown)}' is unknown.")
    return frozenset(raw)
