"""Windows: what may share a body, what supersedes what, when they are due."""

from __future__ import annotations

from dataclasses import replace

from consumer.domain.fates import Fate
from consumer.domain.operations import EncodedOperation, OperationKind
from consumer.domain.records import Offset, TopicPartition
from consumer.pipeline.batcher import (
    ENVELOPE_BYTES,
    REFERENCE_BYTES,
    Intent,
    Join,
    Window,
    WindowLimits,
    newest,
)
from consumer.pipeline.tracker import Tracker
from tests.fakes.pipeline import OTHER_TP, TP, delete, record, upsert


class Desk:
    """A window and a tracker that opens the tickets for it."""

    def __init__(
        self,
        max_operations: int = 100,
        max_bytes: int = 10_000,
        max_contents: int = 10,
        join: Join = newest,
    ) -> None:
        """Own two partitions."""
        self.window = Window(WindowLimits(max_operations, max_bytes, 10.0, max_contents), join)
        self.tracker = Tracker()
        self.tracker.assign(TP, Offset(0))
        self.tracker.assign(OTHER_TP, Offset(0))
        self.offset = 0

    def intent(self, operation: EncodedOperation, tp: TopicPartition = TP) -> Intent:
        """Return an intent caused by the next record."""
        self.offset += 1
        return Intent(operation, self.tracker.open(record(self.offset, tp=tp), 1))


def test_the_newest_operation_on_an_id_takes_over_the_older_ones_records() -> None:
    """The older record stays open until the newer operation is in."""
    desk = Desk()
    first, second, third = (desk.intent(upsert("a", version=v)) for v in (1, 2, 3))
    for intent in (first, second, third):
        assert desk.window.takes(intent)
        desk.window.add(intent, 0.0)
    assert desk.window.drain() == [third]
    assert third.covered == [first.ticket, second.ticket]
    assert third.fallback is second
    assert {t.fate for t in third.covered} == {None}


def test_bytes_are_those_of_the_body_also_after_superseding() -> None:
    """The byte limit is the service's, so it is counted on what is sent."""
    desk = Desk()
    for size in (500, 20):
        desk.window.add(desk.intent(upsert("a", size=size)), 0.0)
    only = upsert("a", size=20)
    assert desk.window.size_bytes == ENVELOPE_BYTES + len(only.payload) + 1


def test_a_window_is_full_before_it_exceeds_its_bytes() -> None:
    """A hard cap is checked before adding."""
    desk = Desk(max_bytes=320)
    desk.window.add(desk.intent(upsert("a", size=200)), 0.0)
    assert not desk.window.takes(desk.intent(upsert("b", size=200)))
    assert desk.window.takes(desk.intent(upsert("c", size=0)))


def test_an_empty_window_takes_even_what_exceeds_its_bytes() -> None:
    """The limit is ours; the payload was checked against the service's own."""
    desk = Desk(max_bytes=100)
    assert desk.window.takes(desk.intent(upsert("a", size=200)))


def test_an_id_of_another_partition_does_not_join() -> None:
    """Superseding never crosses partitions: their order among each other is unknown."""
    desk = Desk()
    desk.window.add(desk.intent(upsert("a")), 0.0)
    assert not desk.window.takes(desk.intent(upsert("a"), tp=OTHER_TP))


def test_a_tree_delete_and_an_upsert_below_it_never_share_a_body() -> None:
    """The service does not say in which order it applies them."""
    desk = Desk()
    desk.window.add(desk.intent(upsert("kb://a/1")), 0.0)
    assert not desk.window.takes(desk.intent(delete("kb://a", children=True)))
    assert desk.window.takes(desk.intent(delete("kb://ab", children=True)))
    other = Desk()
    other.window.add(other.intent(delete("kb://a", children=True)), 0.0)
    assert not other.window.takes(other.intent(upsert("kb://a/1")))


def test_an_upsert_does_not_supersede_a_tree_delete() -> None:
    """The children would stay."""
    desk = Desk()
    desk.window.add(desk.intent(delete("kb://a", children=True)), 0.0)
    assert not desk.window.takes(desk.intent(upsert("kb://a")))


def test_linger_counts_from_the_first_operation() -> None:
    """A steady trickle must not postpone the window for ever."""
    desk = Desk()
    desk.window.add(desk.intent(upsert("a")), 100.0)
    desk.window.add(desk.intent(upsert("b")), 109.0)
    assert not desk.window.due(109.9)
    assert desk.window.due(110.0)


def test_a_full_window_is_due_at_once() -> None:
    """Waiting cannot merge anything new into it but hot ids."""
    desk = Desk(max_operations=2)
    desk.window.add(desk.intent(upsert("a")), 0.0)
    assert not desk.window.due(0.0)
    desk.window.add(desk.intent(upsert("b")), 0.0)
    assert desk.window.due(0.0)


def test_draining_empties_the_window() -> None:
    """What is sealed is not sent twice."""
    desk = Desk()
    here = desk.intent(upsert("a"))
    desk.window.add(here, 0.0)
    assert desk.window.drain() == [here]
    assert (len(desk.window), desk.window.size_bytes) == (0, ENVELOPE_BYTES)
    assert desk.window.due_at() is None


def test_give_back_restores_the_older_operation_with_its_records() -> None:
    """A refused winner must not take the valid older state down with it."""
    desk = Desk()
    intents = [desk.intent(upsert("a", version=v)) for v in (1, 2, 3)]
    for intent in intents:
        desk.window.add(intent, 0.0)
    first, second, third = intents
    assert third.give_back() is second
    assert (second.covered, third.covered) == ([first.ticket], [])
    assert second.give_back() is first
    assert first.give_back() is None


def test_dropping_a_partition_leaves_the_others() -> None:
    """A revoke concerns its own partitions only."""
    desk = Desk()
    desk.window.add(desk.intent(upsert("a")), 0.0)
    desk.window.add(desk.intent(upsert("b"), tp=OTHER_TP), 0.0)
    desk.window.drop(TP)
    assert [i.operation.document_id for i in desk.window.drain()] == ["b"]
    assert desk.tracker.totals.fates[Fate.ACCEPTED] == 0


def with_content(name: str, content: bytes = b"zipped") -> EncodedOperation:
    """Return an upsert whose content is uploaded by itself."""
    return replace(upsert(name, size=0), content=content)


def test_a_content_beside_the_body_counts_as_what_it_is() -> None:
    """It is uploaded within the same deadline, and the payload grows by its reference."""
    desk, made = Desk(), with_content("a", b"x" * 700)
    desk.window.add(desk.intent(made), 0.0)
    grown = 700 + REFERENCE_BYTES
    assert desk.window.size_bytes == ENVELOPE_BYTES + len(made.payload) + 1 + grown


def test_a_window_has_few_contents_of_their_own() -> None:
    """Each costs a request of the quota; one that replaces another costs none more."""
    desk = Desk(max_contents=2)
    for name in ("a", "b"):
        intent = desk.intent(with_content(name))
        assert desk.window.takes(intent)
        desk.window.add(intent, 0.0)
    assert not desk.window.takes(desk.intent(with_content("c")))
    assert desk.window.takes(desk.intent(upsert("c")))
    intent = desk.intent(with_content("b"))
    assert desk.window.takes(intent)
    desk.window.add(intent, 0.0)
    desk.window.add(desk.intent(upsert("b")), 0.0)
    assert desk.window.takes(desk.intent(with_content("c")))


def test_contents_are_counted_anew_when_a_window_is_emptied() -> None:
    """What a given-up partition wanted costs nothing any more."""
    desk = Desk(max_contents=1)
    desk.window.add(desk.intent(with_content("a")), 0.0)
    desk.window.drop(TP)
    intent = desk.intent(with_content("b"))
    assert desk.window.takes(intent)
    desk.window.add(intent, 0.0)
    desk.window.drain()
    desk.window.add(desk.intent(upsert("d")), 0.0)
    assert desk.window.takes(desk.intent(with_content("c")))


def test_a_partial_update_joins_what_waits_or_waits_for_the_next_batch() -> None:
    """The same id twice in one batch is not defined; without a join the window is sealed first."""
    desk = Desk(join=_appended)
    desk.window.add(desk.intent(whole("a", "1")), 0.0)
    newer = desk.intent(partial("a", "2"))
    assert desk.window.takes(newer)
    assert desk.window.add(newer, 0.0)
    (made,) = desk.window.drain()
    assert made is newer
    assert made.operation.payload == b"12"
    assert made.fallback is not None
    assert made.fallback.operation.payload == b"1"


def test_a_window_counts_what_is_joined() -> None:
    """Both together may be too much for one batch."""
    desk = Desk(join=_appended, max_bytes=ENVELOPE_BYTES + 6)
    desk.window.add(desk.intent(whole("a", "123")), 0.0)
    assert desk.window.size_bytes == ENVELOPE_BYTES + 4
    desk.window.add(desk.intent(whole("b", "")), 0.0)
    assert not desk.window.takes(desk.intent(partial("a", "45")))
    fits = desk.intent(partial("a", "4"))
    assert desk.window.takes(fits)
    desk.window.add(fits, 0.0)
    assert desk.window.size_bytes == ENVELOPE_BYTES + 6


def test_without_a_join_a_partial_update_supersedes_nothing() -> None:
    """What it does not say would be lost."""
    desk = Desk()
    desk.window.add(desk.intent(upsert("a")), 0.0)
    assert not desk.window.takes(desk.intent(partial("a", "2")))


def test_a_partial_update_below_a_tree_that_goes_waits_for_the_next_batch() -> None:
    """As an upsert there does: their order in one batch is not defined."""
    desk = Desk()
    desk.window.add(desk.intent(delete("kb://a", children=True)), 0.0)
    assert not desk.window.takes(desk.intent(partial("kb://a/b", "2")))


def _appended(older: EncodedOperation, newer: EncodedOperation) -> EncodedOperation | None:
    if newer.kind is not OperationKind.PARTIAL:
        return newer
    return replace(older, payload=older.payload + newer.payload)


def whole(name: str, payload: str) -> EncodedOperation:
    """Return an upsert with just this payload."""
    return replace(upsert(name), payload=payload.encode())


def partial(name: str, payload: str) -> EncodedOperation:
    """Return a partial update with just this payload."""
    return replace(whole(name, payload), kind=OperationKind.PARTIAL)
