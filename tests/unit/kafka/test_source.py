"""The source against a scripted client: what a rebalance between records must not let through."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, Message

from consumer.domain.errors import ConfigError, RetryableError
from consumer.domain.records import TopicPartition
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


@pytest.mark.parametrize("kind", ["on_revoke", "on_lost"])
def test_records_read_before_their_partition_went_are_dropped(scene: Scene, kind: str) -> None:
    """The loop would track them in an epoch that is over."""
    taken = scene.play(record(A, 0), record(B, 0), scene.client.tell(kind, A), record(B, 1))
    assert taken == [(B, 0), (B, 1)]


def test_a_partition_that_left_and_came_back_in_one_poll_starts_anew(scene: Scene) -> None:
    """Its records from before would make the offsets go back: fatal to the tracker."""
    gone, back = scene.client.tell("on_revoke", A), scene.client.tell("on_assign", A)
    assert scene.play(record(A, 5), gone, back, record(A, 0)) == [(A, 0)]


def test_a_record_of_a_partition_that_is_not_ours_is_dropped(scene: Scene) -> None:
    """Held, or gone a moment ago."""
    assert scene.play(record(TopicPartition("t", 9), 0)) == []


def test_lost_partitions_are_not_ours_while_the_listener_hears_of_it(scene: Scene) -> None:
    """Revoked ones still are, so that it may commit; lost ones may have a new owner."""
    seen: list[bool] = []
    scene.listener.during_revoke = lambda _: seen.append(scene.member.tenure(A) is not None)
    scene.play(scene.client.tell("on_revoke", A))
    scene.listener.during_lost = lambda _: seen.append(scene.member.tenure(B) is not None)
    scene.play(scene.client.tell("on_lost", B))
    assert seen == [True, False]
    assert scene.member.owned == frozenset()


def test_what_the_listener_raises_does_not_leave_a_partition_ours(scene: Scene) -> None:
    """The loop stops; nothing may be committed for it on the way out."""

    def broken(_: list[TopicPartition]) -> None:
        raise RetryableError(str(A))

    scene.listener.during_revoke = broken
    with pytest.raises(RetryableError):
        scene.play(scene.client.tell("on_revoke", A))
    assert scene.member.tenure(A) is None


def test_only_the_difference_is_paused_and_resumed(scene: Scene) -> None:
    """A pause throws the client's queue away: a repeated one would fetch everything again."""
    scene.source.set_paused(frozenset({A}))
    scene.source.set_paused(frozenset({A}))
    scene.source.set_paused(frozenset({A, B}))
    scene.source.set_paused(frozenset({B}))
    assert scene.client.calls == [("pause", {A}), ("pause", {B}), ("resume", {A})]


def test_a_pause_is_made_again_for_a_partition_that_comes_back(scene: Scene) -> None:
    """The client forgot it with the assignment (measured)."""
    scene.source.set_paused(frozenset({A}))
    scene.play(scene.client.tell("on_revoke", A), scene.client.tell("on_assign", A))
    assert [call for call in scene.client.calls if call[0] == "pause"] == [("pause", {A})] * 2


def test_a_partition_that_is_gone_is_neither_paused_nor_resumed(scene: Scene) -> None:
    """The client refuses that for what is not assigned."""
    scene.source.set_paused(frozenset({A}))
    scene.play(scene.client.tell("on_revoke", A))
    scene.client.calls.clear()
    scene.source.set_paused(frozenset())
    scene.source.set_paused(frozenset({A}))
    assert scene.client.calls == []


def test_only_the_first_record_is_waited_for_and_no_more_are_taken_than_asked(
    scene: Scene,
) -> None:
    """What is there goes on at once; a wait for a full batch would delay every record."""
    scene.client.waits.clear()
    scene.client.script.extend(record(A, offset) for offset in range(5))
    assert len(scene.source.poll(0.2, 3)) == 3
    assert len(scene.source.poll(0.2, 9)) == 2
    assert scene.client.waits == [0.2, 0.0, 0.0, 0.2, 0.0, 0.0]


def test_a_held_partition_is_assigned_paused_and_not_handed_over(scene: Scene) -> None:
    """The group counts it as ours; fetching from a guess is what must not be."""
    tp = TopicPartition("t", 2)
    scene.positions.held[tp] = RetryableError("no coordinator")
    scene.play(scene.client.tell("on_assign", tp))
    assert scene.client.calls == [("incremental_assign", {tp}), ("pause", {tp})]
    assert (scene.member.tenure(tp), scene.source.troubles()) == (None, {str(tp): "no coordinator"})


def test_a_held_partition_is_asked_about_again_but_not_in_every_turn(scene: Scene) -> None:
    """Each time may block for half a second."""
    tp = TopicPartition("t", 2)
    scene.positions.held[tp] = RetryableError("no coordinator")
    scene.play(scene.client.tell("on_assign", tp))
    scene.positions.held.clear()
    scene.client.calls.clear()
    scene.play()
    assert scene.client.calls == []
    scene.now += 5.0
    scene.play()
    assert scene.client.calls == [("seek", {tp}), ("resume", {tp})]
    assert scene.listener.told("assigned")[-1] == [tp]


def test_what_someone_must_mend_is_raised_once_and_before_anything_is_read(scene: Scene) -> None:
    """Records handed out together with an exception would be lost."""
    tp = TopicPartition("t", 2)
    scene.positions.held[tp] = ConfigError("t/2: offset gone")
    assert scene.play(scene.client.tell("on_assign", tp), record(A, 0)) == [(A, 0)]
    with pytest.raises(ConfigError, match="t/2"):
        scene.play(record(A, 1))
    scene.now += 5.0
    assert scene.play() == [(A, 1)]
    assert scene.play(record(A, 2)) == [(A, 2)]
    assert scene.source.troubles() == {str(tp): "t/2: offset gone"}


def test_how_far_a_log_was_seen_to_its_end_is_what_the_client_said(scene: Scene) -> None:
    """A takeover trusts it: too much would let older states out (INV-6)."""
    end = KafkaError(KafkaError._PARTITION_EOF)
    scene.play(record(A, 6), record(A, 9, end), record(TopicPartition("t", 7), 5, end))
    assert dict(scene.source.read_to()) == {A: 9}
    scene.play(scene.client.tell("on_revoke", A))
    assert dict(scene.source.read_to()) == {}
    scene.play(record(A, 9, end), scene.client.tell("on_assign", A))
    assert dict(scene.source.read_to()) == {}


def test_passing_errors_show_until_a_record_comes(scene: Scene) -> None:
    """Operators look there when nothing arrives."""
    error = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
    assert scene.play(record(A, -1, error), record(B, -1, error)) == []
    assert list(scene.source.troubles()) == ["t"]
    scene.play(record(A, 0))
    assert scene.source.troubles() == {}


def test_a_trouble_of_the_client_is_forgotten_when_it_is_not_repeated(scene: Scene) -> None:
    """Nobody calls it off, and on a quiet topic no record does."""
    scene.arrivals.errors.append(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    scene.play()
    assert list(scene.source.troubles()) == ["client"]
    scene.now += 91.0
    assert scene.source.troubles() == {}


def test_an_offset_that_is_gone_pauses_its_partition(scene: Scene) -> None:
    """The client itself would go on asking, without a word."""
    scene.play(record(A, -1, KafkaError(KafkaError._AUTO_OFFSET_RESET)))
    assert scene.client.calls == [("pause", {A})]
    with pytest.raises(ConfigError, match="t/0"):
        scene.play()


def test_who_was_not_asked_again_keeps_what_was_said_of_it(scene: Scene) -> None:
    """And is asked at the very next turn while answers come in time."""
    tps = [TopicPartition("t", number) for number in (2, 3, 4)]
    scene.positions.held = {tp: RetryableError(f"no leader of {tp}") for tp in tps}
    scene.play(scene.client.tell("on_assign", *tps))
    scene.positions.held = {tps[1]: RetryableError("later")}
    scene.positions.unasked = {tps[1]}
    scene.now += 5.0
    scene.play()
    assert scene.source.troubles() == {str(tps[1]): "no leader of t/3"}
    scene.positions.held.clear()
    scene.play()
    assert scene.source.troubles() == {}


def test_held_partitions_are_asked_in_turns(scene: Scene) -> None:
    """One whose leader is away takes all the time there is, and must not be first for ever."""
    tps = [TopicPartition("t", number) for number in (2, 3)]
    scene.positions.held = {tp: RetryableError("away") for tp in tps}
    scene.positions.unasked = {tps[1]}
    scene.play(scene.client.tell("on_assign", *tps))
    scene.now += 5.0
    scene.play()
    scene.now += 5.0
    scene.play()
    assert scene.positions.asked[-2:] == [tps, tps[::-1]]
