"""What a partition keeps back on a secured target while it catches up (INV-5, INV-6).

After a takeover older states are read again. None of them may be sent before the newest one is
known, however many documents that takes; only the target's budget bounds it. Imports the domain.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

from consumer.domain.operations import OperationKind
from consumer.pipeline.batcher import ENVELOPE_BYTES, Intent, Window, WindowLimits

_UNBOUNDED = WindowLimits(sys.maxsize, sys.maxsize, math.inf)


class Backlog:
    """The newest operation per document id, in segments that must be sent one after the other.

    A new segment begins only where two operations cannot share a body: a delete with children and
    something below it. An id stands in one segment, but for a delete of its tree before it.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._segments = [Window(_UNBOUNDED)]

    def __len__(self) -> int:
        """Return how many operations are kept back."""
        return sum(map(len, self._segments))

    @property
    def size_bytes(self) -> int:
        """Return their encoded bytes."""
        return sum(segment.size_bytes - ENVELOPE_BYTES for segment in self._segments)

    def add(self, intent: Intent) -> int:
        """Take `intent`; return how many older ones it stands for now, wherever they stood.

        The delete of a tree stands for all that was wanted below it, too: none of it may show.
        """
        gave_way = [segment.give_way(intent) for segment in self._segments]
        older = [each for each in gave_way if each is not None]
        if intent.operation.children:
            tree = f"{intent.operation.document_id}/"
            older += [below for segment in self._segments for below in segment.take_below(tree)]
        for each in older:
            intent.absorb(each)
        if not self._segments[-1].takes(intent):
            self._segments.append(Window(_UNBOUNDED))
        self._segments[-1].add(intent, 0.0)
        return len(older)

    def take(self, limits: WindowLimits) -> Iterator[list[Intent]]:
        """Empty it: yield bodies within `limits`, in the order in which they must be sent."""
        segments, self._segments = self._segments, [Window(_UNBOUNDED)]
        for segment in segments:
            yield from _chunks(segment.drain(), limits)

    def take_deletes(self, limits: WindowLimits) -> Iterator[list[Intent]]:
        """Take the deletes out and yield them in bodies: hiding an item is never too early."""
        deletes = [
            intent
            for segment in self._segments
            for intent in segment.take_kind(OperationKind.DELETE)
        ]
        yield from _chunks(deletes, limits)


def _chunks(intents: list[Intent], limits: WindowLimits) -> Iterator[list[Intent]]:
    chunk = Window(limits)
    for intent in intents:
        if not chunk.takes(intent):
            yield chunk.drain()
        chunk.add(intent, 0.0)
    if len(chunk):
        yield chunk.drain()
