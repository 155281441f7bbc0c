"""What the loop tells becomes one line and its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from consumer.domain.assignment import (
    CommitPoint,
    CommitResult,
    Tenure,
)
from consumer.domain.fates import (
    Abandoned,
    Accepted,
    Attempt,
    Batch,
    BatchOperation,
    Blocked,
    Broken,
    Call,
    DeadLetter,
    Fate,
    OffsetRange,
    Outcome,
    Refused,
    RetryLater,
)
from consumer.domain.operations import DocumentId, OperationKind, TargetId
from consumer.domain.records import Offset, Record
from consumer.observe.events import Level
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from consumer.pipeline.tally import Passage, Tally
from consumer.runtime.observer import Observer as ObserverPort
from tests.unit.observe.pictures import TP, status
from tests.unit.observe.watched import Watched

KB = TargetId("kb")
ATTEMPT = Attempt((Call("files", 201, 0.1, 0, "r-1"), Call("batch", 202, 0.2, 0, "r-2")), 345)


def batch() -> Batch:
    """Return two upserts and a delete of one partition."""
    kinds = (OperationKind.UPSERT, OperationKind.DELETE, OperationKind.UPSERT)
    operations = tuple(
        BatchOperation(DocumentId(f"kb://secret-{n}"), kind, b"{}", TP, 1)
        for n, kind in enumerate(kinds)
    )
    return Batch(7, KB, operations, 2, (OffsetRange(TP, Offset(40), Offset(42)),))


def test_it_fits_the_loop_s_port() -> None:
    """The type checker proves it on this line."""
    port: ObserverPort = Watched().observer
    assert port is not None


def test_an_accepted_batch_is_one_line_with_codes_counts_and_offsets() -> None:
    """What support asks for, and nothing of the documents themselves."""
    watched = Watched()
    watched.observer.batch_resolved(batch(), Accepted(7, ATTEMPT))
    (line,) = watched.lines
    assert (line.name, line.level) == ("batch_accepted", Level.INFO)
    assert line.fields["operations"] == {"upsert": 2, "delete": 1}
    assert line.fields["offsets"] == {"kb.public.articles/0": [40, 42]}
    calls = line.fields["calls"]
    assert isinstance(calls, Sequence)
    assert calls[1] == {
        "endpoint": "batch",
        "code": 202,
        "seconds": 0.2,
        "sent_bytes": 0,
        "request_id": "r-2",
    }
    assert "secret" not in repr(line)


@pytest.mark.parametrize(
    ("outcome", "name", "level"),
    [
        (RetryLater(7, ATTEMPT, "throttled", "429"), "batch_retried", Level.WARNING),
        (Refused(7, ATTEMPT, "too_big", "413"), "batch_refused", Level.WARNING),
        (Blocked(7, ATTEMPT, "unauthorized", "401"), "batch_blocked", Level.DEBUG),
        (Abandoned(7, Attempt()), "batch_abandoned", Level.INFO),
        (Broken(7, Attempt(), "KeyError"), "batch_broken", Level.ERROR),
    ],
)
def test_every_outcome_has_its_name_and_level(outcome: Outcome, name: str, level: Level) -> None:
    """Only what an operator must act on is an error, and a blocked target says so itself."""
    watched = Watched()
    watched.observer.batch_resolved(batch(), outcome)
    assert [(line.name, line.level) for line in watched.lines] == [(name, level)]
    ended = name.removeprefix("batch_")
    assert watched.count("cdc_push_batches_total", target="kb", outcome=ended) == 1


def test_calls_are_counted_by_endpoint_and_code() -> None:
    """A call that got no status counts as `transport`, or it would be missing from the share."""
    watched = Watched()
    lost = Attempt((Call("batch", None, 30.0, 0),))
    watched.observer.batch_resolved(batch(), RetryLater(7, lost, "timeout", "no answer"))
    labels = {"target": "kb", "endpoint": "batch", "code": "transport"}
    assert watched.count("cdc_push_requests_total", **labels) == 1
    assert watched.count("cdc_push_retries_total", target="kb", reason="timeout") == 1


def test_a_turn_counts_what_happened_in_it() -> None:
    """Aggregated per turn: a metric costs one update, not one per record."""
    watched = Watched()
    settled = Counter({(Fate.ACCEPTED, ""): 5, (Fate.SKIPPED, "heartbeat"): 1})
    tally = Tally(
        record_bytes=Counter({"t": 900}),
        events=Counter({("t", "update"): 5}),
        settled=settled,
        operations=Counter({(KB, "upsert"): 4}),
        superseded=Counter({KB: 1}),
    )
    watched.observer.turn_ended(status, tally)
    assert watched.count("cdc_record_bytes_consumed_total", topic="t") == 900
    assert watched.count("cdc_events_total", topic="t", event="update") == 5
    assert watched.count("cdc_records_settled_total", fate="accepted", reason="") == 5
    assert watched.count("cdc_records_settled_total", fate="skipped", reason="heartbeat") == 1
    assert watched.count("cdc_push_documents_total", target="kb", operation="upsert") == 4
    assert watched.count("cdc_push_superseded_total", target="kb") == 1


def test_latency_runs_from_the_database_to_acceptance() -> None:
    """A change from the future counts as 0 and as a skew, so that no bucket is wrong."""
    watched = Watched()
    now, ended = watched.time.utc_ms, watched.time.seconds
    passage = Passage(KB, ended, ended, [(now - 2_000, 0, ended), (now + 500, 0, ended)])
    watched.observer.turn_ended(status, Tally(passages=[passage]))
    labels = {"target": "kb", "origin": "stream"}
    assert watched.count("cdc_end_to_end_latency_seconds_sum", **labels) == 2.0
    assert watched.count("cdc_end_to_end_latency_seconds_count", **labels) == 2
    assert watched.count("cdc_clock_skew_total") == 1
    assert watched.board.last_accepted_source_ms == now + 500


def test_the_youngest_accepted_change_never_gets_older() -> None:
    """A snapshot's rows behind it would make fresh data look stale."""
    watched = Watched()
    for source_ms in (5_000, 3_000):
        passage = Passage(KB, 1.0, 1.0, snapshot=[(source_ms, 0, 1.0)])
        watched.observer.turn_ended(status, Tally(passages=[passage]))
    assert watched.board.last_accepted_source_ms == 5_000


def test_the_time_of_a_turn_s_records_is_counted_as_their_mean() -> None:
    """Two looks at the clock a turn, however many records; a turn without records counts none."""
    watched = Watched()
    events = Counter({("t", "update"): 3, ("u", "delete"): 1})
    watched.observer.turn_ended(status, Tally(events=events, taking_in_seconds=0.002))
    watched.observer.turn_ended(status, Tally(taking_in_seconds=0.5))
    name = "cdc_transform_duration_seconds"
    assert watched.count(f"{name}_count") == 4
    assert watched.count(f"{name}_sum") == 0.002
    assert watched.count(f"{name}_bucket", le="0.0005") == 4
    assert watched.count(f"{name}_bucket", le="0.00025") == 0


def test_waits_for_the_quota_are_counted_for_each_batch() -> None:
    """A batch that did not wait counts, too: the share of those that did is what tells."""
    watched = Watched()
    watched.observer.turn_ended(status, Tally(quota_waits_seconds=[0.0, 7.0]))
    name = "cdc_push_limiter_wait_seconds"
    assert (watched.count(f"{name}_count"), watched.count(f"{name}_sum")) == (2, 7.0)
    assert watched.count(f"{name}_bucket", le="0.1") == 1


def test_heartbeats_are_kept_by_topic() -> None:
    """The next turn, with another server's, takes none of them away."""
    watched = Watched()
    watched.observer.turn_ended(status, Tally(heartbeats_ms={"a": 1, "b": 2}))
    watched.observer.turn_ended(status, Tally(heartbeats_ms={"b": 3}))
    assert watched.board.heartbeats_ms == {"a": 1, "b": 3}


def test_a_status_is_drawn_at_most_four_times_a_second() -> None:
    """A status of a thousand partitions costs more than a turn may take."""
    watched = Watched()
    for _ in range(100):
        watched.time.seconds += 0.01
        watched.observer.turn_ended(watched.draw, Tally())
    assert watched.drawn == 4
    assert watched.board.turned_at == watched.time.seconds


def test_a_change_of_state_is_published_with_the_next_turn() -> None:
    """Whoever asks why records wait must not be told an old story."""
    watched = Watched()
    watched.observer.turn_ended(watched.draw, Tally())
    watched.observer.lane_changed(KB, LaneState.BLOCKED, "unauthorized", "the key was refused")
    watched.observer.turn_ended(watched.draw, Tally())
    assert watched.drawn == 2


def test_a_blocked_target_is_an_error_and_its_return_is_news() -> None:
    """One line when someone must act, one when it was enough."""
    watched = Watched()
    watched.observer.lane_changed(KB, LaneState.BLOCKED, "unauthorized", "the key was refused")
    watched.observer.lane_changed(KB, LaneState.READY, "", "")
    names = [(line.name, line.level) for line in watched.lines]
    assert names == [("target_blocked", Level.ERROR), ("target_resumed", Level.INFO)]


@pytest.mark.parametrize("wait", Wait)
def test_every_wait_has_a_level(wait: Wait) -> None:
    """A mapping that does not fit needs a person; a full budget needs patience."""
    watched = Watched()
    watched.observer.wait_changed(TP, wait, "why")
    loud = watched.lines[0].level is Level.ERROR
    assert loud is (wait in {Wait.MAPPING, Wait.DEAD_LETTER})


def test_only_failed_commits_are_told() -> None:
    """A commit that worked is a count, not a line; one without an answer has no duration."""
    watched = Watched()
    point = CommitPoint(Offset(5), Tenure.OPEN)
    watched.observer.committed(
        [CommitResult(TP, point, None), CommitResult(TP, point, "not a member any more")]
    )
    watched.observer.committed([CommitResult(TP, point, None, 0.3)])
    assert [line.name for line in watched.lines] == ["commit_failed"]
    assert watched.count("cdc_consumer_commits_total", result="ok") == 2
    assert watched.count("cdc_consumer_commit_duration_seconds_count") == 1
    assert watched.count("cdc_consumer_commit_duration_seconds_sum") == 0.3
    assert watched.count("cdc_consumer_commits_total", result="failed") == 1


def test_a_commit_that_a_rebalance_refused_is_no_warning() -> None:
    """Each scale-up brings some, and the next commit covers them; it is counted all the same."""
    watched = Watched()
    point = CommitPoint(Offset(5), Tenure.OPEN)
    watched.observer.committed([CommitResult(TP, point, "generation", in_rebalance=True)])
    watched.observer.committed([CommitResult(TP, point, "generation")])
    assert [line.level for line in watched.lines] == [Level.INFO, Level.WARNING]
    assert watched.count("cdc_consumer_commits_total", result="failed") == 2


def test_a_dead_letter_is_told_by_position_never_by_content() -> None:
    """The record may be what the reader of logs must not see."""
    watched = Watched()
    record = Record(TP, Offset(8), 0, b"secret-key", b"secret-value")
    watched.observer.dead_letter_sent(DeadLetter(1, record, "avro_truncated", "ends early"))
    assert watched.lines[0].fields["position"] == "kb.public.articles/0@8"
    assert "secret" not in repr(watched.lines[0])
    assert watched.count("cdc_dead_letters_total", reason="avro_truncated") == 1


@pytest.mark.parametrize(
    ("what", "level"),
    [("assigned", Level.INFO), ("revoked", Level.INFO), ("lost", Level.WARNING)],
)
def test_rebalances_are_told_and_counted(what: str, level: Level) -> None:
    """Partitions lost without notice are the ones that may be pushed twice."""
    watched = Watched()
    watched.observer.partitions_changed(what, [TP])
    assert (watched.lines[0].name, watched.lines[0].level) == (f"partitions_{what}", level)
    assert watched.count("cdc_consumer_rebalances_total", type=what) == 1
