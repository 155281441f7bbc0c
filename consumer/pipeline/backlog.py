"""What a partition keeps back on a secured target while it catches up (INV-5, INV-6).

After a takeover older states are read again. None of them may be sent before the newest one is
known, however many documents that takes; only the target's budget bounds it. Imports the domain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from consumer.domain.operations import DocumentId, OperationKind
from consumer.pipeline.batcher import Intent, Window, WindowLimits


class Backlog:
    """The newest operation per document id, in two parts that are sent one after the other.

    First the deletes, then the upserts. The delete of a tree stands for all that was wanted below
    it before, so whatever is wanted there is newer and belongs to the second part.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._first: dict[DocumentId, Intent] = {}
        self._then: dict[DocumentId, Intent] = {}
        self._below: defaultdict[str, set[DocumentId]] = defaultdict(set)
        self.size_bytes = 0
        """Encoded bytes of what is kept back."""

    def __len__(self) -> int:
        """Return how many operations are kept back."""
        return len(self._first) + len(self._then)

    def add(self, intent: Intent) -> list[Intent]:
        """Take `intent`; return the older ones that it stands for now."""
        operation = intent.operation
        assert operation.kind is not OperationKind.PARTIAL, "a catalog is never secured"
        first = self._first.get(operation.document_id)
        after_tree = first is not None and first.operation.children and not operation.children
        older = self._take(operation.document_id, but_first=after_tree)
        if operation.children:
            below = self._below.pop(f"{operation.document_id}/", ())
            older += [each for document_id in sorted(below) for each in self._take(document_id)]
        for each in older:
            intent.absorb(each)
        self._put(intent, first=operation.kind is OperationKind.DELETE and not after_tree)
        return older

    def _put(self, intent: Intent, *, first: bool) -> None:
        document_id = intent.operation.document_id
        (self._first if first else self._then)[document_id] = intent
        self.size_bytes += intent.size_bytes
        for ancestor in _ancestors(document_id):
            self._below[ancestor].add(document_id)

    def _take(self, document_id: DocumentId, *, but_first: bool = False) -> list[Intent]:
        taken = [self._then.pop(document_id, None)]
        if not but_first:
            taken.append(self._first.pop(document_id, None))
            for ancestor in _ancestors(document_id):
                self._below[ancestor].discard(document_id)
        found = [each for each in taken if each is not None]
        self.size_bytes -= sum(each.size_bytes for each in found)
        return found

    def take(self, limits: WindowLimits) -> Iterator[list[Intent]]:
        """Empty it: yield bodies within `limits`, in the order in which they must be sent."""
        first, then = [*self._first.values()], [*self._then.values()]
        self._clear()
        if any(each.operation.children for each in first):
            yield from _chunks(first, limits)
            yield from _chunks(then, limits)
        else:
            yield from _chunks([*first, *then], limits)

    def take_deletes(self, limits: WindowLimits) -> Iterator[list[Intent]]:
        """Take the deletes out and yield them in bodies: hiding an item is never too early."""
        first, then = [*self._first.values()], [*self._then.values()]
        self._clear()
        for intent in then:
            self._put(intent, first=False)
        yield from _chunks(first, limits)

    def _clear(self) -> None:
        self._first, self._then = {}, {}
        self._below.clear()
        self.size_bytes = 0


def _ancestors(document_id: DocumentId) -> Iterator[str]:
    """Yield every beginning of an id that ends with a slash: the trees that it lies in."""
    at = document_id.find("/")
    while at >= 0:
        yield document_id[: at + 1]
        at = document_id.find("/", at + 1)


def _chunks(intents: Iterable[Intent], limits: WindowLimits) -> Iterator[list[Intent]]:
    chunk = Window(limits)
    for intent in intents:
        if not chunk.takes(intent):
            yield chunk.drain()
        chunk.add(intent, 0.0)
    if len(chunk):
        yield chunk.drain()
