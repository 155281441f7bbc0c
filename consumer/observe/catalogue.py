"""Every metric, once: name, kind, labels, meaning. Code, tests and docs read this list.

Names follow `<prefix>_<noun>_<unit>`; every label is a closed or bounded set. Pure data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PREFIX: Final = "cdc_"


class Kind(StrEnum):
    """Prometheus types."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric family. A counter's name is written without its `_total`."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()

    @property
    def exposed_name(self) -> str:
        """Return the name that a query uses."""
        return self.name + ("_total" if self.kind is Kind.COUNTER else "")


_ALL: list[Metric] = []


def _counter(name: str, text: str, *labels: str) -> Metric:
    return _listed(Metric(PREFIX + name, Kind.COUNTER, labels, text))


def _gauge(name: str, text: str, *labels: str) -> Metric:
    return _listed(Metric(PREFIX + name, Kind.GAUGE, labels, text))


def _histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Metric:
    return _listed(Metric(PREFIX + name, Kind.HISTOGRAM, labels, text, buckets))


def _listed(metric: Metric) -> Metric:
    _ALL.append(metric)
    return metric


# --- the program ---
BUILD = _gauge(
    "build_info", "Always 1; its labels say what runs.", "version", "python", "librdkafka"
)
STATE = _gauge("state", "1 for the state the program is in.", "state")
LOG_MESSAGES = _counter("log_messages", "Lines logged.", "level")

# --- records and their fates ---
RECORDS_CONSUMED = _counter("records_consumed", "Records polled from Kafka.", "topic")
RECORD_BYTES_CONSUMED = _counter(
    "record_bytes_consumed", "Accounted bytes of the records taken in.", "topic"
)
EVENTS = _counter("events", "Records taken in, by what they tell.", "topic", "event")
RECORDS_SETTLED = _counter(
    "records_settled", "Records that got their fate; `reason` where it has one.", "fate", "reason"
)
RECORDS_IN_FLIGHT = _gauge("records_in_flight", "Records polled that have no fate yet.")
RECORDS_HELD = _gauge(
    "records_held", "Of these, records held back in front of the pipeline.", "wait"
)
RECORDS_RELEASED = _counter(
    "records_released", "Records given back without a fate because their partition was revoked."
)
LEDGER_DIFFERENCE = _gauge(
    "ledger_difference_records",
    "Polled - fates - in flight - released (INV-4): anything but 0 is a bug.",
)
LAST_SETTLED = _gauge("last_settled_timestamp_seconds", "When a record last got its fate.")

# --- time ---
FRESHNESS = _gauge(
    "freshness_seconds",
    "Age of the oldest source change that Coveo has not accepted; 0 without a backlog.",
)
FRESHNESS_OBJECTIVE = _gauge("freshness_objective_seconds", "The configured objective for it.")
END_TO_END_LATENCY = _histogram(
    "end_to_end_latency_seconds",
    "From the commit in the database to Coveo's acceptance; `origin` is `stream` or `snapshot`.",
    (1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600, 14_400, 86_400),
    "target",
    "origin",
)
STAGE_LATENCY = _histogram(
    "stage_latency_seconds",
    "The same in its parts, which add up to it: `source_to_log`, `log_to_consumer` (until it is"
    " taken in), `consumer_to_request` (until the attempt that was accepted), `request`.",
    (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400),
    "target",
    "stage",
)
TRANSFORM_DURATION = _histogram(
    "transform_duration_seconds",
    "Decoding, mapping and encoding one record; each turn counts its records with their mean.",
    (1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 5e-3, 2.5e-2, 0.1, 1),
)
SOURCE_REPLAYS = _counter(
    "source_replays", "Parts of its stream that a connector sent again, as after a crash.", "topic"
)
SOURCE_REPLAYED_RECORDS = _counter(
    "source_replayed_records", "Changes in them; all are applied again, in order.", "topic"
)
CLOCK_SKEW = _counter("clock_skew", "Changes that came from the future; their latency counts as 0.")
SOURCE_HEARTBEAT = _gauge(
    "source_heartbeat_timestamp_seconds",
    "When Debezium last gave a sign of life: tells an idle database from a dead connector.",
    "server",
)

# --- Kafka ---
LAG = _gauge(
    "consumer_lag_records", "High watermark - next offset to commit.", "topic", "partition"
)
COMMITTED_OFFSET = _gauge(
    "consumer_committed_offset", "Next offset known to be durable.", "topic", "partition"
)
LOW_WATERMARK = _gauge(
    "topic_low_watermark", "Begin of the partition as last heard.", "topic", "partition"
)
HIGH_WATERMARK = _gauge(
    "topic_high_watermark", "End of the partition as last heard.", "topic", "partition"
)
ASSIGNED_PARTITIONS = _gauge("consumer_assigned_partitions", "Partitions owned.", "topic")
PAUSED_PARTITIONS = _gauge(
    "consumer_paused_partitions", "Of these, partitions that are not read now.", "topic"
)
TOPIC_PARTITIONS = _gauge(
    "topic_partitions", "Partitions of a topic of which we own at least one.", "topic"
)
REBALANCES = _counter("consumer_rebalances", "Assignments that came or went.", "type")
PARTITIONS_BEGUN = _counter(
    "consumer_partitions_begun", "Partitions that had no commit when they were taken over.", "topic"
)
LOG_HAZARDS = _gauge(
    "log_hazards",
    "What is or may be wrong with logs, as found out in this run; `hazard` is its event's name.",
    "topic",
    "hazard",
)
COMMITS = _counter("consumer_commits", "Commits of one partition's offset.", "result")
COMMIT_DURATION = _histogram(
    "consumer_commit_duration_seconds",
    "From sending a partition's commit to its answer.",
    (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60),
)
SINCE_LAST_POLL = _gauge(
    "consumer_seconds_since_last_poll", "Age of the loop's last turn; a stuck loop shows here."
)
MAX_POLL_INTERVAL = _gauge(
    "consumer_max_poll_interval_seconds", "After this long without a turn the group expels us."
)

# --- the Kafka client, as its statistics tell it ---
KAFKA_STATS_AGE = _gauge(
    "kafka_stats_age_seconds",
    "Age of the client's last statistics, which are behind the next three and topic_partitions.",
)
KAFKA_BROKERS = _gauge(
    "kafka_brokers", "Brokers of the cluster, by the state of our connection.", "state"
)
KAFKA_BROKER_RTT = _gauge(
    "kafka_broker_rtt_seconds",
    "99th percentile of a broker's answers; a fetch may wait for `fetch.wait.max.ms`.",
    "node",
)
KAFKA_THROTTLE = _counter(
    "kafka_throttle_seconds", "For how long brokers held requests back, all of them added up."
)
KAFKA_CLIENT_ERRORS = _counter(
    "kafka_client_errors", "Troubles of the client and of what it reads.", "code"
)
SCHEMA_REGISTRY_REQUESTS = _counter(
    "schema_registry_requests",
    "Questions to the registry; `code` is the answer's status, or `transport`.",
    "code",
)

# --- pushing ---
PUSH_REQUESTS = _counter(
    "push_requests",
    "HTTP calls; `code` is the status, or `transport`.",
    "target",
    "endpoint",
    "code",
)
PUSH_REQUEST_DURATION = _histogram(
    "push_request_duration_seconds",
    "Duration of these calls.",
    (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    "endpoint",
)
PUSH_BYTES = _counter("push_bytes", "Bytes sent.", "endpoint")
PUSH_DOCUMENTS = _counter("push_documents", "Operations accepted by Coveo.", "target", "operation")
PUSH_SUPERSEDED = _counter(
    "push_superseded", "Operations that a newer one replaced before they were sent.", "target"
)
PUSH_BATCHES = _counter("push_batches", "Attempts by how they ended.", "target", "outcome")
PUSH_BATCH_DOCUMENTS = _histogram(
    "push_batch_documents",
    "Operations in an accepted batch.",
    (1, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000),
    "target",
)
PUSH_BATCH_SIZE = _histogram(
    "push_batch_size_bytes",
    "Body of an accepted batch; the API's limit is 256 MB.",
    (1e3, 1e4, 1e5, 1e6, 5e6, 2.5e7, 1e8, 2.56e8),
    "target",
)
PUSH_RETRIES = _counter("push_retries", "Attempts that will be repeated.", "target", "reason")
PUSH_LIMITER_WAIT = _histogram(
    "push_limiter_wait_seconds",
    "For how long the quota alone kept a batch that was ready.",
    (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400),
)
PUSH_LIMITER_RATE = _gauge(
    "push_limiter_rate_per_second",
    "Calls of the Push API that the quota allows in the long run; 0 until a Retry-After is over.",
)
TARGET_STATE = _gauge("target_state", "1 for the state the target is in.", "target", "state")
LANE_OPERATIONS = _gauge("lane_operations", "Operations in the open window.", "target")
LANE_BATCHES = _gauge(
    "lane_sealed_batches", "Sealed batches that wait, the one in flight not counted.", "target"
)
LANE_IN_FLIGHT = _gauge("lane_in_flight_operations", "Operations on the wire.", "target")
BUFFERED_BYTES = _gauge("buffered_bytes", "Bytes admitted for the target, not settled.", "target")
BUFFER_LIMIT = _gauge("buffer_limit_bytes", "The budget for them.", "target")

# --- dead letters and what is lost in reading ---
DEAD_LETTERS = _counter("dead_letters", "Records set aside.", "reason")
DEAD_LETTER_FAILURES = _counter("dead_letter_failures", "Tries to write a dead letter that failed.")
VALUES_LOST = _counter(
    "values_lost",
    "Column values that became null because nothing can hold them (NaN, infinity, year 10000), and "
    "arrays of nulls only, which nested arrays arrive as.",
    "reason",
)
VALUES_DOUBTFUL = _counter(
    "values_doubtful",
    "Values of mapped columns that may not be the row's: a `default` may stand for null, a null "
    "for a value that was `left_out` or is `rarely_left_out`.",
    "kind",
)
KEY_CHANGES = _counter(
    "key_changes",
    "Halves of primary-key changes: deletes (`newkey`) and creates (`oldkey`), by whether the "
    "header tells the other key: `read`, `unknown`, `implausible`.",
    "header",
    "other_key",
)
DEAD_LETTERS_OPEN = _gauge("dead_letters_open", "Records set aside, not yet delivered there.")
DEAD_LETTERS_STUCK = _gauge(
    "dead_letters_undeliverable", "1 while dead letters cannot be written: commits wait for them."
)

CATALOGUE: Final[tuple[Metric, ...]] = tuple(_ALL)
