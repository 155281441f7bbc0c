"""The sizes and times of one run, drawn from its seed. Times are virtual seconds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from consumer.domain.operations import DocumentId, SourceKind, TargetId
from consumer.domain.records import TopicPartition
from consumer.pipeline.single import SingleCalls

OPEN: Final = TargetId("open")
VAULT: Final = TargetId("vault")
"""The secured target."""

FEEDS: Final[dict[str, tuple[TargetId, ...]]] = {
    "pages": (OPEN,),
    "files": (VAULT,),
    "posts": (OPEN, VAULT),
}
PARTITIONS: Final = tuple(TopicPartition(topic, n) for topic in FEEDS for n in range(2))
ROWS: Final = ("0", "1", "2", "3", "4", "5", "6", "0/0", "0/1", "1/0")
"""The rows of each partition; `0/1` is below `0`, as an attachment's id is below its page's."""

ATTEMPT_SECONDS: Final = 6.0
"""The absolute deadline of an attempt."""
MAX_EFFECT_SECONDS: Final = 5.0
"""How long after its caller gave up a request may still take effect."""
NOTICE_SECONDS: Final = 4.0
"""How long an expired member may go on before it notices."""
TAKEOVER_SECONDS: Final = NOTICE_SECONDS + ATTEMPT_SECONDS + MAX_EFFECT_SECONDS + 0.001
"""What a new owner has to wait for, then: notice, a whole attempt, its late effect."""
SESSION_SECONDS: Final = 3.0
POLL_SECONDS: Final = 0.8


def document(tp: TopicPartition, row: str) -> DocumentId:
    """Return the id of one row's item."""
    return DocumentId(f"{tp.topic}{tp.partition}/{row}")


def targets_of(topic: str, document_id: str) -> tuple[TargetId, ...]:
    """Return where a row goes: of a topic that feeds two targets some rows feed only one."""
    feeds = FEEDS[topic]
    if len(feeds) == 1:
        return feeds
    return (feeds, feeds[:1], feeds[1:])[int(document_id.rpartition("/")[2]) % 3]


MAX_CONTENTS = 2
"""Contents with containers of their own in one batch: few, so that the bound is met."""

SINGLE_CALLS: Final = SingleCalls(max_bytes=200, max_id_characters=100)
"""What goes without a container where that is on: of windows with one operation not all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of both members."""

    max_operations: int
    max_window_bytes: int
    linger_seconds: float
    budget_bytes: int
    max_poll_records: int
    commit_interval_seconds: float
    revoke_seconds: float
    blocked_retry_seconds: float
    single_calls: bool
    """Whether windows of one operation go by the call for one item."""
    drain_seconds: float
    records_per_second: float
    window_quota: int
    open_kind: SourceKind
    backlog: int
    """Records not committed yet, beyond which nothing more is written."""


def draw(chances: random.Random) -> Plan:
    """Draw a plan: small sizes, so that every bound is met."""
    return Plan(
        max_operations=chances.choice((4, 8, 16)),
        max_window_bytes=chances.choice((500, 900, 1_500)),
        linger_seconds=chances.choice((0.5, 1.0, 2.0)),
        budget_bytes=chances.choice((6_000, 12_000, 24_000)),
        max_poll_records=chances.choice((5, 20, 100)),
        commit_interval_seconds=chances.choice((0.3, 1.0)),
        revoke_seconds=chances.choice((0.5, 1.0, 4.0)),
        blocked_retry_seconds=2.0,
        single_calls=chances.random() < 0.5,
        drain_seconds=chances.choice((3.0, 10.0)),
        records_per_second=chances.choice((3.0, 6.0, 12.0)),
        window_quota=chances.choice((2_000, 8_000)),
        open_kind=chances.choice((*SourceKind,)),
        backlog=chances.choice((60, 200, 500)),
    )
