"""A member to whom nothing is assigned: the client is silent, and nobody may take it for broken."""

from __future__ import annotations

from confluent_kafka import KafkaError

from tests.unit.kafka.source_scene import A, Scene


def test_a_member_that_gets_no_partition_has_joined_all_the_same() -> None:
    """A KIP-848 member hears nothing then; a rollout would wait for it for ever."""
    scene = Scene()
    scene.play()
    assert scene.listener.calls == []
    scene.now += 5.0
    scene.play()
    scene.now += 5.0
    scene.play()
    assert scene.listener.calls == [("assigned", [])]


def test_topics_that_are_not_there_yet_are_waited_for_and_named() -> None:
    """Debezium makes a topic with its table's first row; a restart would not bring it."""
    scene = Scene()
    scene.client.topics, scene.client.member = set(), None
    scene.play()
    scene.now += 5.0
    scene.play()
    assert scene.listener.calls == [("assigned", [])]
    assert "no such topic yet" in scene.source.troubles()["t"]
    scene.client.topics = {"t"}
    scene.now += 5.0
    scene.play()
    assert scene.source.troubles() == {}


def test_a_classic_member_that_is_still_joining_is_not_taken_for_one_that_waits() -> None:
    """Joining takes as long as the others need; until then somebody else does the work."""
    scene = Scene()
    scene.client.member = None
    scene.play()
    scene.now += 5.0
    scene.play()
    assert scene.listener.calls == []


def test_a_group_that_does_not_answer_is_not_joined() -> None:
    """A wrong address or a missing right must go on to show as not ready."""
    scene = Scene()
    scene.client.refusal = KafkaError(KafkaError._TIMED_OUT)
    scene.play()
    scene.now += 5.0
    scene.play()
    assert scene.listener.calls == []


def test_who_has_partitions_looks_only_until_every_topic_was_seen() -> None:
    """The whole list of topics is a large answer on a large cluster."""
    scene = Scene()
    scene.play(scene.client.tell("on_assign", A))
    scene.now += 5.0
    scene.play()
    scene.client.topics = set()
    scene.now += 5.0
    scene.play()
    assert scene.source.troubles() == {}
