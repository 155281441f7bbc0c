"""Dead letters to a topic, with a scripted producer: what no cluster can be made to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from consumer.domain.fates import DeadLetter
from consumer.domain.records import Header, Offset, Record, TopicPartition
from consumer.kafka.settings import KafkaSettings
from consumer.kafka.topic_letters import TopicDeadLetters

OnDelivery = Callable[[KafkaError | None, Any], None]


class ScriptedProducer:
    """Keeps what is produced until `answer`; `refusal` is raised instead, where it is given."""

    def __init__(self) -> None:
        """Take everything."""
        self.under_way: list[tuple[Sequence[Header], OnDelivery]] = []
        self.refusal: Exception | None = None

    def produce(
        self, *_: object, headers: Sequence[Header], on_delivery: OnDelivery, **__: object
    ) -> None:
        """Keep a letter; names must be text, as the real one wants them."""
        if self.refusal is not None:
            raise self.refusal
        for name, _value in headers:
            name.encode()
        self.under_way.append((headers, on_delivery))

    def answer(self, error: KafkaError | None = None) -> None:
        """Answer for everything under way."""
        answered, self.under_way = self.under_way, []
        for _, on_delivery in answered:
            on_delivery(error, None)

    def poll(self, _: float) -> int:
        """Do nothing: `answer` does."""
        return 0

    def purge(self) -> None:
        """Hold on to it: a broker that hangs."""

    def flush(self, _: float) -> int:
        """Not in time."""
        return len(self.under_way)


class Scene:
    """Letters on a clock that is set, and every producer that was made."""

    def __init__(self) -> None:
        """Start with one producer."""
        self.now = 0.0
        self.made: list[ScriptedProducer] = []
        self.cannot: Exception | None = None
        settings = KafkaSettings("127.0.0.1:1", "g")
        self.letters = TopicDeadLetters(settings, "dl", 5.0, lambda: self.now, self._make)

    def _make(self, _: object) -> Producer:
        if self.cannot is not None:
            raise self.cannot
        self.made.append(ScriptedProducer())
        return cast("Producer", cast("Any", self.made[-1]))

    def later(self) -> list[int]:
        """Return what is delivered after the pause between two tries."""
        self.now += 5.0
        return list(self.letters.delivered())


@pytest.fixture
def scene() -> Scene:
    """Give a fresh one."""
    return Scene()


def letter(number: int, message: str = "why", header: str = "h") -> DeadLetter:
    """Make a letter."""
    tp = TopicPartition("t", 0)
    record = Record(tp, Offset(number), 0, b"k", b"v", ((header, b"1"),))
    return DeadLetter(number, record, "cast", message)


def test_a_message_that_is_no_text_is_sent_all_the_same(scene: Scene) -> None:
    """A schema's name may be half of a pair; the loop must not die of it."""
    scene.letters.send(letter(1, "column 'a\ud800'"))
    ((headers, _),) = scene.made[0].under_way
    assert ("cdc.message", b"column 'a\\ud800'") in headers


def test_a_letter_that_cannot_be_sent_shows_and_stands_in_nobodys_way(scene: Scene) -> None:
    """It keeps its offset open; the others are delivered, and do not hide it."""
    scene.letters.send(letter(1, header="\ud800"))
    scene.letters.send(letter(2))
    scene.later()
    scene.later()
    scene.made[0].answer()
    assert scene.letters.delivered() == [2]
    assert scene.letters.trouble() == (
        "cannot deliver dead letters to topic dl: t/0@1: it cannot be sent as it is: "
        "UnicodeEncodeError"
    )


@pytest.mark.parametrize(
    "refusal", [BufferError(), KafkaException(KafkaError(KafkaError._STATE)), MemoryError()]
)
def test_whatever_the_producer_raises_is_tried_again(scene: Scene, refusal: Exception) -> None:
    """Nothing of it may come out in the loop."""
    scene.made[0].refusal = refusal
    scene.letters.send(letter(1))
    assert scene.letters.trouble() is not None
    scene.made[0].refusal = None
    scene.later()
    scene.made[-1].answer()
    assert (scene.letters.delivered(), scene.letters.trouble()) == ([1], None)
    assert scene.letters.failures() == 1


def test_what_a_replaced_producer_did_not_give_back_is_sent_again(scene: Scene) -> None:
    """Forgotten, it would keep its offset open for ever, without a word."""
    scene.letters.send(letter(1))
    scene.letters.send(letter(2))
    first = scene.made[0]
    first.under_way.pop()[1](KafkaError(KafkaError._FATAL, "gone", fatal=True), None)
    scene.later()
    assert [len(made.under_way) for made in scene.made] == [1, 2]
    first.under_way.clear()
    scene.made[1].answer()
    assert sorted(scene.letters.delivered()) == [1, 2]
    assert scene.letters.trouble() is None


def test_a_producer_that_cannot_be_made_anew_is_said_and_tried_again(scene: Scene) -> None:
    """A certificate that is being exchanged must not end the program."""
    scene.letters.send(letter(1))
    scene.made[0].answer(KafkaError(KafkaError._FATAL, "gone", fatal=True))
    scene.cannot = KafkaException(KafkaError(KafkaError._INVALID_ARG))
    assert scene.later() == []
    assert "the producer refuses" in str(scene.letters.trouble())
    scene.cannot = None
    scene.later()
    scene.made[1].answer()
    assert scene.letters.delivered() == [1]
