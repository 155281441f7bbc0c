"""Gauges of the Kafka client, computed from its last report when somebody scrapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.registry import Collector

from consumer.domain.statistics import ClientReport, ClientStatistics
from consumer.observe import catalogue
from consumer.observe.gauges import Family, family, single
from consumer.observe.published import Published


class ClientGauges(Collector):
    """Reads the client's statistics at each scrape; any thread.

    Reports come through the loop's poll, so a stuck loop freezes what they tell. How old the last
    one is does not freeze: it is counted from now.
    """

    def __init__(self, statistics: Callable[[], ClientStatistics], published: Published) -> None:
        """Ask `statistics`; what it says of topics that are not ours is left out."""
        self._statistics = statistics
        self._published = published

    def describe(self) -> Iterable[Family]:
        """Name the families, for the registry's check for duplicates."""
        return self.collect()

    def collect(self) -> Iterator[Family]:
        """Return every figure as of now."""
        statistics = self._statistics()
        errors = [((code,), count) for code, count in statistics.errors.items()]
        yield family(catalogue.KAFKA_CLIENT_ERRORS, errors)
        yield single(catalogue.KAFKA_THROTTLE, statistics.throttled_seconds)
        if statistics.report is not None:
            yield from self._reported(statistics.report)

    def _reported(self, report: ClientReport) -> Iterator[Family]:
        age = self._published.clocks.monotonic() - report.at_monotonic
        owned = self._published.owned_topics()
        partitions = report.partitions.items()
        yield single(catalogue.KAFKA_STATS_AGE, max(0.0, age))
        yield family(catalogue.KAFKA_BROKERS, [((s.value,), n) for s, n in report.brokers.items()])
        yield family(catalogue.KAFKA_BROKER_RTT, [((n,), s) for n, s in report.rtt_seconds.items()])
        yield family(
            catalogue.TOPIC_PARTITIONS, [((topic,), n) for topic, n in partitions if topic in owned]
        )
