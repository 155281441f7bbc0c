"""What is counted, and how it is exposed."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

import pytest

from consumer.coveo.endpoints import Endpoint
from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.verdicts import Reason as PushReason
from consumer.decode.poison import PoisonReason
from consumer.domain.hazards import Hazard, HazardKind
from consumer.domain.operations import SkipReason, TargetId
from consumer.domain.records import TopicPartition
from consumer.domain.statistics import ClientStatistics
from consumer.mapping.reasons import Reason as MappingReason
from consumer.observe import catalogue
from consumer.observe.catalogue import CATALOGUE, END_TO_END_LATENCY, Kind
from consumer.observe.client import ClientGauges
from consumer.observe.gauges import Counted, Objectives, PublishedGauges
from consumer.observe.metrics import Metrics, Words
from consumer.observe.published import Published
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from tests.unit.observe.pictures import REPORT, Time, lane, partition, published, status

ARTICLES_0 = {"topic": "kb.public.articles", "partition": "0"}
OBJECTIVES = Objectives(freshness_seconds=60.0, max_poll_interval_seconds=300.0)


class Scraped:
    """What a scraper finds of a program that has published this."""

    def __init__(self, board: Published) -> None:
        """Register the gauges over `board`."""
        self._registry = Metrics().registry
        self._registry.register(PublishedGauges(board, OBJECTIVES))

    def value(self, name: str, **labels: str) -> float | None:
        """Return one sample's value, or `None` if there is no such series."""
        return self._registry.get_sample_value(name, labels)


def test_everything_in_the_catalogue_is_registered_with_its_type_and_labels() -> None:
    """A name that nobody exports makes a panel empty and an alert silent."""
    metrics = Metrics()
    board = published(Time(), status(partition()))
    metrics.registry.register(PublishedGauges(board, OBJECTIVES))
    metrics.registry.register(ClientGauges(lambda: ClientStatistics(REPORT), board))
    for metric in (
        catalogue.VALUES_LOST,
        catalogue.VALUES_DOUBTFUL,
        catalogue.KEY_CHANGES,
        catalogue.SCHEMA_REGISTRY_REQUESTS,
    ):
        metrics.registry.register(Counted(metric, dict))
    families = {family.name: family for family in metrics.registry.collect()}
    for metric in CATALOGUE:
        assert families[metric.name].type == metric.kind.value, metric.name


def test_counters_of_another_part_are_read_when_somebody_scrapes() -> None:
    """Decoding counts in its own thread and knows no metrics."""
    counts: dict[tuple[str, ...], int] = {("newkey", "read"): 1}
    registry = Metrics().registry
    registry.register(Counted(catalogue.KEY_CHANGES, lambda: counts))
    labels = {"header": "newkey", "other_key": "read"}
    assert registry.get_sample_value("cdc_key_changes_total", labels) == 1
    counts["newkey", "read"] = 5
    assert registry.get_sample_value("cdc_key_changes_total", labels) == 5


def test_names_are_unique_and_carry_no_second_total() -> None:
    """Two metrics of one name are one metric with two meanings."""
    names = Counter(metric.name for metric in CATALOGUE)
    assert names.most_common(1)[0][1] == 1
    assert not [name for name in names if name.endswith(("_total", "_count"))]


def test_no_series_of_a_revoked_partition_is_left() -> None:
    """A lag that is no longer ours, frozen at its last value, alarms for ever."""
    board = published(Time(), status(partition()))
    scraped = Scraped(board)
    assert scraped.value("cdc_consumer_lag_records", **ARTICLES_0) == 0
    board.publish(status())
    assert scraped.value("cdc_consumer_lag_records", **ARTICLES_0) is None


def test_lag_is_counted_from_what_may_be_committed() -> None:
    """The client's own figure says -1 where nothing was committed yet, however much waits."""
    board = published(Time(), status(partition(low_water=40, committed=None, high_watermark=326)))
    scraped = Scraped(board)
    assert scraped.value("cdc_consumer_lag_records", **ARTICLES_0) == 286
    assert scraped.value("cdc_consumer_committed_offset", **ARTICLES_0) is None


def test_a_watermark_never_heard_gives_no_sample() -> None:
    """A sentinel in a graph is a lie with a value."""
    scraped = Scraped(published(Time(), status(partition(high_watermark=None))))
    assert scraped.value("cdc_topic_high_watermark", **ARTICLES_0) is None


def test_both_watermarks_go_with_the_partition() -> None:
    """Committed offset - low watermark is what retention has left to eat."""
    board = published(Time(), status(partition(low_watermark=70, high_watermark=120)))
    scraped = Scraped(board)
    assert scraped.value("cdc_topic_low_watermark", **ARTICLES_0) == 70
    assert scraped.value("cdc_topic_high_watermark", **ARTICLES_0) == 120
    board.publish(status())
    assert scraped.value("cdc_topic_low_watermark", **ARTICLES_0) is None


def test_a_heartbeat_is_shown_by_server_and_only_while_its_topic_is_ours() -> None:
    """No dead connector hides behind a live one; after a move another member hears it."""
    topic = "__debezium-heartbeat.shop.eu"
    board = published(Time(), status(partition(tp=TopicPartition(topic, 0))))
    board.heartbeats_ms = {topic: 5_000, "__debezium-heartbeat.gone": 9_000}
    scraped = Scraped(board)
    assert scraped.value("cdc_source_heartbeat_timestamp_seconds", server="shop.eu") == 5
    assert scraped.value("cdc_source_heartbeat_timestamp_seconds", server="gone") is None
    board.publish(status())
    assert scraped.value("cdc_source_heartbeat_timestamp_seconds", server="shop.eu") is None


def test_what_was_polled_is_counted_by_topic_and_outlives_its_partition() -> None:
    """A counter that goes away and comes back looks like a burst."""
    scraped = Scraped(published(Time(), status(polled=7, polled_by_topic={"t": 4, "u": 3})))
    assert scraped.value("cdc_records_consumed_total", topic="t") == 4
    assert scraped.value("cdc_records_consumed_total", topic="u") == 3


def test_the_quota_and_failed_letters_are_shown() -> None:
    """Zero failures is a sample, too, or a rule would not see the first one."""
    scraped = Scraped(published(Time(), status()))
    assert scraped.value("cdc_push_limiter_rate_per_second") == 0.25
    assert scraped.value("cdc_dead_letter_failures_total") == 0
    scraped = Scraped(published(Time(), status(dead_letter_failures=3)))
    assert scraped.value("cdc_dead_letter_failures_total") == 3


def test_held_records_are_counted_by_what_they_wait_for() -> None:
    """Every reason is there from the start, so that a rule sees the first record held."""
    scraped = Scraped(published(Time(), status(partition(held_records=3, wait="schema"))))
    held = {wait: scraped.value("cdc_records_held", wait=wait.value) for wait in Wait}
    assert held == dict.fromkeys(Wait, 0.0) | {Wait.SCHEMA: 3.0}


def test_a_target_is_in_exactly_one_state() -> None:
    """A rule on `blocked` must go back to 0 by itself."""
    scraped = Scraped(published(Time(), status(lanes=(lane(state="blocked"),))))
    states = [
        scraped.value("cdc_target_state", target="kb", state=state.value) for state in LaneState
    ]
    assert states == [0, 0, 1]


def test_a_scrape_works_before_the_first_turn() -> None:
    """The first scrape of a program that hangs while starting is the one that is needed."""
    scraped = Scraped(published(Time()))
    assert scraped.value("cdc_state", state="starting") == 1
    build = {"version": "1.2.3", "python": "", "librdkafka": ""}
    assert scraped.value("cdc_build_info", **build) == 1


def test_a_label_takes_only_words_and_not_too_many() -> None:
    """A label that holds data is a leak; one that grows is an outage of the monitoring."""
    words = Words()
    assert words.bounded("json_invalid") == "json_invalid"
    assert words.bounded("Ada Lovelace <ada@example.org>") == "other"
    assert words.bounded("x" * 41) == "other"
    kept = {words.bounded(f"reason_{n}") for n in range(1_000)}
    assert len(kept) <= 301
    assert words.bounded("json_invalid") == "json_invalid"


def test_what_may_never_happen_is_at_zero_from_the_start() -> None:
    """An alert on an increase would sleep through the first dead letter."""
    metrics = Metrics()
    metrics.begin_at_zero(["undecodable", "cast"])
    value = metrics.registry.get_sample_value
    assert value("cdc_dead_letters_total", {"reason": "cast"}) == 0
    assert value("cdc_consumer_rebalances_total", {"type": "lost"}) == 0
    assert value("cdc_consumer_commits_total", {"result": "failed"}) == 0


@pytest.mark.parametrize(
    "words", [Endpoint, PushReason, ItemFlaw, PoisonReason, MappingReason, SkipReason]
)
def test_every_word_of_our_own_is_a_label_as_it_is(words: type[StrEnum]) -> None:
    """`other` is for surprises; a known reason under it would be a question nobody can answer."""
    bound = Words()
    assert [bound.bounded(word.value) for word in words] == [word.value for word in words]


def test_the_objective_is_an_exact_bucket_of_the_latency() -> None:
    """A ratio over `le="60"` needs that very bound."""
    assert OBJECTIVES.freshness_seconds in END_TO_END_LATENCY.buckets
    assert all(metric.buckets for metric in CATALOGUE if metric.kind is Kind.HISTOGRAM)


def test_targets_appear_with_their_budget() -> None:
    """Back-pressure is used against limit."""
    filled = lane(target=TargetId("kb"), buffered_bytes=900)
    scraped = Scraped(published(Time(), status(lanes=(filled,))))
    assert scraped.value("cdc_buffered_bytes", target="kb") == 900
    assert scraped.value("cdc_buffer_limit_bytes", target="kb") == 1_000


def test_hazards_are_counted_by_topic_and_kind() -> None:
    """A rule sees them for as long as this run knows of them, from its first scrape on."""
    added = [Hazard(HazardKind.PARTITION_ADDED, "t", f"t/{n}", "", holds=n == 1) for n in range(2)]
    late = Hazard(HazardKind.DELETES_MAY_BE_MISSING, "t", "t", "")
    scraped = Scraped(published(Time(), status(hazards=(*added, late))))
    assert scraped.value("cdc_log_hazards", topic="t", hazard="partition_added") == 2
    assert scraped.value("cdc_log_hazards", topic="t", hazard="deletes_may_be_missing") == 1
    assert scraped.value("cdc_log_hazards", topic="t", hazard="topic_created_anew") is None


def test_of_our_own_topics_every_hazard_is_there_from_the_start() -> None:
    """A panel without a series says nothing; one at 0 says that all is well."""
    scraped = Scraped(published(Time(), status(partition())))
    for kind in HazardKind:
        labels = {"topic": "kb.public.articles", "hazard": kind.value}
        assert scraped.value("cdc_log_hazards", **labels) == 0
