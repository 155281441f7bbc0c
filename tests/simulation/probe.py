"""Watches a member's real lanes from outside, to count situations that leave no other trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from consumer.domain.fates import Outcome, Refused
from consumer.domain.operations import OperationKind, TargetId
from consumer.domain.records import TopicPartition
from consumer.pipeline.batcher import ENVELOPE_BYTES, Intent
from consumer.pipeline.lanes import Lane
from consumer.runtime.loop import Loop
from tests.simulation.checks import Tenure
from tests.simulation.situations import Situations

Closed = Callable[[], frozenset[TargetId]]
Tenures = Mapping[TopicPartition, Tenure]


def wrap(owner: object, name: str, around: Callable[..., Any]) -> None:
    """Put `around(original, *arguments)` in place of a method of one object."""
    original = getattr(owner, name)
    setattr(owner, name, lambda *args, **named: around(original, *args, **named))


def probe(seen: Situations, loop: Loop, tenures: Tenures) -> None:
    """Watch all that is worth counting."""
    for lane in loop.pipeline.lanes().values():
        watch = _LaneWatch(seen, lane, tenures, loop.pipeline.budget.closed)
        wrap(lane, "add", watch.add)
        wrap(lane, "poll", watch.poll)
        wrap(lane, "_seal", watch.seal)
        wrap(lane, "halve", watch.halve)
        wrap(lane, "caught_up", watch.let_go)
        wrap(lane, "let_deletes_go", watch.let_go)
    wrap(loop.pipeline._settlement, "resolve", _resolve_watch(seen, loop))
    wrap(loop.pipeline, "caught_up", _caught_up_watch(seen, loop))


class _LaneWatch:
    """Watches the windows of one lane."""

    def __init__(self, seen: Situations, lane: Lane, tenures: Tenures, closed: Closed) -> None:
        self._seen = seen
        self._lane = lane
        self._tenures = tenures
        self._closed = closed
        self._flushing = self._polling = self._letting_go = False

    def add(self, original: Callable[..., bool], intent: Intent, now: float) -> bool:
        known = self._lane._deletes.get(intent.operation.document_id)
        if intent.size_bytes > self._lane.settings.limits.max_bytes:
            self._seen.met("oversize")
        if self._lane._window._tree_conflict(intent.operation):
            self._seen.met("tree_conflict")
        if intent.tp in self._lane.catching_up:
            self._seen.met("catch_up_coalesced")
        done = original(intent, now)
        if known is not None and known.riders and known.riders[-1] is intent.ticket:
            self._seen.met("tombstone_rode")
        return done

    def poll(self, original: Callable[..., None], *args: object, flush: bool = False) -> None:
        self._flushing, self._polling = flush, True
        original(*args, flush=flush)
        self._flushing = self._polling = False

    def seal(self, original: Callable[..., None], intents: list[Intent]) -> None:
        limits = self._lane.settings.limits
        size = ENVELOPE_BYTES + sum(intent.size_bytes for intent in intents)
        if not self._letting_go:
            why = "bytes"  # or a conflict: something did not fit beside the others
            if len(intents) >= limits.max_operations:
                why = "count"
            elif self._flushing:
                why = "flush"
            elif self._polling and size < limits.max_bytes:
                why = "linger"
            self._seen.met(f"sealed_by_{why}")
        original(intents)

    def let_go(self, original: Callable[..., None], tp: TopicPartition) -> None:
        self._letting_go = True
        before = len(self._lane._sealed)
        full = self._lane.settings.target in self._closed()
        original(tp)
        self._letting_go = False
        if full and tp not in self._lane.catching_up:
            self._seen.met("catch_up_ended_by_budget")
            self._tenures[tp].bounded = True
        if tp in self._lane.catching_up and len(self._lane._sealed) > before:
            self._seen.met("deletes_let_go")

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


def _caught_up_watch(seen: Situations, loop: Loop) -> Callable[..., None]:
    def caught_up(original: Callable[..., None], tp: TopicPartition) -> None:
        held = loop.intake.status(tp)
        if any(tp in lane.catching_up for lane in loop.pipeline.lanes().values()):
            why = "end"
            if held.catch_up_to is not None and held.next_offset >= held.catch_up_to:
                why = "mark"
            seen.met(f"catch_up_ended_by_{why}")
        original(tp)

    return caught_up
