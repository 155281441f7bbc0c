"""Dead letters to a topic, byte for byte, with the reason in headers.

May import the domain and `confluent_kafka`.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from consumer import __version__
from consumer.domain.errors import ConfigError
from consumer.domain.fates import DeadLetter
from consumer.domain.records import Header
from consumer.kafka.errors import error_in, verdict_of
from consumer.kafka.membership import CLIENT_LOG
from consumer.kafka.options import Option
from consumer.kafka.settings import KafkaSettings

PRODUCER: Final[dict[str, Option]] = {
    # Delivered means: on all replicas in sync, once, in order.
    "enable.idempotence": True,
    "acks": "all",
    # librdkafka's own tries; after that the letter comes back here and is sent again.
    "message.timeout.ms": 15_000,
    # Dead letters are rare: compact, and sent at once.
    "compression.type": "lz4",
    "linger.ms": 5,
    # A record was once taken by a broker: the topic's own limit decides, not this client's.
    "message.max.bytes": 1_000_000_000,
    # Java's choice of partition, so that a key's letters lie together for every client.
    "partitioner": "murmur2_random",
    "allow.auto.create.topics": False,
}


def _producer(config: dict[str, Option]) -> Producer:
    return Producer(config, logger=logging.getLogger(CLIENT_LOG))


class TopicDeadLetters:
    """`DeadLetters` on a topic of the same cluster. Belongs to one thread."""

    def __init__(
        self,
        settings: KafkaSettings,
        topic: str,
        retry_seconds: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
        make_producer: Callable[[dict[str, Option]], Producer] = _producer,
    ) -> None:
        """Make the producer; it connects in the background. Raises ConfigError."""
        self._config = {**settings.producer_config(), **PRODUCER}
        self._make_producer = make_producer
        self._topic = topic
        self._retry_seconds = retry_seconds
        self._monotonic = monotonic
        self._producer = self._open()
        self._waiting: deque[DeadLetter] = deque()
        self._under_way: dict[int, DeadLetter] = {}
        self._due = 0.0
        self._delivered: list[int] = []
        self._troubles: dict[int, str] = {}
        """Why a letter is not delivered, until it is: one that is must not hide another's."""
        self._failures = 0
        self._broken = False

    def send(self, letter: DeadLetter) -> None:
        """Start delivering; never blocks."""
        self._waiting.append(letter)
        self._advance()

    def delivered(self) -> Sequence[int]:
        """Return the ids of letters that all replicas have since the last call."""
        self._advance()
        delivered, self._delivered = self._delivered, []
        return delivered

    def trouble(self) -> str | None:
        """Return why letters are not being delivered now, or `None`."""
        return next(iter(self._troubles.values()), None)

    def failures(self) -> int:
        """Return how many tries to deliver a letter failed since the start."""
        return self._failures

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Deliver what is under way, if that is possible in time; the rest stays without a fate."""
        self._producer.flush(timeout_seconds)
        self._producer.purge(blocking=False)

    def _open(self) -> Producer:
        try:
            return self._make_producer(dict(self._config))
        except KafkaException as exception:
            msg = f"dead_letters.topic: the producer refuses: {error_in(exception).str()}"
            raise ConfigError(msg) from None

    def _advance(self) -> None:
        self._producer.poll(0)
        if self._broken and self._monotonic() >= self._due:
            self._reopen()
        while not self._broken and self._waiting and self._monotonic() >= self._due:
            letter = self._waiting.popleft()
            if not self._produce(letter):
                self._waiting.append(letter)  # so that none stands in the way of the others
                return

    def _reopen(self) -> None:
        """Replace a producer that a fatal error ended.

        What it holds comes back as failed first, or not at all if it takes longer than a second:
        then it is sent again all the same, perhaps twice.
        """
        self._producer.purge()
        self._producer.flush(1.0)
        self._waiting.extend(self._under_way.values())
        self._under_way.clear()
        try:
            self._producer, self._broken = self._open(), False
        except ConfigError as error:
            self._due = self._monotonic() + self._retry_seconds
            for letter in self._waiting:
                self._put_off(letter, str(error))

    def _produce(self, letter: DeadLetter) -> bool:
        record = letter.record
        self._under_way[letter.letter_id] = letter

        def on_delivery(error: KafkaError | None, _: Message) -> None:
            self._settle(letter, error)

        try:
            self._producer.produce(
                self._topic,
                record.value,
                record.key,
                timestamp=max(record.timestamp_ms, 0),
                headers=[*record.headers, *letter_headers(letter)],
                on_delivery=on_delivery,
            )
        except BufferError:
            self._put_off(letter, "the producer's queue is full")
        except KafkaException as exception:
            self._fail(letter, error_in(exception))
        except Exception as error:  # noqa: BLE001 - no letter's content may end the loop
            self._put_off(letter, f"it cannot be sent as it is: {type(error).__name__}")
        else:
            return True
        del self._under_way[letter.letter_id]
        return False

    def _settle(self, letter: DeadLetter, error: KafkaError | None) -> None:
        if self._under_way.pop(letter.letter_id, None) is None:
            return  # of a producer that was replaced, and it was sent again
        if error is None:
            self._delivered.append(letter.letter_id)
            self._troubles.pop(letter.letter_id, None)
            return
        self._fail(letter, error)
        self._waiting.append(letter)

    def _fail(self, letter: DeadLetter, error: KafkaError) -> None:
        self._broken = self._broken or error.fatal()
        _, reason = verdict_of(error)
        self._put_off(letter, f"{error.name()} ({reason})")

    def _put_off(self, letter: DeadLetter, why: str) -> None:
        self._failures += 1
        where = f"topic {self._topic}: {letter.record.position}"
        self._troubles[letter.letter_id] = f"cannot deliver dead letters to {where}: {why}"
        self._due = self._monotonic() + self._retry_seconds


def letter_headers(letter: DeadLetter) -> list[Header]:
    """Return the headers that say where a letter is from and why it is one."""
    position = letter.record.position
    named = {
        "cdc.reason": letter.reason,
        "cdc.message": letter.message,
        "cdc.topic": position.topic,
        "cdc.partition": str(position.partition),
        "cdc.offset": str(position.offset),
        "cdc.version": __version__,
    }
    return [(name, value.encode("utf-8", "backslashreplace")) for name, value in named.items()]
