"""What must be known of a partition before its start: asked for all together. Imports the domain.

Three questions however many partitions there are: what is committed, which topics these are, and,
if some have no commit, what the others of their topics have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consumer.domain.errors import CdcError
from consumer.domain.records import TopicPartition
from consumer.kafka.asking import Asking
from consumer.kafka.starts import Committed
from consumer.kafka.topics import Found, Topics, TopicSeen

Commits = Mapping[TopicPartition, Committed | CdcError]
Older = Mapping[TopicPartition, Committed]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a partition; `older` are the others of its topic that have a commit."""

    committed: Committed
    topic: TopicSeen
    older: Older


class Inquiry:
    """Asks for facts."""

    def __init__(self, asking: Asking, topics: Topics, monotonic: Callable[[], float]) -> None:
        """Ask through these."""
        self._asking = asking
        self._topics = topics
        self._monotonic = monotonic

    def facts(
        self, partitions: Sequence[TopicPartition], deadline: float
    ) -> Mapping[TopicPartition, Facts | CdcError]:
        """Return the facts of each, or why they are not known."""
        try:
            committed = self._asking.committed(partitions, deadline)
        except CdcError as error:
            return dict.fromkeys(partitions, error)
        names = {tp.topic for tp in partitions}
        topics = self._topics.look(names, max(0.1, deadline - self._monotonic()))
        older = self._older(committed, topics, deadline)
        return {tp: _fact(tp, committed[tp], topics[tp.topic], older) for tp in partitions}

    def _older(
        self, committed: Commits, topics: Found, deadline: float
    ) -> Mapping[str, Older | CdcError]:
        """Return the commits of whole topics, for those that have partitions without one."""
        new = {tp.topic for tp, each in committed.items() if _is_absent(each)}
        whole = {name: about for name in new if isinstance(about := topics[name], TopicSeen)}
        every = [TopicPartition(name, n) for name in whole for n in range(whole[name].partitions)]
        try:
            others = [tp for tp in every if tp not in committed]
            known = {**committed, **self._asking.committed(others, deadline)}
        except CdcError as error:
            return dict.fromkeys(whole, error)
        return {
            name: _with_commit({tp: known[tp] for tp in every if tp.topic == name}, about)
            for name, about in whole.items()
        }


def _is_absent(committed: Committed | CdcError) -> bool:
    return isinstance(committed, Committed) and committed.next_offset is None


def _with_commit(commits: Commits, topic: TopicSeen) -> Older | CdcError:
    """Return the commits among these that are of this very topic, or why one is not known."""
    older = {}
    for tp, found in commits.items():
        if isinstance(found, CdcError):
            return found
        of_this = topic.topic_id is None or found.note.topic_id in {None, topic.topic_id}
        if found.next_offset is not None and of_this:
            older[tp] = found
    return older


def _fact(
    tp: TopicPartition,
    committed: Committed | CdcError,
    topic: TopicSeen | CdcError,
    older: Mapping[str, Older | CdcError],
) -> Facts | CdcError:
    others = older.get(tp.topic, {}) if _is_absent(committed) else {}
    for each in (committed, topic, others):
        if isinstance(each, CdcError):
            return each
    assert isinstance(committed, Committed)
    assert isinstance(topic, TopicSeen)
    assert not isinstance(others, CdcError)
    return Facts(committed, topic, others)
