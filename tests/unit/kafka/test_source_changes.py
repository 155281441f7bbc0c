"""What the source raises and tells when a log is not what it was."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, Message

from consumer.domain.assignment import Assigned, Witness
from consumer.domain.errors import RetryableError
from consumer.domain.hazards import Hazard, HazardKind
from consumer.domain.records import Offset, TopicPartition
from consumer.kafka.changed import LogChangedError
from consumer.kafka.incarnations import created_anew
from tests.unit.kafka.source_scene import A, B, Scene


@pytest.fixture
def scene() -> Scene:
    """Give a source that owns A and B."""
    scene = Scene()
    scene.play(scene.client.tell("on_assign", A, B))
    scene.client.calls.clear()
    return scene


def record(tp: TopicPartition, offset: int, error: KafkaError | None = None) -> Message:
    """Make a message."""
    return Message(*tp, offset, b"k", b"v", [], error, (1, 5))


def test_a_topic_that_became_another_one_is_raised_before_anything_is_read(scene: Scene) -> None:
    """Its records mean nothing at our offsets; the loop commits what is settled and stops."""
    scene.positions.changed = [created_anew("t", "id-1", "id-2")]
    with pytest.raises(LogChangedError, match="id-2"):
        scene.play(record(A, 0))
    assert scene.positions.owned == {A, B}
    (hazard,) = scene.source.hazards()
    assert (hazard.kind, hazard.about) == (HazardKind.TOPIC_CREATED_ANEW, "t")
    assert scene.play() == [(A, 0)]


def test_a_refused_fetch_holds_its_partition_and_is_raised(scene: Scene) -> None:
    """With what the log holds, so that nobody has to look for it at night."""
    error = KafkaError(KafkaError._AUTO_OFFSET_RESET)
    assert scene.play(record(A, 1, error), record(B, 4)) == [(B, 4)]
    with pytest.raises(LogChangedError, match=r"t/0: the next offset to read, 1, .* 3 to 9"):
        scene.play()
    assert scene.client.calls == [("pause", {A})]


def test_hazards_are_told_of_what_is_ours_and_in_one_place_only(scene: Scene) -> None:
    """A partition that another member took over is its to tell of."""
    held = TopicPartition("t", 2)
    added = [Hazard(HazardKind.PARTITION_ADDED, "t", f"t/{n}", "", holds=True) for n in (0, 2, 9)]
    scene.positions.found = added
    scene.positions.held[held] = RetryableError("it waits")
    scene.play(scene.client.tell("on_assign", held))
    assert scene.source.hazards() == added[:2]
    assert scene.source.troubles() == {}
    scene.positions.found = []
    assert scene.source.troubles() == {str(held): "it waits"}


@pytest.mark.parametrize("is_held", [False, True])
def test_the_record_before_a_commit_is_read_first_and_must_be_the_one_that_was_read(
    *, is_held: bool
) -> None:
    """A leader that lost records gives their offsets to others: the commit looks all right then."""
    scene = Scene()
    scene.positions.starts[A] = Assigned(A, Offset(7), Offset(9), clean=True, witness=Witness(5, 5))
    if is_held:
        scene.positions.held[A] = RetryableError("no answer yet")
    scene.play(scene.client.tell("on_assign", A))
    if is_held:
        del scene.positions.held[A]
        scene.now += 60.0
    assert scene.play(record(A, 5), record(A, 6), record(A, 7)) == [(A, 7)]
    assert scene.client.offsets == {A: 5}


def test_another_record_in_its_place_stops_the_reading_of_its_partition(scene: Scene) -> None:
    """What lies before the commit by now was never read."""
    other = TopicPartition("t", 2)
    scene.positions.starts[other] = Assigned(
        other, Offset(7), Offset(9), clean=True, witness=Witness(5, 1_234)
    )
    told = scene.client.tell("on_assign", other)
    assert scene.play(told, record(other, 5), record(other, 7), record(B, 4)) == [(B, 4)]
    with pytest.raises(LogChangedError, match=r"t/2: the next offset to read, 7, is in a log that"):
        scene.play()
    assert scene.play(record(other, 8)) == []


def test_a_witness_that_retention_removed_meanwhile_is_done_without(scene: Scene) -> None:
    """Its partition can have been paused for hours; what is unread is still there, or it stops."""
    error = KafkaError(KafkaError._AUTO_OFFSET_RESET)
    other = TopicPartition("t", 2)
    scene.positions.starts[other] = Assigned(
        other, Offset(7), Offset(9), clean=True, witness=Witness(5, 5)
    )
    assert scene.play(scene.client.tell("on_assign", other), record(other, 5, error)) == []
    assert scene.client.offsets[other] == 7
    assert scene.play(record(other, 7)) == [(other, 7)]
    scene.play(record(other, 8, error))
    with pytest.raises(LogChangedError, match="t/2: the next offset to read, 8, is"):
        scene.play()
