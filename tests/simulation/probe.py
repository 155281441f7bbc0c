"""Watches a member's real lanes from outside, to count situations that leave no other trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from consumer.domain.fates import Outcome, Refused
from consumer.domain.operations import OperationKind
from consumer.domain.records import TopicPartition
from consumer.pipeline.batcher import Intent
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import Lane
from consumer.runtime.loop import Loop
from tests.simulation.checks import Tenure
from tests.simulation.situations import Situations

Tenures = Mapping[TopicPartition, Tenure]


def wrap(owner: object, name: str, around: Callable[..., Any]) -> None:
    """Put `around(original, *arguments)` in place of a method of one object."""
    original = getattr(owner, name)
    setattr(owner, name, lambda *args, **named: around(original, *args, **named))


def probe(seen: Situations, loop: Loop, tenures: Tenures) -> None:
    """Watch all that is worth counting."""
    for lane in loop.pipeline.lanes().values():
        watch = _LaneWatch(seen, lane, tenures)
        wrap(lane, "add", watch.add)
        wrap(lane, "poll", watch.poll)
        wrap(lane, "_seal", watch.seal)
        wrap(lane, "halve", watch.halve)
    wrap(loop.pipeline._settlement, "resolve", _resolve_watch(seen, loop))
    wrap(loop.pipeline, "caught_up", _caught_up_watch(seen, loop, tenures))


class _LaneWatch:
    """Watches the windows of one lane."""

    def __init__(self, seen: Situations, lane: Lane, tenures: Tenures) -> None:
        self._seen = seen
        self._lane = lane
        self._tenures = tenures
        self._flushing = False

    def add(self, original: Callable[..., bool], intent: Intent, now: float) -> bool:
        known = self._lane._deletes.get(intent.operation.document_id)
        if intent.size_bytes > self._lane.settings.limits.max_bytes:
            self._seen.met("oversize")
        if self._lane._window._tree_conflict(intent.operation):
            self._seen.met("tree_conflict")
        done = original(intent, now)
        if known is not None and known.riders and known.riders[-1] is intent.ticket:
            self._seen.met("tombstone_rode")
        return done

    def poll(self, original: Callable[..., None], *args: object, flush: bool = False) -> None:
        self._flushing = flush
        original(*args, flush=flush)
        self._flushing = False

    def seal(self, original: Callable[..., None], now: float, *, everything: bool) -> None:
        lane, window, limits = self._lane, self._lane._window, self._lane.settings.limits
        count = len(window) >= limits.max_operations
        size = window.size_bytes >= limits.max_bytes or (everything and not self._flushing)
        why = "count" if count else "bytes" if size else "flush" if self._flushing else "linger"
        self._seen.met(f"sealed_by_{why}")
        behind = {intent.tp for intent in window._intents.values()} & lane.catching_up
        original(now, everything=everything)
        if not behind:
            return
        if not (everything or count or size):
            self._seen.met("catch_up_coalesced")
            return
        self._seen.met("catch_up_cut_by_bounds")
        for tp in behind:
            self._tenures[tp].bounded = True

    def halve(self, original: Callable[..., None], *args: object) -> None:
        self._seen.met("split")
        original(*args)


def _resolve_watch(seen: Situations, loop: Loop) -> Callable[..., None]:
    def resolve(original: Callable[..., None], lane: Lane, outcome: Outcome, now: float) -> None:
        sealed = lane.in_flight
        if isinstance(outcome, Refused) and sealed is not None:
            owned = [i for i in sealed.intents if loop.pipeline.tracker.is_current(i.ticket)]
            if 0 < len(owned) < len(sealed.intents):
                seen.met("refused_partly_lost")
            if len(sealed.intents) == 1 and owned:
                _count_refusal(seen, lane, owned[0])
        original(lane, outcome, now)

    return resolve


def _count_refusal(seen: Situations, lane: Lane, intent: Intent) -> None:
    seen.met("refused_alone")
    if intent.riders:
        seen.met("refused_with_riders")
    if not lane.settings.secured:
        if intent.fallback is not None:
            seen.met("fallback_restored")
    elif intent.operation.kind is OperationKind.DELETE:
        seen.met("delete_refused_on_secured")
    else:
        seen.met("refused_on_secured")


def _caught_up_watch(seen: Situations, loop: Loop, tenures: Tenures) -> Callable[..., None]:
    def caught_up(original: Callable[..., None], tp: TopicPartition) -> None:
        held = loop.intake.status(tp)
        if any(tp in lane.catching_up for lane in loop.pipeline.lanes().values()):
            why = "dry"
            if held.wait is Wait.BUDGET:
                why = "by_budget"
            elif held.next_offset >= held.catch_up_to:
                why = "by_mark"
            seen.met(f"catch_up_ended_{why}")
            if why != "by_mark":
                tenures[tp].bounded = True
        original(tp)

    return caught_up
