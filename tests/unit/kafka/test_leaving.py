"""How a member leaves: what it owns goes back before the client closes, and closed it is anyway."""

from __future__ import annotations

from collections import deque
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message

from consumer.domain.records import TopicPartition
from consumer.kafka.membership import Arrivals, Membership

A = TopicPartition("t", 0)
FENCED = KafkaException(KafkaError(KafkaError.FENCED_INSTANCE_ID))
RECORD = Message(*A, 0, b"k", b"v", [], None, (1, 5))


class LeavingClient:
    """Answers each poll as scripted: a record, a change of what is assigned, or an error."""

    def __init__(self, *polls: Message | set[TopicPartition] | KafkaException) -> None:
        """Start with nothing assigned."""
        self.polls = deque(polls)
        self.assigned: set[TopicPartition] = set()
        self.owned_at_close: set[TopicPartition] | None = None
        self.refusal: KafkaException | None = None

    def unsubscribe(self) -> None:
        """Give up, or refuse to."""
        if self.refusal is not None:
            raise self.refusal

    def assignment(self) -> list[TopicPartition]:
        """Tell what is assigned."""
        return [*self.assigned]

    def poll(self, _: float) -> Message | None:
        """Do what comes next."""
        match self.polls.popleft() if self.polls else None:
            case set() as assigned:
                self.assigned = assigned
                return None
            case KafkaException() as error:
                raise error
            case message:
                return message

    def close(self) -> None:
        """Run whatever was not polled, as the client does."""
        later = [each for each in self.polls if isinstance(each, set)]
        self.owned_at_close = self.assigned.union(*later)


def left(client: LeavingClient, seconds: float = 1.0) -> set[TopicPartition] | None:
    """Leave; return what was still assigned as the client was closed, if it was."""
    consumer = cast("Consumer", cast("Any", client))
    Membership(consumer, Arrivals(), eager=False, give_back_seconds=seconds).leave()
    return client.owned_at_close


def test_what_is_assigned_goes_back_before_the_client_closes() -> None:
    """Records that come meanwhile are passed by: whoever owns their partition next reads them."""
    client = LeavingClient(RECORD, RECORD, set())
    client.assigned = {A}
    assert left(client) == set()
    assert not client.polls


def test_an_assignment_that_was_under_way_goes_back_as_well() -> None:
    """Taken in the close, it would be asked for there, where an answer may never come."""
    assert left(LeavingClient({A}, set())) == set()
    assert left(LeavingClient(RECORD, {A}, RECORD, set())) == set()


@pytest.mark.parametrize("at", ["unsubscribe", "poll"])
def test_a_client_that_refuses_to_give_back_is_closed_all_the_same(at: str) -> None:
    """Else it would be of the group until its session ends, and its partitions wait for that."""
    client = LeavingClient(*([FENCED] if at == "poll" else []))
    client.assigned = {A}
    client.refusal = FENCED if at == "unsubscribe" else None
    assert left(client) == {A}


def test_partitions_that_nobody_takes_back_do_not_keep_the_process() -> None:
    """The group is not there, or does not ask."""
    client = LeavingClient()
    client.assigned = {A}
    assert left(client, seconds=0.01) == {A}
