"""librdkafka's statistics, reduced to the few numbers that are shown. Imports `confluent_kafka`.

Names and units: librdkafka's `STATISTICS.md`, 2.16. Its own `consumer_lag` is left alone: it is -1
for a partition without a commit, however much waits there, and it stands still with the loop.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import orjson
from confluent_kafka import KafkaError

from consumer.domain.statistics import BrokerState, ClientReport, ClientStatistics
from consumer.kafka.errors import Verdict, verdict_of

_STATES: Final = {
    "UP": BrokerState.UP,
    "UPDATE": BrokerState.UP,
    "DOWN": BrokerState.DOWN,
    "INIT": BrokerState.IDLE,
}
"""Every other state is a step on the way to `UP`."""

_NO_PARTITION: Final = "-1"
"""Where messages without a partition would wait; listed with every topic."""


class Statistics:
    """Takes the client's reports, on the thread that polls; `latest` may be asked by any."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start without a report."""
        self._monotonic = monotonic
        self._report: ClientReport | None = None
        self._throttled_seconds = 0.0
        self._errors: Counter[str] = Counter()

    def on_stats(self, text: str) -> None:
        """Take one report, called by the client from inside `poll`. Raises nothing.

        What cannot be read is dropped: the age of the last good report then says so.
        """
        try:
            document = orjson.loads(text)
            report = report_of(document, self._monotonic())
            self._throttled_seconds += sum(_throttled_seconds(document))
        except Exception:  # noqa: BLE001 - an exception in here would come out of `poll`
            return
        self._report = report

    def count(self, error: KafkaError) -> None:
        """Count a trouble of the client or of a partition; the end of a log is none."""
        if verdict_of(error)[0] is not Verdict.BENIGN:
            self._errors[error_word(error)] += 1

    def latest(self) -> ClientStatistics:
        """Return what is known now."""
        return ClientStatistics(self._report, self._throttled_seconds, dict(self._errors))


def error_word(error: KafkaError) -> str:
    """Return an error's code as a label: the name without the underscore of local codes."""
    return error.name().lstrip("_").lower()


def report_of(document: Mapping[str, Any], at_monotonic: float) -> ClientReport:
    """Return what is shown of a report. Raises KeyError and the like if it is none."""
    states = Counter(_STATES.get(b["state"], BrokerState.CONNECTING) for b in _brokers(document))
    return ClientReport(
        at_monotonic=at_monotonic,
        brokers={state: states[state] for state in BrokerState},
        rtt_seconds={
            str(broker["nodeid"]): broker["rtt"]["p99"] / 1e6
            for broker in _brokers(document)
            if broker["rtt"]["cnt"]
        },
        partitions={
            name: len(topic["partitions"].keys() - {_NO_PARTITION})
            for name, topic in document["topics"].items()
        },
    )


def _brokers(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the cluster's brokers: neither bootstrap addresses nor the stand-in `coordinator`."""
    return (broker for broker in document["brokers"].values() if broker["nodeid"] >= 0)


def _throttled_seconds(document: Mapping[str, Any]) -> Iterator[float]:
    """Yield each broker's delays, given in milliseconds and since the report before."""
    return (broker["throttle"]["sum"] / 1e3 for broker in document["brokers"].values())
