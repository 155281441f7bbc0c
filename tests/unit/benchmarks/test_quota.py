"""The benchmark of requests: what its tables say must be what was asked of the emulator."""

from __future__ import annotations

import statistics

from benchmarks.quota import lines, most_in_a_window
from benchmarks.virtual import Scenario, measure

FEW = Scenario(changes_per_second=2.0, window_seconds=15.0, hours=0.1, day_elapsed=1.0)


def test_a_batch_is_two_requests_and_an_upload_and_waits_for_its_window() -> None:
    """By the program's own counting, and by no 429 of the emulator's."""
    figures = measure(FEW)
    calls = {endpoint: count for (endpoint, _), count in figures.calls.items()}
    batches = calls["documents/batch"]
    assert 20 <= batches <= 360 / 15
    assert (calls["files"], calls["upload"], calls["status"]) == (batches, batches, 1)
    assert len(figures.counted_at) == 2 * batches + 1
    assert 0 < figures.changes - len(figures.fresh_seconds) < 2 * 2.0 * 16.0
    assert 6.0 < statistics.median(figures.fresh_seconds) < 10.0
    assert max(figures.fresh_seconds) < 17.0


def test_single_calls_halve_what_a_change_costs() -> None:
    """As far as changes come alone."""
    alone = Scenario(0.05, 1.0, hours=0.5, single_item_calls=True)
    figures = measure(alone)
    calls = {endpoint: count for (endpoint, _), count in figures.calls.items()}
    assert calls["documents"] > 10 * calls.get("documents/batch", 0)


def test_who_does_not_know_the_quota_is_refused() -> None:
    """So the emulator does count, and the other rows have no 429 because the program waits."""
    wild = Scenario(10.0, 1.0, hours=0.15, obeys_quota=False)
    assert any(code == 429 for _, code in measure(wild).calls)
    tame = measure(Scenario(10.0, 1.0, hours=0.15))
    assert not any(code == 429 for _, code in tame.calls)
    assert most_in_a_window(tame.counted_at) <= 250


def test_a_row_has_a_figure_for_each_column() -> None:
    """Per 1,000 changes where calls are counted."""
    head, _, row = lines([(FEW, measure(FEW))])
    assert row.count("|") == head.count("|")
    assert row.startswith("| 2/s | 15 s | batches |")


def test_five_minutes_are_any_five_minutes() -> None:
    """As the service's own window slides."""
    assert most_in_a_window([0.0, 299.0, 300.0, 301.0, 700.0]) == 3
    assert most_in_a_window([]) == 0
