"""The backlog against a model that applies every operation as it came."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.operations import EncodedOperation, OperationKind
from consumer.domain.records import Offset
from consumer.pipeline.backlog import Backlog
from consumer.pipeline.batcher import Intent, WindowLimits
from consumer.pipeline.tracker import Ticket, Tracker
from tests.fakes.pipeline import TP, delete, record, upsert

IDS = ["kb://a", "kb://a/1", "kb://a/1/x", "kb://a/2", "kb://ab", "kb://b"]
LIMITS = WindowLimits(max_operations=3, max_bytes=10_000, linger_seconds=1.0)
operations = st.lists(
    st.tuples(st.sampled_from(["+", "-", "tree"]), st.sampled_from(IDS)), max_size=25
)


def apply(index: dict[str, int], operation: EncodedOperation, version: int) -> None:
    """Do to the index what the service would do."""
    if operation.kind is OperationKind.UPSERT:
        index[operation.document_id] = version
        return
    index.pop(operation.document_id, None)
    for below in [name for name in index if name.startswith(f"{operation.document_id}/")]:
        if operation.children:
            del index[below]


def operation_of(word: str, name: str) -> EncodedOperation:
    """Return the operation of a drawn pair."""
    return upsert(name) if word == "+" else delete(name, children=word == "tree")


@given(words=operations, deletes_go_at=st.integers(0, 25))
def test_only_newest_states_go_out_and_every_record_is_answered_for(
    words: list[tuple[str, str]], deletes_go_at: int
) -> None:
    """Also if the deletes of the first part were let go before the rest was read."""
    backlog, tracker = Backlog(), Tracker()
    tracker.assign(TP, Offset(0))
    truth: dict[str, int] = {}
    index: dict[str, int] = {}
    tickets: list[Ticket] = []
    answered: list[Ticket] = []

    def send(body: list[Intent]) -> None:
        names = [intent.operation.document_id for intent in body]
        assert len(names) == len(set(names)) <= LIMITS.max_operations
        for intent in body:
            version = int(intent.ticket.record.offset)
            if intent.operation.kind is OperationKind.UPSERT:
                assert truth[intent.operation.document_id] == version
            apply(index, intent.operation, version)
            answered.extend([intent.ticket, *intent.covered])

    for version, (word, name) in enumerate(words):
        if version == deletes_go_at:
            for body in backlog.take_deletes(LIMITS):
                send(body)
        ticket = tracker.open(record(version), 1)
        tickets.append(ticket)
        apply(truth, operation_of(word, name), version)
        backlog.add(Intent(operation_of(word, name), ticket))
    for body in backlog.take(LIMITS):
        send(body)
    assert index == truth
    assert sorted(map(id, answered)) == sorted(map(id, tickets))
    assert (len(backlog), backlog.size_bytes) == (0, 0)
