"""The names that metrics of this kind of program have: each is here, or said to come later.

They are written out, because rules, dashboards and people know them: none may get lost or renamed
unnoticed.
"""

from __future__ import annotations

import re

from consumer.observe.catalogue import CATALOGUE
from consumer.observe.reference import NOT_YET
from tests.docs.pages import first_column, pages, section

USUAL = {
    "gauge": """
        build_info state records_in_flight buffered_bytes buffer_limit_bytes freshness_seconds
        freshness_objective_seconds last_settled_timestamp_seconds
        source_heartbeat_timestamp_seconds consumer_lag_records consumer_committed_offset
        topic_low_watermark topic_high_watermark consumer_assigned_partitions
        consumer_paused_partitions topic_partitions consumer_seconds_since_last_poll
        consumer_max_poll_interval_seconds kafka_stats_age_seconds kafka_brokers
        kafka_broker_rtt_seconds push_limiter_rate_per_second push_circuit_open rebuild_in_progress
        credential_expiry_timestamp_seconds
    """,
    "counter": """
        records_consumed_total record_bytes_consumed_total events_total records_settled_total
        clock_skew_total consumer_rebalances_total consumer_commits_total
        kafka_client_errors_total kafka_throttle_seconds_total push_requests_total
        push_documents_total push_bytes_total push_retries_total dead_letters_total
        dead_letter_failures_total permission_resolution_failures_total
        schema_registry_requests_total rebuild_documents_total credential_reloads_total
        config_reloads_total log_messages_total
    """,
    "histogram": """
        end_to_end_latency_seconds stage_latency_seconds consumer_commit_duration_seconds
        push_request_duration_seconds push_batch_documents push_batch_size_bytes
        push_limiter_wait_seconds transform_duration_seconds
    """,
}
NAMES = {f"cdc_{name}": kind for kind, names in USUAL.items() for name in names.split()}
KINDS = {metric.exposed_name: metric.kind.value for metric in CATALOGUE}


def test_every_usual_name_is_there_or_said_to_come() -> None:
    """Somebody looks for it, and finds a series or an answer."""
    assert set(NAMES) - set(KINDS) == set(NOT_YET)


def test_what_is_there_is_of_the_usual_kind() -> None:
    """A rate of a gauge is nonsense that no query refuses."""
    there = {name: kind for name, kind in KINDS.items() if name in NAMES}
    assert there == {name: NAMES[name] for name in there}


def test_the_page_lists_what_is_not_there_with_what_brings_it() -> None:
    """And says so of nothing that is there."""
    listed = section("docs/metrics.md", "Not there yet")
    assert first_column(listed) == list(NOT_YET)
    assert all(feature in listed for feature in NOT_YET.values())
    table = pages()["docs/metrics.md"].partition("## Not there yet")[0]
    assert set(re.findall(r"^\| `(cdc_\w+)` \|", table, re.MULTILINE)) == set(KINDS)
