"""What topics are beside their names, and what is told of them now and then."""

from __future__ import annotations

import math

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from consumer.domain.errors import CdcError, FatalError, RetryableError
from consumer.domain.hazards import DeletesKept, EndSeen
from consumer.domain.records import TopicPartition
from consumer.kafka.settings import KafkaSettings
from consumer.kafka.topics import ADMIN, ClusterTopics, TopicSeen, open_admin
from consumer.kafka.watch import ROUND_SECONDS, UNTOLD, TopicWatch
from tests.unit.kafka.scripted_admin import (
    NO_ID,
    SOME_TEXT,
    ScriptedAdmin,
    failure,
)

TP = TopicPartition("t", 0)


class Place:
    """Topics and their watch on scripted clients and a scripted clock."""

    def __init__(self, controller_id: int = 1) -> None:
        """Have asked about one topic, so that the administration client is there if it can be."""
        self.now = 100.0
        self.admin = ScriptedAdmin(controller_id=controller_id)
        self.topics = ClusterTopics(self.admin.client)
        self.watch = TopicWatch(lambda: self.topics.admin, lambda: self.now)

    def turn(self, seconds: float = 1.0) -> dict[str, TopicSeen]:
        """Let time pass and turn."""
        self.now += seconds
        return dict(self.watch.turn([TP]))


def test_an_id_is_written_as_kafka_s_own_tools_print_it() -> None:
    """An operator compares the two, and copies one into the configuration."""
    place = Place()
    assert place.topics.look(["t"], 1.0) == {"t": TopicSeen(SOME_TEXT, 3)}


def test_brokers_that_have_no_ids_say_zero() -> None:
    """Two topics without an id are not the same one."""
    place = Place()
    place.admin.described["t"] = NO_ID
    assert place.topics.look(["t"], 1.0) == {"t": TopicSeen(None, 3)}


@pytest.mark.parametrize("code", [KafkaError._UNSUPPORTED_FEATURE, KafkaError.UNSUPPORTED_VERSION])
def test_a_cluster_that_does_not_know_the_question_is_asked_for_the_names(code: int) -> None:
    """Then only the log itself can tell that a topic is another one."""
    place = Place()
    place.admin.described["t"] = failure(code)
    assert place.topics.look(["t"], 1.0) == {"t": TopicSeen(None, 2)}


def test_where_no_controller_answers_it_is_not_asked_for_ids() -> None:
    """Librdkafka's mock cluster names one that is none; each question would cost its time-out."""
    place = Place(controller_id=0)
    assert place.topics.look(["t"], 1.0) == {"t": TopicSeen(None, 2)}
    assert place.topics.admin is None
    assert place.turn() == {}
    assert place.watch.deletes_kept("t") == UNTOLD


def test_each_topic_s_trouble_is_its_own_and_waits() -> None:
    """One topic that was deleted must not hold those of all others."""
    place = Place()
    place.admin.described["gone"] = failure(KafkaError.UNKNOWN_TOPIC_OR_PART)
    place.admin.described["late"] = None
    found = place.topics.look(["t", "gone", "late"], 0.05)
    assert found["t"] == TopicSeen(SOME_TEXT, 3)
    assert isinstance(found["gone"], RetryableError)
    assert isinstance(found["late"], RetryableError)


def test_a_client_that_cannot_ask_holds_all() -> None:
    """A start without an answer would be a guess."""
    place = Place()
    place.admin.error = failure(KafkaError._TRANSPORT)
    assert isinstance(place.topics.look(["t"], 1.0)["t"], RetryableError)
    place.admin.error = failure(KafkaError._STATE)
    assert isinstance(place.topics.look(["t"], 1.0)["t"], FatalError)
    assert place.topics.look([], 1.0) == {}


def test_ends_of_logs_are_told_all_or_none() -> None:
    """Who waits for some of them would not wait for the others."""
    place = Place()
    other = TopicPartition("t", 1)
    place.admin.ends = {("t", 0): 7, ("t", 1): 9}
    assert place.topics.ends([TP, other], 1.0) == {TP: 7, other: 9}
    with pytest.raises(RetryableError, match="_UNKNOWN_PARTITION"):
        place.topics.ends([TP, TopicPartition("t", 2)], 1.0)


def test_a_client_that_cannot_be_made_or_refuses_to_ask_is_waited_for() -> None:
    """All this is asked from inside a rebalance: what escapes from there ends the process."""

    def refuses() -> AdminClient:
        raise failure(KafkaError._CRIT_SYS_RESOURCE)

    topics = ClusterTopics(refuses)
    assert isinstance(topics.look(["t"], 1.0)["t"], CdcError)
    with pytest.raises(CdcError):
        topics.ends([TP], 1.0)
    scripted = ScriptedAdmin(error=failure(KafkaError._TRANSPORT))
    with pytest.raises(RetryableError):
        ClusterTopics(scripted.client).ends([TP], 1.0)


def test_names_alone_can_have_troubles_too() -> None:
    """They wait as well."""
    place = Place(controller_id=0)
    place.admin.errors["t"] = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
    assert isinstance(place.topics.look(["t"], 1.0)["t"], RetryableError)


def test_asking_for_a_topic_must_not_create_it() -> None:
    """A broker may create what a producer asks for: a deleted topic would be back at once."""
    assert ADMIN["allow.auto.create.topics"] is False
    assert open_admin(KafkaSettings("127.0.0.1:1", "group")) is not None


def test_one_round_asks_for_ids_settings_and_ends_and_the_next_one_waits() -> None:
    """Settings hardly change: they are asked for again every tenth minute only."""
    place = Place()
    place.topics.look(["t"], 1.0)
    place.admin.asked.clear()
    place.admin.configs["t"] = {"cleanup.policy": "delete", "delete.retention.ms": "1"}
    place.admin.ends["t", 0] = 7
    assert place.turn() == {}
    assert place.turn() == {"t": TopicSeen(SOME_TEXT, 3)}
    assert place.watch.ends_seen() == {TP: EndSeen(7, 1.0)}
    assert place.watch.ends_seen() == {}
    assert place.admin.asked == ["topic t", "settings t", "end t/0"]
    place.turn(ROUND_SECONDS)
    assert place.admin.asked[3:] == ["topic t", "end t/0"]
    assert place.admin.polled == 3


def test_answers_that_are_awaited_keep_the_next_round_back() -> None:
    """A cluster that does not answer must not be asked more and more."""
    place = Place()
    place.topics.look(["t"], 1.0)
    place.admin.described["t"] = None
    for _ in range(4):
        place.turn(ROUND_SECONDS)
    assert place.admin.asked.count("topic t") == 2


def test_a_client_that_refuses_to_ask_is_asked_again_later() -> None:
    """Nothing is lost by a round that does not take place."""
    place = Place()
    place.topics.look(["t"], 1.0)
    place.admin.error = failure(KafkaError._TRANSPORT)
    assert place.turn() == {}
    place.admin.error = None
    place.turn(ROUND_SECONDS)
    assert place.turn() == {"t": TopicSeen(SOME_TEXT, 3)}


COMPACT = {"cleanup.policy": "compact,delete", "delete.retention.ms": "3600000"}
SETTINGS = [
    (COMPACT, DeletesKept(3_600.0)),
    ({"cleanup.policy": "delete", "delete.retention.ms": "5"}, DeletesKept(math.inf)),
    ({}, UNTOLD),
    (failure(KafkaError.TOPIC_AUTHORIZATION_FAILED), UNTOLD),
    (failure(KafkaError._TIMED_OUT), None),
]


@pytest.mark.parametrize(("answer", "expected"), SETTINGS)
def test_how_long_deletes_are_kept_is_the_topic_s_setting_or_the_worst_of_the_defaults(
    answer: dict[str, str], expected: DeletesKept | None
) -> None:
    """Without the right to see it, a topic may be compacted; a trouble that passes says nothing."""
    place = Place()
    place.topics.look(["t"], 1.0)
    place.admin.configs["t"] = answer
    assert place.watch.deletes_kept("t") is None
    place.turn()
    place.turn()
    assert place.watch.deletes_kept("t") == expected
