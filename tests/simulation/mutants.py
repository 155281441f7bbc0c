"""Faults put into the real objects on purpose: what the simulation must find.

Each takes away one rule that a promise rests on.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from consumer.domain.assignment import CommitPoint, Tenure
from consumer.domain.fates import Fate
from consumer.domain.records import Offset, TopicPartition
from consumer.pipeline.batcher import Intent
from consumer.pipeline.lanes import Lane
from consumer.pipeline.tracker import Ticket
from consumer.runtime.loop import Loop
from tests.simulation.lane_mutants import (
    contents_mixed_up,
    fallback_forgotten,
    half_forgotten,
    nothing_dropped,
    partial_supersedes,
    retries_go_last,
    supersede_settles,
    trees_left_standing,
    two_in_flight,
)
from tests.simulation.plan import ATTEMPT_SECONDS, MAX_EFFECT_SECONDS
from tests.simulation.probe import wrap

Original = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is taken away, and the promises of which one must break."""

    breaks: frozenset[str]
    why: str
    apply: Callable[[Loop], None]


def _commit_the_newest(loop: Loop) -> None:
    tracker = loop.pipeline.tracker
    wrap(tracker, "low_water", lambda _, tp: tracker.position(tp))


def _letters_settle_at_once(loop: Loop) -> None:
    def set_aside(original: Original, ticket: Ticket, reason: str, message: str) -> None:
        original(ticket, reason, message)
        settlement.settle(ticket, Fate.DEAD_LETTERED, reason)
        settlement._letters.clear()

    settlement = loop.pipeline._settlement
    wrap(settlement, "set_aside", set_aside)
    wrap(settlement, "letters_delivered", lambda _, __: None)


def _low_water_falls(loop: Loop) -> None:
    turns = itertools.count(1)

    def low_water(original: Original, tp: TopicPartition) -> Offset:
        return Offset(original(tp) - (next(turns) % 997 == 0))

    wrap(loop.pipeline.tracker, "low_water", low_water)


def _fence_ignored(loop: Loop) -> None:
    wrap(loop._fence, "holds", lambda *_: True)


def _epochs_ignored(loop: Loop) -> None:
    tracker = loop.pipeline.tracker
    wrap(tracker, "is_current", lambda _, ticket: tracker.owns(ticket.record.tp))


def _released_not_counted(loop: Loop) -> None:
    def release(original: Original, tp: TopicPartition) -> list[Ticket]:
        left: list[Ticket] = original(tp)
        loop.pipeline.tracker.totals.released -= len(left) > 0
        return left

    wrap(loop.pipeline.tracker, "release", release)


def _held_not_counted(loop: Loop) -> None:
    wrap(loop.intake, "release", lambda original, tp: min(0, original(tp)))


def _takeover_does_not_wait(loop: Loop) -> None:
    loop._settings = replace(loop._settings, takeover_seconds=0.0)


def _takeover_waits_for_effects_only(loop: Loop) -> None:
    loop._settings = replace(loop._settings, takeover_seconds=MAX_EFFECT_SECONDS)


def _takeover_waits_without_notice(loop: Loop) -> None:
    loop._settings = replace(loop._settings, takeover_seconds=ATTEMPT_SECONDS + MAX_EFFECT_SECONDS)


def _ambiguity_does_not_wait(loop: Loop) -> None:
    settlement = loop.pipeline._settlement
    settlement._settings = replace(settlement._settings, max_effect_seconds=0.0)


def _always_leaves_cleanly(loop: Loop) -> None:
    wrap(loop.pipeline, "tenure_on_leaving", lambda *_: Tenure.CLEAN)


def _never_marked_open(loop: Loop) -> None:
    def commit(original: Original, points: Mapping[TopicPartition, CommitPoint]) -> None:
        original({tp: replace(p, tenure=Tenure.CLEAN) for tp, p in points.items()})

    wrap(loop.ports.checkpoint, "commit", commit)


def _sends_before_marked_open(loop: Loop) -> None:
    def assign(original: Original, tp: TopicPartition, *rest: object) -> None:
        original(tp, *rest)
        loop.intake.opened(tp)

    wrap(loop.intake, "assign", assign)


def _no_catching_up(loop: Loop) -> None:
    def assign(original: Original, *arguments: object, behind: bool) -> int:
        del behind
        epoch: int = original(*arguments, behind=False)
        return epoch

    wrap(loop.pipeline, "assign", assign)


def _refused_on_secured_stays(loop: Loop) -> None:
    settlement = loop.pipeline._settlement

    def refuse(_: Original, lane: Lane, intent: Intent, outcome: Any, now: float) -> None:
        del now
        settlement._refuse_open(lane, intent, outcome)

    wrap(settlement, "_refuse_secured", refuse)


def _retry_after_ignored(loop: Loop) -> None:
    wrap(loop.ports.governor, "throttled", lambda *_: None)


def _lanes(change: Callable[[Loop, Lane], None]) -> Callable[[Loop], None]:
    def apply(loop: Loop) -> None:
        for lane in loop.pipeline.lanes().values():
            change(loop, lane)

    return apply


def _of(*promises: str) -> frozenset[str]:
    return frozenset(promises)


MUTANTS: Final[dict[str, Mutant]] = {
    "commit_the_newest": Mutant(
        _of("INV-1"), "commits what was taken, not what has a fate", _commit_the_newest
    ),
    "supersede_settles": Mutant(
        _of("INV-1"), "superseding settles the older record at once", _lanes(supersede_settles)
    ),
    "letters_settle_at_once": Mutant(
        _of("INV-1"), "a dead letter is a fate before it is delivered", _letters_settle_at_once
    ),
    "low_water_falls": Mutant(_of("INV-2"), "the low-water falls now and then", _low_water_falls),
    "fence_ignored": Mutant(_of("INV-3", "INV-5"), "workers do not ask the fence", _fence_ignored),
    "epochs_ignored": Mutant(
        _of("INV-1", "INV-3", "INV-4", "INV-5", "LIVE", "BROKEN"),
        "outcomes of an older epoch count if the partition is owned again",
        _epochs_ignored,
    ),
    "released_not_counted": Mutant(
        _of("INV-4"), "one released record is not counted", _released_not_counted
    ),
    "held_not_counted": Mutant(
        _of("INV-4"), "held records are not counted when released", _held_not_counted
    ),
    "takeover_does_not_wait": Mutant(
        _of("INV-5"), "late effects of the former owner are not waited for", _takeover_does_not_wait
    ),
    "takeover_waits_for_effects_only": Mutant(
        _of("INV-5"), "a takeover does not wait for notice and attempt of the former owner",
        _takeover_waits_for_effects_only,
    ),
    "takeover_waits_without_notice": Mutant(
        _of("INV-5"), "a takeover does not wait until the former owner must have noticed",
        _takeover_waits_without_notice,
    ),
    "ambiguity_does_not_wait": Mutant(
        _of("INV-5"), "late effects of our own are not waited for", _ambiguity_does_not_wait
    ),
    "always_leaves_cleanly": Mutant(
        _of("INV-5"), "a partition is left cleanly with a request on the wire",
        _always_leaves_cleanly,
    ),
    "never_marked_open": Mutant(
        _of("INV-5"), "commits do not say that an owner is at work", _never_marked_open
    ),
    "sends_before_marked_open": Mutant(
        _of("INV-5"), "sends before a commit says that it is at work", _sends_before_marked_open
    ),
    "two_in_flight": Mutant(
        _of("INV-1", "INV-5", "BROKEN"), "two batches of a lane are on the wire",
        _lanes(two_in_flight),
    ),
    "retries_go_last": Mutant(
        _of("INV-5"), "a failed batch goes again after newer ones", _lanes(retries_go_last)
    ),
    "no_catching_up": Mutant(
        _of("INV-5"), "a secured target sees old states after a takeover", _no_catching_up
    ),
    "fallback_forgotten": Mutant(
        _of("INV-1", "INDEX", "BROKEN"), "what a refused operation superseded is lost",
        _lanes(fallback_forgotten),
    ),
    "refused_on_secured_stays": Mutant(
        _of("INV-1", "INV-5", "INDEX", "LIVE"),
        "a refused operation leaves the secured item as it was",
        _refused_on_secured_stays,
    ),
    "half_forgotten": Mutant(
        _of("INV-1", "LIVE", "INDEX"), "a refused batch loses all but its first operation",
        _lanes(half_forgotten),
    ),
    "retry_after_ignored": Mutant(
        _of("RETRY-AFTER"), "sends although Retry-After forbids it", _retry_after_ignored
    ),
    "contents_mixed_up": Mutant(
        _of("CONTENT"), "an item gets the content of another one", _lanes(contents_mixed_up)
    ),
    "partial_supersedes": Mutant(
        _of("INDEX"), "a partial update supersedes the whole item that waits",
        _lanes(partial_supersedes),
    ),
    "trees_left_standing": Mutant(
        _of("INV-1", "INDEX"), "a delete that goes by itself leaves what is below its id",
        _lanes(trees_left_standing),
    ),
    "nothing_dropped": Mutant(
        _of("INV-3", "INV-5", "INV-1", "LIVE", "BROKEN"),
        "a lane keeps what a lost partition wanted", _lanes(nothing_dropped),
    ),
}  # fmt: skip
"""Name → what it takes away."""
