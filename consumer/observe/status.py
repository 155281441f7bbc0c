"""`/status`: the snapshot as JSON, with what is stuck, why, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final, assert_never

from consumer.domain.hazards import Hazard, HazardKind
from consumer.observe.events import call_fields
from consumer.observe.published import Published, lag_records, ledger_difference
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from consumer.runtime.status import LanePicture, LoopStatus, PartitionPicture


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that keeps records from moving. `runbook` is a heading in docs/runbook.md."""

    what: str
    why: str
    to_do: str
    runbook: str


_LONG_SECONDS: Final = 3_600.0
"""A quota spent for longer is more than pacing: changes of the whole organization wait."""
_NOTHING: Final = "nothing: it goes on by itself"


def to_do_about(wait: Wait) -> str:
    """Return what an operator does about a partition that waits like this."""
    match wait:
        case Wait.BUDGET:
            return "see why its target takes no more; if it never stops, raise the target's budget"
        case Wait.SCHEMA:
            return "make the schema registry reachable and the schema known to it"
        case Wait.OPENING | Wait.LATE_EFFECTS:
            return _NOTHING
        case Wait.MAPPING:
            return "correct the mapping and restart; nothing was committed past this record"
        case Wait.DEAD_LETTER:
            return "do what the reason says: configure dead_letters, or see the runbook"
        case _:
            assert_never(wait)


def troubles(status: LoopStatus, max_in_flight_seconds: float) -> list[Trouble]:
    """Return everything that is stuck; what someone must act on comes first.

    A batch on the wire is, once it has been there for longer than `max_in_flight_seconds`.
    """
    found = [
        *_of_targets(status.lanes),
        *_of_requests(status.lanes, max_in_flight_seconds),
        *_of_partitions(status.partitions),
        *_of_kafka(status),
        *(trouble_of(hazard) for hazard in status.hazards if hazard.holds),
    ]
    if status.quota_due_in_seconds > _LONG_SECONDS:
        why = f"no request may go out for another {status.quota_due_in_seconds / 3_600:.1f} hours"
        to_do = "see what else uses the organization's quota; set a longer linger, or ask for more"
        found.append(Trouble("quota", why, to_do, "quota-spent"))
    if status.dead_letters_trouble is not None:
        to_do = "make the dead-letter topic writable; commits wait until its letters are delivered"
        found.append(
            Trouble("dead letters", status.dead_letters_trouble, to_do, "dead-letters-undelivered")
        )
    if difference := ledger_difference(status):
        why = f"{difference} records polled are accounted for nowhere (INV-4)"
        found.append(Trouble("ledger", why, "report this bug with the log of this run", "ledger"))
    return sorted(found, key=lambda trouble: trouble.to_do == _NOTHING)


def trouble_of(hazard: Hazard) -> Trouble:
    """Return what a hazard is to an operator."""
    match hazard.kind:
        case HazardKind.TOPIC_CREATED_ANEW:
            to_do, runbook = "name the topic that is meant in kafka.topic_ids", "topic-created-anew"
        case HazardKind.OFFSET_OUTSIDE_LOG:
            to_do = "take a new snapshot, and say where to go on: see the runbook"
            runbook = "offset-outside-the-log"
        case HazardKind.PARTITION_ADDED:
            to_do, runbook = _NOTHING, "partition-added"
        case HazardKind.DELETES_MAY_BE_MISSING:
            to_do = "compare the index with the table, or take a snapshot into an empty source"
            runbook = "deletes-may-be-missing"
        case _:
            assert_never(hazard.kind)
    return Trouble(f"log of {hazard.about}", hazard.why, to_do, runbook)


def _of_targets(lanes: tuple[LanePicture, ...]) -> Iterator[Trouble]:
    for lane in lanes:
        match LaneState(lane.state):
            case LaneState.READY:
                continue
            case LaneState.WAITING:
                to_do, runbook = _NOTHING, "target-waiting"
            case LaneState.BLOCKED:
                to_do, runbook = "correct the setting that the message names", "target-blocked"
            case unknown:
                assert_never(unknown)
        yield Trouble(f"target {lane.target}", f"{lane.reason}: {lane.message}", to_do, runbook)


def _of_requests(lanes: tuple[LanePicture, ...], longest_seconds: float) -> Iterator[Trouble]:
    for lane in lanes:
        if lane.in_flight_seconds > longest_seconds:
            why = f"its batch has been on the wire for {lane.in_flight_seconds:.0f} s"
            to_do = "see whether host names are resolved; a restart sends the batch again"
            yield Trouble(f"target {lane.target}", why, to_do, "request-does-not-end")


def _of_kafka(status: LoopStatus) -> Iterator[Trouble]:
    for about, why in status.kafka_troubles.items():
        to_do = "make the brokers reachable, or correct what the message names"
        yield Trouble(f"kafka: {about}", why, to_do, "kafka-does-not-answer")
    for tp, why in status.commit_troubles.items():
        to_do = "mend what the message names; a restart repeats everything since the last commit"
        yield Trouble(f"commit of {tp}", why, to_do, "commits-fail")


def _of_partitions(pictures: tuple[PartitionPicture, ...]) -> Iterator[Trouble]:
    for picture in pictures:
        if picture.wait:
            wait = Wait(picture.wait)
            why = f"{wait.value}: {picture.wait_detail}" if picture.wait_detail else wait.value
            runbook = f"partition-waits-{wait.value.replace('_', '-')}"
            yield Trouble(f"partition {picture.tp}", why, to_do_about(wait), runbook)


def status_document(published: Published, max_in_flight_seconds: float) -> Mapping[str, object]:
    """Return the document of `/status`: offsets as they are, times in seconds."""
    document: dict[str, object] = {
        "state": published.state.value,
        "joined": published.joined,
        "seconds_since_last_turn": round(published.seconds_since_turn(), 3),
        "freshness_seconds": published.freshness_seconds(),
        "versions": dict(published.versions),
        "calls": [call_fields(call) for call in published.calls.all()],
    }
    status = published.status
    if status is None:
        empty = dict.fromkeys(("stuck", "warnings", "targets", "partitions"), ())
        return document | empty | {"records": {}}
    warnings = [trouble_of(hazard) for hazard in status.hazards if not hazard.holds]
    return document | {
        "stuck": [asdict(trouble) for trouble in troubles(status, max_in_flight_seconds)],
        "warnings": [asdict(warning) for warning in warnings],
        "quota_due_in_seconds": round(status.quota_due_in_seconds, 3),
        "targets": [asdict(lane) for lane in status.lanes],
        "partitions": [_partition(picture) for picture in status.partitions],
        "records": _records(status),
    }


def _partition(picture: PartitionPicture) -> dict[str, object]:
    fields = asdict(picture)
    topic, partition = fields.pop("tp")
    return {"topic": topic, "partition": partition, "lag": lag_records(picture), **fields}


def _records(status: LoopStatus) -> dict[str, int]:
    terms = {"open": status.open, "held": status.held, "released": status.released}
    return {"polled": status.polled, **status.fates, **terms} | {
        "unaccounted": ledger_difference(status),
        "dead_letters_open": status.dead_letters_open,
    }
