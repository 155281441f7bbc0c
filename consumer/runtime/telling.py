"""Tells the observer what is otherwise than it was told before. Main thread only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consumer.domain.assignment import Assigned
from consumer.domain.operations import TargetId
from consumer.domain.records import TopicPartition
from consumer.domain.schemas import SchemaRef
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import Lane, LaneState
from consumer.runtime.observer import Observer
from consumer.runtime.ports import SchemaDirectory

Waits = Mapping[TopicPartition, tuple[Wait, str]]
"""What each waiting partition waits for, and what that is about."""


class Telling:
    """Remembers what was told."""

    def __init__(self, observer: Observer) -> None:
        """Start as if nothing waited and every target answered."""
        self._observer = observer
        self._waits: Waits = {}
        self._lane_states: dict[TargetId, LaneState] = {}
        self._group_is_new = True

    def waits(self, waits: Waits) -> None:
        """Tell which partitions wait for something else than before, or for nothing."""
        for tp in sorted(waits.keys() | self._waits.keys()):
            if waits.get(tp) != self._waits.get(tp):
                self._observer.wait_changed(tp, *waits.get(tp, (None, "")))
        self._waits = waits

    def lanes(self, lanes: Mapping[TargetId, Lane]) -> None:
        """Tell which targets answer otherwise."""
        for target, lane in lanes.items():
            if self._lane_states.get(target, LaneState.READY) is not lane.state:
                self._observer.lane_changed(target, lane.state, lane.reason, lane.message)
            self._lane_states[target] = lane.state

    def assigned(self, assigned: Sequence[Assigned]) -> None:
        """Tell what came, and what of it was never committed: no start is chosen silently."""
        if assigned:
            self._observer.partitions_changed("assigned", [each.tp for each in assigned])
        begun = [each for each in assigned if each.begun]
        self._group_is_new = self._group_is_new and len(begun) == len(assigned)
        if begun:
            self._observer.partitions_begun(begun, group_is_new=self._group_is_new)


def explained(schemas: SchemaDirectory, wait: Wait, detail: str) -> str:
    """Return what a wait is about, for people: for schemas also why they are not at hand."""
    if wait is not Wait.SCHEMA:
        return detail
    return "; ".join(
        f"{ref}: {schemas.trouble(SchemaRef(ref)) or 'being fetched'}" for ref in detail.split()
    )
