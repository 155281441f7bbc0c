"""Parts of a stream that come again after a connector was restarted: found and counted, never cut.

A connector that was killed goes on from the last offset that it had stored, up to a minute before:
what came after that is in the topic twice, the second time with new, higher offsets. Applied in
order it converges, with older states for a moment. Pure; one record of state for each source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from consumer.domain.events import SourcePosition
from consumer.domain.records import Offset, TopicPartition

_Place = tuple[int | str, ...]
_MOST_LOGS: Final = 8
"""Sources that one partition is watched for; a routed topic has a few, names are not trusted."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A part of `tp` that begins to come again at `first_offset`: from `place` up to `newest`."""

    tp: TopicPartition
    first_offset: Offset
    position: SourcePosition
    newest: _Place


@dataclass(slots=True, eq=False)
class _Stream:
    """`newest` is the highest place so far, `newest_ms` the youngest time; `last` is the last."""

    newest: _Place
    newest_ms: int | None
    last: _Place
    replaying: bool = False

    def moves_to(self, place: _Place, ts_ms: int | None) -> bool:
        """Go on to `place`; return whether a repetition begins there."""
        younger = self._is_younger(ts_ms)
        goes_back = place < self.newest and not younger
        begins = goes_back and (not self.replaying or place < self.last)
        if goes_back:
            self.replaying = True
        elif place != self.newest:
            self.newest, self.replaying = place, False
        if younger or self.newest_ms is None:
            self.newest_ms = ts_ms
        self.last = place
        return begins

    def _is_younger(self, ts_ms: int | None) -> bool:
        return ts_ms is not None and self.newest_ms is not None and ts_ms > self.newest_ms


@dataclass(slots=True, eq=False)
class Replays:
    """Watches the assigned partitions, each from its assignment on: what we read twice is not it.

    A place below the newest one is a repetition, because places rise along a stream. Only if the
    change is younger than all before, the source's log was begun anew (another server, a restored
    database), and its numbers with it. The place of the newest itself says nothing: the rows of
    one statement share it.
    """

    found: list[Replay] = field(default_factory=list)
    """Replays that were found; whoever tells them empties it."""
    _streams: dict[TopicPartition, dict[_Place, _Stream]] = field(default_factory=dict)

    def is_repeated(
        self, tp: TopicPartition, offset: Offset, position: SourcePosition, ts_ms: int | None
    ) -> bool:
        """Note a streamed change, in offset order; return whether it came before."""
        streams = self._streams.setdefault(tp, {})
        stream = streams.get(position.log)
        if stream is None:
            if len(streams) >= _MOST_LOGS:
                del streams[next(iter(streams))]
            streams[position.log] = _Stream(position.place, ts_ms, position.place)
            return False
        if stream.moves_to(position.place, ts_ms):
            self.found.append(Replay(tp, offset, position, stream.newest))
        return stream.replaying

    def forget(self, tp: TopicPartition) -> None:
        """Give a partition up: whatever is read of it again after that is our own doing."""
        self._streams.pop(tp, None)
