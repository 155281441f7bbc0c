"""Which windows go by the call for a single item, where that is on. Imports the domain only.

One operation costs one request that way, two as a batch. Two operations cost two either way, and
as single calls they would be two outcomes; so it is for windows of exactly one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consumer.domain.fates import BatchOperation


@dataclass(frozen=True, slots=True)
class SingleCalls:
    """What such a call can carry."""

    max_bytes: int
    max_id_characters: int

    def takes(self, operations: Sequence[BatchOperation]) -> bool:
        """Return whether these are one operation that fits; with a content it needs a container."""
        if len(operations) != 1:
            return False
        (operation,) = operations
        return (
            operation.content is None
            and len(operation.payload) <= self.max_bytes
            and len(operation.document_id) <= self.max_id_characters
        )
