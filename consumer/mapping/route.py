"""All mappings of one topic at work: an event in, operations out. Imports the domain only.

`Route.map` is total: it returns operations or a SkipReason, or raises PoisonError (this record) or
ConfigError (somebody must decide). It keeps nothing between calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from consumer.domain.errors import ConfigError
from consumer.domain.events import (
    ChangeEvent,
    ColumnPlan,
    ControlRecord,
    Event,
    Row,
    Tombstone,
    Truncate,
)
from consumer.domain.operations import DeleteItem, Operation, SkipReason, TargetId
from consumer.mapping.rules import Rule


@dataclass(frozen=True, slots=True)
class Route:
    """What the records of one topic become."""

    topic: str
    plan: ColumnPlan
    """The columns of all mappings of the topic, each once. Without key columns nothing is asked of
    the key: the ids come from the row."""
    targets: tuple[TargetId, ...]
    secured_targets: frozenset[TargetId]
    rules: tuple[Rule, ...]
    stops_on_truncate: bool

    def map(self, event: Event) -> tuple[Operation, ...] | SkipReason:
        """Return what the event tells Coveo to do, or why it does nothing.

        Raises PoisonError if the event cannot be mapped, ConfigError if the table was emptied and
        a mapping wants to stop then.
        """
        match event:
            case ChangeEvent():
                changes = [rule.change(event) for rule in self.rules]
                return _all(changes) or SkipReason.NOT_MAPPED
            case Tombstone():
                repeats = [rule.tombstone(event.key) for rule in self.rules]
                return _all(repeats) or SkipReason.TOMBSTONE
            case Truncate():
                return self._truncate()
            case ControlRecord():
                return SkipReason(event.kind.value)
        assert_never(event)

    def deletes(
        self, key: Row, event: Event | None, targets: frozenset[TargetId]
    ) -> tuple[DeleteItem, ...]:
        """Return deletes of the items that a record can be about, on these targets only.

        `event` is what the record says, `None` if that cannot be read. Raises PoisonError if an id
        can be made of neither key nor row.
        """
        rules = [rule for rule in self.rules if rule.target in targets]
        return tuple(delete for rule in rules for delete in rule.deletes(key, event))

    def _truncate(self) -> SkipReason:
        if not self.stops_on_truncate:
            return SkipReason.TRUNCATE_IGNORED
        names = ", ".join(self.targets)
        msg = (
            f"the table behind topic '{self.topic}' was emptied (truncate), and no record says so "
            f"for each row: its items are still in {names}. Remove them there, or leave them, and "
            "set 'on_truncate: ignore' in the mapping to go on"
        )
        raise ConfigError(msg)


def _all(parts: Sequence[Sequence[Operation]]) -> tuple[Operation, ...]:
    return tuple(operation for part in parts for operation in part)
