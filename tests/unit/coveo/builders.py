"""Values that several of these tests need."""

from __future__ import annotations

from dataclasses import replace

from consumer.coveo.exchange import FileContainer, Response
from consumer.coveo.targets import TargetTraits
from consumer.domain.fates import Batch, BatchOperation
from consumer.domain.fence import Fence
from consumer.domain.operations import DocumentId, OperationKind, TargetId
from consumer.domain.records import TopicPartition
from consumer.http.deadline import Deadline

KB = TargetId("kb")
OPEN = TargetTraits(KB, "src-1", secured=False)
SECURED = TargetTraits(KB, "src-1", secured=True)
TP = TopicPartition("articles", 0)
OTHER = TopicPartition("articles", 1)
CONTAINER = FileContainer("file-1", "https://upload.invalid/file-1?sig=s3cret", {"x-amz-a": "b"})
CONTAINER_JSON = (
    b'{"uploadUri":"https://upload.invalid/file-1?sig=s3cret","fileId":"file-1",'
    b'"requiredHeaders":{"x-amz-a":"b"}}'
)


def soon(seconds: float = 5.0) -> Deadline:
    """Return a deadline that a working test never reaches."""
    return Deadline.after(seconds)


def answer(status: int, body: bytes = b"", **headers: str) -> Response:
    """Return an answer; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, named, body, 0.01)


def error(status: int, code: str, **headers: str) -> Response:
    """Return a refusal of the service."""
    return answer(status, b'{"errorCode":"%s","message":"text"}' % code.encode(), **headers)


def operation(
    name: str, tp: TopicPartition = TP, epoch: int = 1, kind: OperationKind = OperationKind.UPSERT
) -> BatchOperation:
    """Return an operation whose payload is just its id."""
    document_id = DocumentId(f"kb://{name}")
    payload = b'{"documentId":"%s"}' % document_id.encode()
    return BatchOperation(document_id, kind, payload, tp, epoch)


def with_content(name: str, tp: TopicPartition = TP, content: bytes = b"zipped") -> BatchOperation:
    """Return an operation whose content is uploaded by itself."""
    return replace(operation(name, tp), content=content)


def batch(*operations: BatchOperation) -> Batch:
    """Return the seventh batch, tried for the first time."""
    return Batch(7, KB, operations, 1)


def fence(**epochs: int) -> Fence:
    """Return a fence that owns partitions of `articles`: `p0=1` is partition 0 in epoch 1."""
    made = Fence()
    owned = {TopicPartition("articles", int(name[1:])): each for name, each in epochs.items()}
    made.publish(owned)
    return made
