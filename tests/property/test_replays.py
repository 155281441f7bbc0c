"""Repetitions are found, and nothing else, whatever transactions run side by side.

The stream is made as PostgreSQL's is: transactions write side by side and are told in the order of
their commits, so that LSNs alone go up and down. A connector that is killed goes back in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from consumer.decode.envelope import source_info
from consumer.domain.records import Offset, TopicPartition
from consumer.pipeline.replays import Replays

PARTITIONS = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A row's change as the connector tells it. `number` tells it from all others."""

    number: int
    key: int
    source: dict[str, object]


writes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=80)
"""Which of four sessions writes which key next; every third write of a session commits."""
kills = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=3)
"""Where the connector is killed and how far it goes back, as parts of what was told so far."""


def told(story: list[tuple[int, int]]) -> list[Change]:
    """Return the stream without any crash: by commits, within one by LSN.

    The rows of the first transaction behind a snapshot know no commit before them.
    """
    open_rows: dict[int, list[tuple[int, int]]] = {}
    stream: list[Change] = []
    last_commit: int | None = None
    for lsn, (session, key) in enumerate(story, start=101):
        rows = open_rows.setdefault(session, [])
        rows.append((2 * lsn, key))
        if len(rows) == 3:
            for at, row_key in open_rows.pop(session):
                stream.append(Change(len(stream), row_key, _source(last_commit, at, lsn)))
            last_commit = 2 * lsn + 1
    return stream


def _source(last_commit: int | None, lsn: int, second: int) -> dict[str, object]:
    return {
        "connector": "postgresql",
        "name": "kb",
        "snapshot": "false",
        "sequence": json.dumps(
            [None if last_commit is None else str(last_commit), str(lsn)], separators=(",", ":")
        ),
        "ts_ms": second // 7 * 1_000,  # many commits in the same second
    }


def with_crashes(stream: list[Change], crashes: list[tuple[float, float]]) -> list[Change]:
    """Return what is in the topic if the connector is killed and goes back each time."""
    written: list[Change] = []
    position = 0
    for until, back in sorted(crashes):
        stop = max(position, int(until * len(stream)))
        written += stream[position:stop]
        position = stop - int(back * stop)
    return written + stream[position:]


def judged(written: list[Change]) -> list[tuple[Change, bool, bool]]:
    """Return each change with whether it came before in its partition, and what was found out."""
    replays, seen = Replays(), set[int]()
    result = []
    for offset, change in enumerate(written):
        tp = TopicPartition("rows", change.key % PARTITIONS)
        info = source_info(change.source)
        assert info.position is not None
        found = replays.is_repeated(tp, Offset(offset), info.position, info.ts_ms)
        result.append((change, change.number in seen, found))
        seen.add(change.number)
    return result


@given(writes)
def test_interleaved_transactions_alone_raise_no_alarm(story: list[tuple[int, int]]) -> None:
    """LSNs go back all the time; a warning that cries wolf is switched off."""
    assert not any(found for _, _, found in judged(told(story)))


@given(writes, kills)
def test_what_is_found_came_before_and_what_came_before_is_found(
    story: list[tuple[int, int]], crashes: list[tuple[float, float]]
) -> None:
    """But for the very last change of a partition if it comes again alone: its place is the newest.

    Every place is of one row here, so nothing but that one can be missed.
    """
    written = with_crashes(told(story), crashes)
    alone: dict[int, int] = {}
    for change, came_before, found in judged(written):
        partition = change.key % PARTITIONS
        if found or not came_before:
            assert found == came_before
        else:
            assert alone.get(partition) == change.number
        alone[partition] = max(alone.get(partition, 0), change.number)
