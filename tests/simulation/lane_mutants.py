"""Faults put into lanes on purpose: order, retries and what becomes of refused operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from consumer.domain.fates import Batch, Fate
from consumer.pipeline.batcher import Intent
from consumer.pipeline.lanes import Due, Lane, SealedBatch
from consumer.runtime.loop import Loop
from tests.simulation.probe import wrap

Original = Callable[..., Any]


def supersede_settles(loop: Loop, lane: Lane) -> None:
    """Superseding settles the older record at once."""

    def add(original: Original, intent: Intent, now: float) -> bool:
        older = lane._window._intents.get(intent.operation.document_id)
        done: bool = original(intent, now)
        if older is not None and intent.fallback is older:
            loop.pipeline._settlement.settle(intent.covered.pop(), Fate.SUPERSEDED)
        return done

    wrap(lane, "add", add)


def two_in_flight(_: Loop, lane: Lane) -> None:
    """Two batches of a lane are on the wire."""
    flying: dict[int, SealedBatch] = {}

    def take(original: Original, now: float, due: Due) -> Batch | None:
        kept, lane.in_flight = lane.in_flight, None
        batch: Batch | None = original(now, due) if len(flying) < 2 else None
        if batch is None:
            lane.in_flight = kept
        elif lane.in_flight is not None:
            flying[batch.batch_id] = lane.in_flight
        return batch

    def landed(original: Original, batch_id: int) -> SealedBatch:
        lane.in_flight = flying.pop(batch_id)
        sealed: SealedBatch = original(batch_id)
        lane.in_flight = next(iter(flying.values()), None)
        return sealed

    wrap(lane, "take", take)
    wrap(lane, "landed", landed)


def retries_go_last(_: Loop, lane: Lane) -> None:
    """A failed batch goes again after newer ones."""

    def again(original: Original, sealed: SealedBatch, not_before: float) -> None:
        original(sealed, not_before)
        lane._sealed.rotate(-1)

    wrap(lane, "again", again)


def fallback_forgotten(loop: Loop, lane: Lane) -> None:
    """What a refused operation superseded is lost."""

    def put_first(original: Original, intent: Intent) -> None:
        if lane.settings.secured:
            original(intent)
        else:
            loop.pipeline._settlement._accept(lane, SealedBatch(0, [intent]), frozenset(), 0.0)

    wrap(lane, "put_first", put_first)


def half_forgotten(_: Loop, lane: Lane) -> None:
    """A refused batch loses all but its first operation."""

    def halve(original: Original, sealed: SealedBatch) -> None:
        original(replace(sealed, intents=sealed.intents[:1]))

    wrap(lane, "halve", halve)


def nothing_dropped(_: Loop, lane: Lane) -> None:
    """A lane keeps what a lost partition wanted."""
    wrap(lane, "drop", lambda *_: None)


def contents_mixed_up(_: Loop, lane: Lane) -> None:
    """An item gets the content of another one."""

    def take(original: Original, now: float, due: Due) -> Batch | None:
        batch: Batch | None = original(now, due)
        if batch is None:
            return None
        mixed = (each if each.content is None else replace(each, content=b"another's")
                 for each in batch.operations)  # fmt: skip
        return replace(batch, operations=tuple(mixed))

    wrap(lane, "take", take)


def partial_supersedes(_: Loop, lane: Lane) -> None:
    """A partial update stands for the whole item that waits, as a complete operation does."""
    lane._window._join = lambda _older, newer: newer


def trees_left_standing(_: Loop, lane: Lane) -> None:
    """A delete that goes by itself leaves what is below its id."""

    def take(original: Original, now: float, due: Due) -> Batch | None:
        batch: Batch | None = original(now, due)
        if batch is None:
            return None
        alone = (replace(each, children=False) for each in batch.operations)
        return replace(batch, operations=tuple(alone))

    wrap(lane, "take", take)
