"""Operations, and pushing them as the product does."""

from __future__ import annotations

from consumer.coveo import payload
from consumer.coveo.push import Performer, run_attempt
from consumer.coveo.targets import TargetTraits
from consumer.domain.fates import Batch, BatchOperation, Outcome
from consumer.domain.fence import Fence
from consumer.domain.operations import (
    Content,
    DeleteItem,
    DocumentId,
    Operation,
    SourceKind,
    TargetId,
    UpsertItem,
)
from consumer.domain.records import TopicPartition
from consumer.http.deadline import Deadline
from tests.contract.coveo.services import KB, SHOP, Service

TP = TopicPartition("articles", 0)


def soon() -> Deadline:
    """Return a deadline that a working test never reaches."""
    return Deadline.after(10.0)


def item(name: str, text: str) -> UpsertItem:
    """Return an item with a text."""
    return UpsertItem(KB, DocumentId(f"kb://{name}"), {"title": name}, Content(text))


def gone(name: str, *, children: bool = False) -> DeleteItem:
    """Return a delete."""
    return DeleteItem(KB, DocumentId(f"kb://{name}"), children)


def push(
    service: Service,
    *operations: Operation,
    target: TargetId | None = None,
    kind: SourceKind | None = None,
) -> Outcome:
    """Push operations as one batch, by default to the first one's target."""
    target = target or operations[0].target
    kind = kind or (SourceKind.CATALOG if target == SHOP else SourceKind.PUSH)
    return push_by(service.performer, *operations, target=target, kind=kind)


def push_one(service: Service, operation: Operation, target: TargetId = KB) -> Outcome:
    """Push an operation by the call for one item."""
    return push_by(service.performer, operation, target=target, single_call=True)


def push_by(
    performer: Performer,
    *operations: Operation,
    target: TargetId = KB,
    kind: SourceKind = SourceKind.PUSH,
    single_call: bool = False,
) -> Outcome:
    """Push with a performer of one's own."""
    traits = TargetTraits(target, "unused", secured=False, kind=kind)
    encoded = [payload.encode(operation, traits) for operation in operations]
    parts = tuple(
        BatchOperation(e.document_id, e.kind, e.payload, TP, 1, e.content, e.children)
        for e in encoded
    )
    fence = Fence()
    fence.publish({TP: 1})
    batch = Batch(1, target, parts, 1, source_kind=kind, single_call=single_call)
    return run_attempt(batch, fence, performer, soon())


def texts(service: Service) -> dict[str, str]:
    """Return what is indexed: texts by the last part of the id."""
    return {name.removeprefix("kb://"): each["data"] for name, each in service.items().items()}
