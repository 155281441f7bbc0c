"""Internal events as log lines: one function per event gives its name, level and fields.

Names are `noun_verbed`. Fields carry positions, counts, codes, sizes and request ids; never keys,
document ids, column values, bodies, tokens or upload URIs. Pure; imports the domain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import assert_never

from consumer.domain.assignment import Assigned, CommitResult
from consumer.domain.fates import (
    Abandoned,
    Accepted,
    Batch,
    Blocked,
    Broken,
    Call,
    DeadLetter,
    Outcome,
    Refused,
    RetryLater,
)
from consumer.domain.hazards import Hazard, HazardKind
from consumer.domain.operations import TargetId
from consumer.domain.records import TopicPartition
from consumer.domain.schemas import Denial, SchemaRef
from consumer.domain.source_status import StatusTold
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from consumer.pipeline.replays import Replay


class Level(StrEnum):
    """How loud; an operator must act on an error, and only then."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log."""

    name: str
    level: Level
    fields: Mapping[str, object] = field(default_factory=dict)


_LEVEL_OF_WAIT: Mapping[Wait, Level] = {
    Wait.BUDGET: Level.DEBUG,
    Wait.OPENING: Level.DEBUG,
    Wait.LATE_EFFECTS: Level.INFO,
    Wait.SCHEMA: Level.INFO,
    Wait.MAPPING: Level.ERROR,
    Wait.DEAD_LETTER: Level.ERROR,
}


def outcome_name(outcome: Outcome) -> str:
    """Return the outcome's word in logs and labels."""
    match outcome:
        case Accepted():
            return "accepted"
        case RetryLater():
            return "retried"
        case Refused():
            return "refused"
        case Blocked():
            return "blocked"
        case Abandoned():
            return "abandoned"
        case Broken():
            return "broken"
        case _:
            assert_never(outcome)


def batch_resolved(batch: Batch, outcome: Outcome) -> Event:
    """Return the one line of an attempt's end."""
    fields: dict[str, object] = {
        "batch": batch.batch_id,
        "target": batch.target,
        "attempt": batch.attempt,
        "operations": dict(Counter(operation.kind.value for operation in batch.operations)),
        "body_bytes": outcome.attempt.body_bytes,
        "seconds": round(sum(call.seconds for call in outcome.attempt.calls), 3),
        "calls": [call_fields(call) for call in outcome.attempt.calls],
        "offsets": {str(each.tp): [each.first, each.last] for each in batch.ranges},
    }
    level, more = _how_it_ended(outcome)
    return Event(f"batch_{outcome_name(outcome)}", level, fields | more)


def _how_it_ended(outcome: Outcome) -> tuple[Level, dict[str, object]]:
    match outcome:
        case Accepted():
            return Level.INFO, {"cut": len(outcome.cut)} if outcome.cut else {}
        case RetryLater():
            return Level.WARNING, {
                "reason": outcome.reason,
                "message": outcome.message,
                "retry_after_seconds": outcome.retry_after_seconds,
                "ambiguous": outcome.ambiguous,
            }
        case Refused():
            return Level.WARNING, {"reason": outcome.reason, "message": outcome.message}
        case Blocked():  # the target's own line says it once
            return Level.DEBUG, {"reason": outcome.reason, "message": outcome.message}
        case Abandoned():
            return Level.INFO, {}
        case Broken():
            return Level.ERROR, {"message": outcome.message}
        case _:
            assert_never(outcome)


def call_made(call: Call) -> Event:
    """Return the line of one call that is no step of an attempt."""
    return Event("call_made", Level.INFO, call_fields(call))


def call_fields(call: Call) -> dict[str, object]:
    """Return what is said of a call: nothing of it is data or a credential."""
    said: dict[str, object] = {
        "endpoint": call.endpoint,
        "code": call.code,
        "seconds": round(call.seconds, 3),
        "sent_bytes": call.sent_bytes,
        "request_id": call.request_id,
        "error_code": call.error_code,
        "at": None if call.at_ms is None else _utc(call.at_ms),
        "method": call.method,
        "path": call.path,
        "file_id": call.file_id,
        "ordering_id": call.ordering_id,
        "service_date": call.service_date,
        "retry_after": call.retry_after,
    }
    return {name: value for name, value in said.items() if value is not None}


def _utc(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status_told(told: StatusTold) -> Event:
    """Return the line that says what Coveo's console shows of a source, or why it does not."""
    fields: dict[str, object] = {
        "target": told.asked.target,
        "status": told.asked.status.value,
        "calls": [] if told.call is None else [call_fields(told.call)],
    }
    if told.error is None:
        return Event("source_status_told", Level.INFO, fields)
    return Event("source_status_refused", Level.WARNING, fields | {"message": told.error})


def lane_changed(target: TargetId, state: LaneState, reason: str, message: str) -> Event:
    """Return the line that says that a target waits, is blocked, or goes on."""
    match state:
        case LaneState.READY:
            return Event("target_resumed", Level.INFO, {"target": target})
        case LaneState.WAITING:
            name, level = "target_waiting", Level.WARNING
        case LaneState.BLOCKED:
            name, level = "target_blocked", Level.ERROR
        case _:
            assert_never(state)
    return Event(name, level, {"target": target, "reason": reason, "message": message})


def partitions_changed(what: str, tps: Sequence[TopicPartition]) -> Event:
    """Return the line that says what was `assigned`, `revoked` or `lost`."""
    level = Level.WARNING if what == "lost" else Level.INFO
    return Event(f"partitions_{what}", level, {"partitions": [str(tp) for tp in tps]})


def partitions_begun(begun: Sequence[Assigned], *, group_is_new: bool) -> Event:
    """Return the line of partitions that had no commit: where reading began, and of which topics.

    In a group that has commits already, that can be a new table, or a topic created anew.
    """
    fields = {
        "starts": {str(each.tp): each.next_offset for each in begun},
        "topic_ids": {each.tp.topic: each.incarnation.topic_id for each in begun},
    }
    return Event("partitions_begun", Level.INFO if group_is_new else Level.WARNING, fields)


_LEVEL_OF_HAZARD: Mapping[HazardKind, Level] = {
    HazardKind.TOPIC_CREATED_ANEW: Level.ERROR,
    HazardKind.OFFSET_OUTSIDE_LOG: Level.ERROR,
    HazardKind.PARTITION_ADDED: Level.WARNING,
    HazardKind.DELETES_MAY_BE_MISSING: Level.WARNING,
}


def hazard_found(hazard: Hazard) -> Event:
    """Return the line of what is or may be wrong with a log."""
    fields = {"topic": hazard.topic, "about": hazard.about, "message": hazard.why}
    return Event(hazard.kind.value, _LEVEL_OF_HAZARD[hazard.kind], fields)


def wait_changed(tp: TopicPartition, wait: Wait | None, detail: str) -> Event:
    """Return the line that says why a partition holds its records back, or that it goes on."""
    if wait is None:
        return Event("partition_resumed", Level.DEBUG, {"partition": str(tp)})
    fields = {"partition": str(tp), "wait": wait.value, "detail": detail}
    return Event("partition_held", _LEVEL_OF_WAIT[wait], fields)


def commit_failed(result: CommitResult) -> Event:
    """Return the line of a commit that is not durable; the next one covers it."""
    fields = {
        "partition": str(result.tp),
        "next_offset": result.point.next_offset,
        "tenure": result.point.tenure.value,
        "error": result.error,
    }
    level = Level.INFO if result.in_rebalance else Level.WARNING
    return Event("commit_failed", level, fields)


def dead_letter_sent(letter: DeadLetter) -> Event:
    """Return the line of a record that is set aside: where it lies and why, nothing of it."""
    fields = {
        "position": str(letter.record.position),
        "reason": letter.reason,
        "message": letter.message,
    }
    return Event("record_dead_lettered", Level.WARNING, fields)


def schema_denied(ref: SchemaRef, denial: Denial) -> Event:
    """Return the line of a schema on the disk that the registry does not have, or no more."""
    match denial:
        case Denial.REPLACED:
            name, level = "schema_replaced", Level.ERROR
        case Denial.WITHDRAWN:
            name, level = "schema_withdrawn", Level.ERROR
        case _:
            assert_never(denial)
    message = (
        "the registry does not have what the disk has of it; records may have been decoded by the"
        " wrong one of the two: see 'A schema was replaced' in the runbook"
    )
    return Event(name, level, {"schema": ref, "message": message})


def source_replayed(replay: Replay) -> Event:
    """Return the line of a part of a stream that a connector sends again, with its coordinates."""
    fields = {
        "partition": str(replay.tp),
        "first_offset": replay.first_offset,
        "source": list(replay.position.log),
        "from": list(replay.position.place),
        "up_to": list(replay.newest),
    }
    return Event("source_replayed", Level.WARNING, fields)


def state_changed(state: str) -> Event:
    """Return the line that says that the loop runs, drains or has stopped."""
    return Event("state_changed", Level.INFO, {"state": state})


def run_started(versions: Mapping[str, str]) -> Event:
    """Return the first line of a run."""
    return Event("run_started", Level.INFO, dict(versions))


def run_finished(exit_code: int) -> Event:
    """Return the last line of a run."""
    return Event("run_finished", Level.INFO, {"exit_code": exit_code})


def run_failed(message: str) -> Event:
    """Return the line of what the run cannot go on with: nothing more is committed."""
    return Event("run_failed", Level.ERROR, {"message": message})
