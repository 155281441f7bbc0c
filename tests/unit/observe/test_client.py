"""The Kafka client's own figures, and how old they are."""

from __future__ import annotations

from consumer.domain.statistics import ClientStatistics
from consumer.observe.client import ClientGauges
from consumer.observe.metrics import Metrics
from tests.unit.observe.pictures import REPORT, TP, Time, partition, published, status


class Scraped:
    """What a scraper finds of a member with one partition of `TP`'s topic."""

    def __init__(self, statistics: ClientStatistics) -> None:
        """Register the gauges over what the client said."""
        self.time = Time()
        self.board = published(self.time, status(partition()))
        self._registry = Metrics().registry
        self._registry.register(ClientGauges(lambda: statistics, self.board))

    def value(self, name: str, **labels: str) -> float | None:
        """Return one sample's value, or `None` if there is no such series."""
        return self._registry.get_sample_value(name, labels)


def test_what_the_client_said_is_shown() -> None:
    """Throttling and dead brokers are the cluster's share of the latency."""
    scraped = Scraped(ClientStatistics(REPORT, 1.5, {"transport": 4}))
    assert scraped.value("cdc_kafka_brokers", state="up") == 2
    assert scraped.value("cdc_kafka_brokers", state="connecting") == 0
    assert scraped.value("cdc_kafka_broker_rtt_seconds", node="1") == 0.004
    assert scraped.value("cdc_kafka_throttle_seconds_total") == 1.5
    assert scraped.value("cdc_kafka_client_errors_total", code="transport") == 4


def test_figures_that_stand_still_grow_old_in_sight() -> None:
    """A stuck loop gets no report: its last figures look healthy, their age does not."""
    scraped = Scraped(ClientStatistics(REPORT))
    assert scraped.value("cdc_kafka_stats_age_seconds") == 0.0
    scraped.time.seconds += 90.0
    assert scraped.value("cdc_kafka_stats_age_seconds") == 90.0


def test_before_the_first_report_there_is_no_figure() -> None:
    """An age of nothing, or zero brokers, would be a lie with a value."""
    scraped = Scraped(ClientStatistics())
    assert scraped.value("cdc_kafka_stats_age_seconds") is None
    assert scraped.value("cdc_kafka_brokers", state="up") is None
    assert scraped.value("cdc_kafka_throttle_seconds_total") == 0


def test_partitions_are_counted_for_topics_that_are_ours_and_no_longer() -> None:
    """The client remembers topics after a revoke; a frozen count would alarm for ever."""
    scraped = Scraped(ClientStatistics(REPORT))
    assert scraped.value("cdc_topic_partitions", topic=TP.topic) == 6
    assert scraped.value("cdc_topic_partitions", topic="another.topic") is None
    scraped.board.publish(status())
    assert scraped.value("cdc_topic_partitions", topic=TP.topic) is None
