"""Where topic and mappings meet: a topic of dead letters must not be one that is read.

Imports the models and `mapping`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from consumer.config.model import Settings
from consumer.domain.problems import Path, spell
from consumer.mapping.prepare import topics_of
from consumer.mapping.problems import BadSpecError, Findings


def check_letter_topic(settings: Settings, found: Findings) -> None:
    """Note whoever reads the topic of dead letters.

    Each letter would be a record that cannot be used, and so a letter again, without end.
    """
    topic = settings.dead_letters.topic if settings.dead_letters else None
    if topic is None:
        return
    place = ("dead_letters", "topic")
    for reader in _readers(settings, topic):
        found.add(
            place,
            f"'{topic}' is read by {spell(reader)}: every letter would come back as a record and "
            "become a letter again; name a topic of its own, or leave it out there",
            *(place, reader),
        )


def _readers(settings: Settings, topic: str) -> Iterator[Path]:
    for at, mapping in enumerate(settings.mappings):
        with suppress(BadSpecError):
            if topics_of(mapping.topics).matches(topic):
                yield "mappings", at, "topics"
    if topic in settings.kafka.heartbeat_topics:
        yield "kafka", "heartbeat_topics", settings.kafka.heartbeat_topics.index(topic)
