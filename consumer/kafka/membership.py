"""One member of the group: the client, what it owns now, and what its callbacks brought.

May import the domain and `confluent_kafka`. Everything here belongs to the thread that polls.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.assignment import Assigned, Incarnation
from consumer.domain.errors import ConfigError, FatalError
from consumer.domain.records import TopicPartition
from consumer.kafka.errors import error_in
from consumer.kafka.settings import KafkaSettings
from consumer.kafka.statistics import Statistics
from consumer.kafka.witnesses import Witnesses, first_offset

CLIENT_LOG: Final = "consumer.kafka.librdkafka"
"""The logger that librdkafka's own lines go to."""

LEAVE_SECONDS: Final = 3.0
"""How long leaving may take. The client's own `close` has no bound: without brokers it waits out
the time-out of its last commit, a minute by default (measured)."""

_GIVE_BACK_SECONDS: Final = 1.0
"""How long the group may take to ask for what we own. It asks at once, unless it is not there."""

_CALLBACK_SECONDS: Final = 0.02
"""How long to wait for a callback each time: added to every stop once."""

_log = logging.getLogger(__name__)


class PartitionListener(Protocol):
    """Who is told about partitions: `RebalanceListener`, as edges may not import the runtime."""

    def on_assigned(self, assigned: Sequence[Assigned]) -> None:
        """Take these partitions over; they deliver nothing before this returns."""
        ...

    def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Give these up: they are still owned until this returns, so it may commit."""
        ...

    def on_lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Forget these: somebody else may own them already; never commit."""
        ...


class CommitAnswer(NamedTuple):
    """What librdkafka's commit callback said: an error for all, or one for each partition."""

    error: KafkaError | None
    partitions: Sequence[ClientPartition]
    at_monotonic: float


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What the client's callbacks brought, in order; filled while the client is polled."""

    commits: deque[CommitAnswer] = field(default_factory=deque)
    errors: deque[KafkaError] = field(default_factory=deque)
    """Troubles of the client as a whole."""
    statistics: Statistics = field(default_factory=Statistics)
    monotonic: Callable[[], float] = time.monotonic

    def on_commit(self, error: KafkaError | None, partitions: Sequence[ClientPartition]) -> None:
        """Take librdkafka's answer to a commit; the loop may see it only at the end of its turn."""
        self.commits.append(CommitAnswer(error, partitions, self.monotonic()))

    def on_error(self, error: KafkaError) -> None:
        """Take a trouble of the client as a whole."""
        self.statistics.count(error)
        self.errors.append(error)


class Membership:
    """The client with its bookkeeping; shared by source and checkpoint, which are two ports."""

    def __init__(
        self,
        consumer: Consumer,
        arrivals: Arrivals,
        *,
        eager: bool,
        give_back_seconds: float = _GIVE_BACK_SECONDS,
    ) -> None:
        """Take the client over, and what its callbacks fill."""
        self._give_back_seconds = give_back_seconds
        self.consumer: Final = consumer
        self.arrivals: Final = arrivals
        self.eager: Final = eager
        self.witnesses: Final = Witnesses()
        self._tenures: dict[TopicPartition, int] = {}
        self._incarnations: dict[TopicPartition, Incarnation] = {}
        self._count = 0
        self.is_leaving = False
        """Whether what the group still assigns is not to be taken over any more."""

    @property
    def owned(self) -> frozenset[TopicPartition]:
        """Return the partitions that are ours now: given to us and neither revoked nor lost."""
        return frozenset(self._tenures)

    def tenure(self, tp: TopicPartition) -> int | None:
        """Return the number of our current turn with `tp`, or `None` if it is not ours."""
        return self._tenures.get(tp)

    def incarnation(self, tp: TopicPartition) -> Incarnation:
        """Return which topic it is of, as it was when we took it over."""
        return self._incarnations.get(tp, Incarnation())

    def acquire(self, assigned: Iterable[Assigned]) -> None:
        """Note that these are ours from now on, each in a new turn."""
        for one in assigned:
            self._count += 1
            self._tenures[one.tp] = self._count
            self._incarnations[one.tp] = one.incarnation
            self.witnesses.begin(one)

    def release(self, partitions: Iterable[TopicPartition]) -> None:
        """Note that these are ours no longer."""
        for tp in partitions:
            self._tenures.pop(tp, None)
            self._incarnations.pop(tp, None)
            self.witnesses.forget(tp)

    def assign(self, partitions: Iterable[TopicPartition], starts: Iterable[Assigned]) -> None:
        """Start fetching, from inside a callback of the client.

        One without a start is assigned too, for the group counts it as ours: it must be paused
        before its offset, which means nothing, is used.
        """
        known = {one.tp: first_offset(one) for one in starts}
        parts = [ClientPartition(*tp, known.get(tp, 0)) for tp in partitions]
        if self.eager:
            self.consumer.assign(parts)
        else:
            self.consumer.incremental_assign(parts)

    def begin(self, start: Assigned) -> None:
        """Let the client fetch from there. Raises FatalError if it does not."""
        try:
            self.consumer.seek(ClientPartition(*start.tp, first_offset(start)))
        except KafkaException as exception:
            offset, why = first_offset(start), error_in(exception).str()
            msg = f"{start.tp}: cannot go to offset {offset}: {why}"
            raise FatalError(msg) from None

    def skip_witness(self, tp: TopicPartition) -> bool:
        """Read on behind a witness that the log does not have any more; return whether it is that.

        Retention can remove it while the partition is paused. Its pause is then forgotten. The
        client has given the partition up and takes no `seek` (seen); where all partitions come and
        go at once it cannot begin anew by itself, and stops: the next start asks for no witness.
        """
        if not self.witnesses.give_up(tp) or self.eager:
            return False
        place = [ClientPartition(*tp, self.witnesses.next_offset(tp))]
        self.consumer.incremental_unassign(place)
        self.consumer.incremental_assign(place)
        return True

    def unassign(self, partitions: list[ClientPartition]) -> None:
        """Give partitions back from inside a callback of the client.

        If nobody does, the client does it itself, by a request to its own main thread that can wait
        for ever while it is closing (seen with 2.16.1).
        """
        if self.eager:
            self.consumer.unassign()
        else:
            self.consumer.incremental_unassign(partitions)

    def leave(self) -> None:
        """Close the client, and wait for that at most `LEAVE_SECONDS`; the process ends next.

        Whatever is not closed by then ends with the process, and the group expels the member.
        """
        self.is_leaving = True
        leaving = threading.Thread(target=self._give_back_and_close, name="leave", daemon=True)
        leaving.start()
        leaving.join(LEAVE_SECONDS)

    def _give_back_and_close(self) -> None:
        """Give back what is assigned while the client still runs, so that closing asks for nothing.

        Asked from within its close, giving back can wait for ever for the client's own main thread,
        and nothing else of this process runs meanwhile (once in a hundred closes of 2.16.1).
        """
        try:
            self.consumer.unsubscribe()
            until = time.monotonic() + self._give_back_seconds
            while not self._is_given_back() and time.monotonic() < until:
                pass
        except KafkaException:
            _log.warning("partitions were not given back before the client closes", exc_info=True)
        finally:
            self.consumer.close()

    def _is_given_back(self) -> bool:
        """Let callbacks run, also one that assigns what the group gave us just before.

        A record, or an error of a partition, is nobody's any more.
        """
        return self.consumer.poll(_CALLBACK_SECONDS) is None and not self.consumer.assignment()


def open_membership(settings: KafkaSettings) -> Membership:
    """Make the client; it connects in the background and joins on subscription.

    Raises ConfigError for settings that we or the client refuse.
    """
    arrivals = Arrivals()
    config: dict[str, object] = {
        **settings.consumer_config(),
        "on_commit": arrivals.on_commit,
        "error_cb": arrivals.on_error,
        "stats_cb": arrivals.statistics.on_stats,
    }
    try:
        consumer = Consumer(config, logger=logging.getLogger(CLIENT_LOG))
    except KafkaException as exception:
        msg = f"kafka.settings: the client refuses them: {error_in(exception).str()}"
        raise ConfigError(msg) from None
    return Membership(consumer, arrivals, eager=not settings.incremental)
