"""Who is paused when targets are full (found by the simulation)."""

from __future__ import annotations

from tests.fakes.pipeline import SECURED, TARGET, TP, FakeTranslator
from tests.fakes.runtime import Bench


def test_a_topic_is_paused_only_when_all_its_targets_are_full() -> None:
    """It must have a record waiting when the other opens, or it starves: both hardly ever do."""
    bench = Bench(FakeTranslator((TARGET, SECURED)))
    bench.assign(TP)
    bench.turn()
    budget = bench.pipeline.budget
    paused = []
    for target in (TARGET, SECURED):
        budget.reserve((target,), budget.limit_bytes(target))
        budget.reserve((target,), 1)
        bench.turn()
        paused.append(TP in bench.loop.paused)
    assert paused == [False, True]
