"""Where topic and mappings meet: a topic of dead letters must not be one that is read.

Imports `mapping`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from consumer.config.document import Tree
from consumer.mapping.prepare import Prepared
from consumer.mapping.problems import Findings, spell


def check_letter_topic(tree: Tree, mappings: Sequence[Prepared], found: Findings) -> None:
    """Note whoever reads the topic of dead letters, also in a configuration wrong elsewhere.

    Each letter would be a record that cannot be used, and so a letter again, without end.
    """
    topic = _below(tree, "dead_letters", "topic")
    if not isinstance(topic, str):
        return
    readers = [spell((*one.path, "topics")) for one in mappings if one.topics.matches(topic)]
    readers.extend(_heartbeats(tree, topic))
    for reader in readers:
        found.add(
            ("dead_letters", "topic"),
            f"'{topic}' is read by {reader}: every letter would come back as a record and become a "
            "letter again; name a topic of its own, or leave it out there",
        )


def _heartbeats(tree: Tree, topic: str) -> Iterator[str]:
    listed = _below(tree, "kafka", "heartbeat_topics")
    if isinstance(listed, list) and topic in listed:
        yield spell(("kafka", "heartbeat_topics", listed.index(topic)))


def _below(tree: Tree, section: str, key: str) -> Tree:
    inside = tree.get(section)
    return inside.get(key) if isinstance(inside, dict) else None
