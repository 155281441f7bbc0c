"""What to do about a Kafka error code: one total table, one translation.

May import the domain and `confluent_kafka`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from consumer.domain.errors import CdcError, ConfigError, FatalError, RetryableError

OFFSET_CODES: Final = frozenset(
    {
        KafkaError._AUTO_OFFSET_RESET,  # noqa: SLF001 - librdkafka's own codes have such names
        KafkaError.OFFSET_OUT_OF_RANGE,
        KafkaError._LOG_TRUNCATION,  # noqa: SLF001
    }
)
"""The next offset to read is not in the log."""

END_OF_LOG: Final = KafkaError._PARTITION_EOF  # noqa: SLF001


class Verdict(StrEnum):
    """What a code asks for."""

    BENIGN = "benign"
    """Nothing is wrong: go on."""
    RETRY = "retry"
    """Passing, or the other side's: librdkafka or we try again; shown while it lasts."""
    CONFIG = "config"
    """Someone must change a setting, a right, a topic or an offset."""
    FATAL = "fatal"
    """The client, or our use of it, is beyond repair: stop."""


_BENIGN: Final = (
    ("the end of a partition is not an error", ("_PARTITION_EOF",)),
    ("a success", ("NO_ERROR", "_NOOP")),
    ("a commit with nothing to commit", ("_NO_OFFSET",)),
    ("notices about a rebalance, which reaches us as a callback",
     ("_ASSIGN_PARTITIONS", "_REVOKE_PARTITIONS", "_ASSIGNMENT_LOST")),
)  # fmt: skip

_RETRY: Final = (
    ("the network or a broker is away; librdkafka reconnects by itself",
     ("_TRANSPORT", "_RESOLVE", "_ALL_BROKERS_DOWN", "_TIMED_OUT", "_TIMED_OUT_QUEUE",
      "_MSG_TIMED_OUT", "_DESTROY_BROKER", "_UNKNOWN_BROKER", "_NODE_UPDATE", "_INTR",
      "NETWORK_EXCEPTION", "REQUEST_TIMED_OUT", "BROKER_NOT_AVAILABLE", "REBOOTSTRAP_REQUIRED",
      "STALE_BROKER_EPOCH")),
    ("leadership or the coordinator is moving; metadata is being refreshed",
     ("_WAIT_COORD", "_WAIT_CACHE", "_OUTDATED", "_RETRY", "_IN_PROGRESS", "_PREV_IN_PROGRESS",
      "_CONFLICT", "LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION", "REPLICA_NOT_AVAILABLE",
      "COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR",
      "NOT_CONTROLLER", "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH", "OFFSET_NOT_AVAILABLE",
      "LISTENER_NOT_FOUND", "PREFERRED_LEADER_NOT_AVAILABLE", "ELIGIBLE_LEADERS_NOT_AVAILABLE",
      "ELECTION_NOT_NEEDED", "REASSIGNMENT_IN_PROGRESS", "NO_REASSIGNMENT_IN_PROGRESS",
      "UNKNOWN_TOPIC_ID", "INCONSISTENT_TOPIC_ID", "STALE_CTRL_EPOCH")),
    ("the group is changing; we rejoin, and what is lost is told by a callback",
     ("_MAX_POLL_EXCEEDED", "REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID",
      "MEMBER_ID_REQUIRED", "FENCED_MEMBER_EPOCH", "STALE_MEMBER_EPOCH", "GROUP_MAX_SIZE_REACHED",
      "UNRELEASED_INSTANCE_ID", "GROUP_ID_NOT_FOUND", "NON_EMPTY_GROUP", "_UNKNOWN_GROUP")),
    ("a transaction's offsets are not settled yet",
     ("UNSTABLE_OFFSET_COMMIT", "CONCURRENT_TRANSACTIONS", "TRANSACTION_ABORTABLE",
      "PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH", "INVALID_TXN_STATE", "UNKNOWN_PRODUCER_ID",
      "INVALID_PRODUCER_ID_MAPPING", "OUT_OF_ORDER_SEQUENCE_NUMBER", "DUPLICATE_SEQUENCE_NUMBER",
      "TRANSACTION_COORDINATOR_FENCED", "_GAPLESS_GUARANTEE")),
    ("the cluster is short of replicas, disk or quota",
     ("NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "_ISR_INSUFF",
      "KAFKA_STORAGE_ERROR", "LOG_DIR_NOT_FOUND", "THROTTLING_QUOTA_EXCEEDED", "UNKNOWN")),
    ("a fetched batch or an answer was damaged; it is fetched again",
     ("_BAD_MSG", "_BAD_COMPRESSION", "_UNDERFLOW", "_PARTIAL", "INVALID_MSG", "INVALID_MSG_SIZE",
      "FETCH_SESSION_ID_NOT_FOUND", "INVALID_FETCH_SESSION_EPOCH",
      "INVALID_RECORD", "INVALID_TIMESTAMP")),
    ("a queue of the client is full or was purged; what it held is sent again",
     ("_QUEUE_FULL", "_PURGE_QUEUE", "_PURGE_INFLIGHT")),
    ("cannot happen to a consumer or a producer of ours: administration and other group kinds",
     ("TOPIC_ALREADY_EXISTS", "INVALID_PARTITIONS", "INVALID_REPLICATION_FACTOR",
      "INVALID_REPLICA_ASSIGNMENT", "INVALID_REQUEST", "POLICY_VIOLATION", "DUPLICATE_RESOURCE",
      "RESOURCE_NOT_FOUND", "DELEGATION_TOKEN_NOT_FOUND", "DELEGATION_TOKEN_OWNER_MISMATCH",
      "OPERATION_NOT_ATTEMPTED", "TOPIC_DELETION_DISABLED", "GROUP_SUBSCRIBED_TO_TOPIC",
      "INCONSISTENT_VOTER_SET", "INVALID_UPDATE_VERSION", "FEATURE_UPDATE_FAILED",
      "PRINCIPAL_DESERIALIZATION_FAILURE", "UNKNOWN_CONTROLLER_ID", "INVALID_RECORD_STATE",
      "INVALID_SHARE_SESSION_EPOCH", "SHARE_SESSION_LIMIT_REACHED", "SHARE_SESSION_NOT_FOUND",
      "FENCED_STATE_EPOCH", "DUPLICATE_VOTER", "VOTER_NOT_FOUND", "INVALID_REGISTRATION",
      "INVALID_VOTER_KEY", "UNKNOWN_SUBSCRIPTION_ID", "TELEMETRY_TOO_LARGE",
      "STREAMS_INVALID_TOPOLOGY", "STREAMS_INVALID_TOPOLOGY_EPOCH", "STREAMS_TOPOLOGY_FENCED",
      "MISMATCHED_ENDPOINT_TYPE", "UNSUPPORTED_ENDPOINT_TYPE")),
)  # fmt: skip

_CONFIG: Final = (
    ("the topic or partition does not exist, or we may not see it",
     ("UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION", "TOPIC_EXCEPTION")),
    ("a right is missing",
     ("TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED",
      "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "DELEGATION_TOKEN_AUTHORIZATION_FAILED")),
    ("the credentials or certificates are wrong",
     ("_AUTHENTICATION", "_SSL", "SASL_AUTHENTICATION_FAILED", "UNSUPPORTED_SASL_MECHANISM",
      "ILLEGAL_SASL_STATE", "SECURITY_DISABLED", "UNACCEPTABLE_CREDENTIAL",
      "DELEGATION_TOKEN_EXPIRED", "DELEGATION_TOKEN_AUTH_DISABLED",
      "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", "INVALID_PRINCIPAL_TYPE")),
    ("the offset to read is not in the log: it must never be guessed",
     ("_AUTO_OFFSET_RESET", "OFFSET_OUT_OF_RANGE", "_LOG_TRUNCATION")),
    ("the members of the group or the broker do not agree with a setting",
     ("INCONSISTENT_GROUP_PROTOCOL", "INVALID_SESSION_TIMEOUT", "INVALID_GROUP_ID",
      "UNSUPPORTED_ASSIGNOR", "INVALID_REGULAR_EXPRESSION", "_INCONSISTENT",
      "INVALID_CONFIG", "UNSUPPORTED_VERSION", "UNSUPPORTED_FOR_MESSAGE_FORMAT",
      "UNSUPPORTED_COMPRESSION_TYPE", "_UNSUPPORTED_FEATURE", "_NOT_CONFIGURED",
      "INVALID_COMMIT_OFFSET_SIZE", "OFFSET_METADATA_TOO_LARGE", "INVALID_REQUIRED_ACKS",
      "INVALID_TRANSACTION_TIMEOUT")),
    ("the record is larger than the topic or the client allows",
     ("MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE")),
)  # fmt: skip

_FATAL: Final = (
    ("librdkafka gave up", ("_FATAL", "_CRIT_SYS_RESOURCE", "_FAIL", "_FS", "_DESTROY")),
    ("another process runs under our static member id", ("_FENCED", "FENCED_INSTANCE_ID")),
    ("we use the client wrongly",
     ("_STATE", "_INVALID_ARG", "_INVALID_TYPE", "_NOT_IMPLEMENTED", "_NOENT", "_READ_ONLY",
      "_EXISTING_SUBSCRIPTION", "_UNKNOWN_PROTOCOL", "_APPLICATION", "_INVALID_DIFFERENT_RECORD",
      "_KEY_SERIALIZATION", "_VALUE_SERIALIZATION", "_KEY_DESERIALIZATION",
      "_VALUE_DESERIALIZATION")),
)  # fmt: skip

TABLE: Final = {
    name: (verdict, reason)
    for verdict, rows in (
        (Verdict.BENIGN, _BENIGN),
        (Verdict.RETRY, _RETRY),
        (Verdict.CONFIG, _CONFIG),
        (Verdict.FATAL, _FATAL),
    )
    for reason, names in rows
    for name in names
}
"""Code name → (verdict, reason). A test holds it against every code that the client knows."""

_UNLISTED: Final = (Verdict.RETRY, "a code that this version does not know; nothing is lost by it")


_BETWEEN_GENERATIONS: Final = frozenset(
    {"REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "STALE_MEMBER_EPOCH"}
)


def verdict_of(error: KafkaError) -> tuple[Verdict, str]:
    """Return what to do about `error` and why. Total: what librdkafka calls fatal always is."""
    if error.fatal():
        return Verdict.FATAL, "librdkafka calls it fatal"
    return TABLE.get(error.name(), _UNLISTED)


def translate(error: KafkaError, doing: str) -> CdcError | None:
    """Return our error for `error`, met while `doing`; `None` if nothing is wrong."""
    verdict, reason = verdict_of(error)
    message = f"{doing}: {error.name()}: {error.str()} ({reason})"
    match verdict:
        case Verdict.BENIGN:
            return None
        case Verdict.RETRY:
            return RetryableError(message)
        case Verdict.CONFIG:
            return ConfigError(message)
        case Verdict.FATAL:
            return FatalError(message)


def waiting(error: KafkaError, doing: str) -> CdcError:
    """Return our error, one that waits: even what someone must mend is asked for again."""
    match translate(error, doing):
        case None:
            return RetryableError(doing)
        case ConfigError() as refusal:
            return RetryableError(str(refusal))
        case other:
            return other


def passes(error: KafkaError) -> bool:
    """Return whether the same may be asked again at once."""
    return verdict_of(error)[0] in {Verdict.RETRY, Verdict.BENIGN}


def tells_of_rebalance(error: KafkaError) -> bool:
    """Return whether a commit came between two generations of the group, as any rebalance brings.

    Being unknown or fenced is not meant: a member that was thrown out must be heard of.
    """
    return error.name() in _BETWEEN_GENERATIONS


def error_in(exception: KafkaException) -> KafkaError:
    """Return the error that a KafkaException carries."""
    first = exception.args[0] if exception.args else None
    return first if isinstance(first, KafkaError) else KafkaError(KafkaError._FAIL, str(exception))  # noqa: SLF001 - librdkafka's local codes are public under such names
