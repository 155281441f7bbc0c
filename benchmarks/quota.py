"""Requests per 1,000 changes under a production quota, and how fresh the index is then.

    python -m benchmarks.quota

In virtual time (`benchmarks.virtual`), so the figures are the same on every machine. Each row is a
run of its own, on all processors; the tables are those of `docs/coveo.md`.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.virtual import TOO_MANY, Figures, Scenario, measure
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.limits import PRODUCTION_QUOTA, QUOTA_WINDOW_SECONDS

WINDOWS: Final = (1.0, 15.0, 30.0)
_PER_WINDOW, _PER_DAY = PRODUCTION_QUOTA
_HOUR: Final = Scenario(1.0, 1.0, hours=1.0, day_elapsed=1.0)
_DAY: Final = Scenario(1.0, 1.0, hours=24.0)


@dataclass(frozen=True, slots=True)
class Table:
    """Scenarios that are compared, with a title."""

    title: str
    scenarios: tuple[Scenario, ...]


TABLES: Final = (
    Table(
        "An hour in which nothing of the day's quota is saved up",
        (
            *(
                replace(_HOUR, changes_per_second=rate, window_seconds=window)
                for rate in (1.0, 10.0, 100.0)
                for window in WINDOWS
            ),
            replace(_HOUR, changes_per_second=10.0, obeys_quota=False),
        ),
    ),
    Table(
        "A whole day, from midnight UTC",
        tuple(replace(_DAY, window_seconds=window) for window in WINDOWS),
    ),
    Table(
        "A whole day with few changes, as batches and with single-item calls",
        tuple(
            replace(_DAY, changes_per_second=rate, window_seconds=window, single_item_calls=single)
            for rate, window in ((0.1, 1.0), (0.1, 15.0), (1 / 60, 1.0), (1 / 60, 15.0))
            for single in (False, True)
        ),
    ),
)
_COLUMNS: Final = (
    "changes",
    "window",
    "how",
    "`files`",
    "`upload`",
    "`documents/batch`",
    "`documents`",
    "`status`",
    "**requests**",
    "of the day's quota",
    "most in 5 minutes",
    "429s",
    "p50",
    "p95",
)


def main() -> None:
    """Measure and print."""
    scenarios = [each for table in TABLES for each in table.scenarios]
    with ProcessPoolExecutor() as pool:
        figures = dict(zip(scenarios, pool.map(measure, scenarios), strict=True))
    for table in TABLES:
        print(f"\n{table.title}:\n")
        print("\n".join(lines((each, figures[each]) for each in table.scenarios)))


def lines(measured: Iterable[tuple[Scenario, Figures]]) -> list[str]:
    """Return a Markdown table."""
    rows = [_COLUMNS, ("---",) * len(_COLUMNS), *(_row(s, figures) for s, figures in measured)]
    return [f"| {' | '.join(row)} |" for row in rows]


def _row(scenario: Scenario, figures: Figures) -> Sequence[str]:
    per_thousand = 1_000 / figures.changes
    kinds = (Endpoint.FILES, Endpoint.UPLOAD, Endpoint.BATCH, Endpoint.ITEM, Endpoint.STATUS)
    made = [sum(figures.calls[key] for key in figures.calls if key[0] == kind) for kind in kinds]
    counted = len(figures.counted_at)
    refused = sum(n for (_, code), n in figures.calls.items() if code == TOO_MANY)
    cuts = statistics.quantiles(figures.fresh_seconds, n=20)
    return (
        _rate(scenario.changes_per_second),
        f"{scenario.window_seconds:g} s",
        _how(scenario),
        *(_figure(count * per_thousand) for count in made),
        f"**{_figure(counted * per_thousand)}**",
        f"{counted / scenario.hours * 24 / _PER_DAY:.0%}",
        f"{most_in_a_window(figures.counted_at)} of {_PER_WINDOW}",
        str(refused),
        f"{cuts[9]:.1f} s",
        f"{cuts[18]:.1f} s",
    )


def most_in_a_window(times: Sequence[float]) -> int:
    """Return how many calls were made in the worst five minutes; `times` are in order."""
    most, first = 0, 0
    for count, at in enumerate(times, 1):
        while times[first] <= at - QUOTA_WINDOW_SECONDS:
            first += 1
        most = max(most, count - first)
    return most


def _rate(per_second: float) -> str:
    return f"{per_second:g}/s" if per_second >= 1 else f"{per_second * 60:g}/min"


def _how(scenario: Scenario) -> str:
    if not scenario.obeys_quota:
        return "quota not known"
    return "single calls" if scenario.single_item_calls else "batches"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


if __name__ == "__main__":
    main()
