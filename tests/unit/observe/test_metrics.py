"""What is counted, and how it is exposed."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

import pytest

from consumer.coveo.exchange import Endpoint
from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.verdicts import Reason as PushReason
from consumer.decode.poison import PoisonReason
from consumer.domain.operations import SkipReason, TargetId
from consumer.mapping.reasons import Reason as MappingReason
from consumer.observe import catalogue
from consumer.observe.bulk import BulkHistogram
from consumer.observe.catalogue import CATALOGUE, END_TO_END_LATENCY, Kind
from consumer.observe.gauges import Counted, Objectives, PublishedGauges
from consumer.observe.metrics import Metrics, Words
from consumer.observe.published import Published
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from tests.unit.observe.pictures import Time, lane, partition, published, status

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
    metrics.registry.register(PublishedGauges(published(Time(), status(partition())), OBJECTIVES))
    for metric in (catalogue.VALUES_LOST, catalogue.VALUES_DOUBTFUL, catalogue.KEY_CHANGES):
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


@pytest.mark.parametrize(
    "words", [Endpoint, PushReason, ItemFlaw, PoisonReason, MappingReason, SkipReason]
)
def test_every_word_of_our_own_is_a_label_as_it_is(words: type[StrEnum]) -> None:
    """`other` is for surprises; a known reason under it would be a question nobody can answer."""
    bound = Words()
    assert [bound.bounded(word.value) for word in words] == [word.value for word in words]


def test_bulk_observations_count_like_single_ones() -> None:
    """The bound belongs to its bucket, and buckets are cumulated."""
    histogram = BulkHistogram(END_TO_END_LATENCY)
    histogram.observe_all("kb", [0.5, 1.0, 59.9, 60.0, 60.1, 1e9])
    (family,) = histogram.collect()
    at = {s.labels.get("le", s.name): s.value for s in family.samples}
    assert (at["1.0"], at["30.0"], at["60.0"], at["120.0"]) == (2, 2, 4, 5)
    assert (at["+Inf"], at["cdc_end_to_end_latency_seconds_count"]) == (6, 6)
    assert at["cdc_end_to_end_latency_seconds_sum"] == pytest.approx(1e9 + 181.5)


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
