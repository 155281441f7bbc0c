"""The sections about what lies outside: Kafka and Coveo. Imports pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    Field,
    SecretStr,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
)
from pydantic.json_schema import SkipJsonSchema

from consumer.config.addresses import Address
from consumer.config.base import NonEmpty, PositiveCount, PositiveSeconds, Section
from consumer.config.quotas import BurstQuota, DailyQuota
from consumer.config.secrets import Secret, SecretFile, SecretText
from consumer.domain.errors import ConfigError


class FileReference(Section):
    """A value that is read from a file, so that no secret stands in the configuration."""

    file: Path
    """Path of the file; a relative one starts at the configuration's folder."""


Setting: TypeAlias = StrictStr | StrictBool | StrictInt | StrictFloat | FileReference
PlainSetting: TypeAlias = str | bool | int | float
TopicId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]


def plain_settings(settings: Mapping[str, Setting]) -> dict[str, PlainSetting]:
    """Return settings with the content of their files. Raises ConfigError naming a file."""
    return {name: _plain(value) for name, value in settings.items()}


def readable_settings(settings: Mapping[str, Setting]) -> dict[str, PlainSetting]:
    """Return settings with the content of their files, without those whose file has none."""
    found = dict[str, PlainSetting]()
    for name, value in settings.items():
        with suppress(ConfigError):
            found[name] = _plain(value)
    return found


def _plain(value: Setting) -> PlainSetting:
    return SecretFile(value.file).reveal() if isinstance(value, FileReference) else value


class KafkaSection(Section):
    """Where change events are read from."""

    bootstrap_servers: NonEmpty
    """Brokers to begin with: `host:port`, several with commas."""
    group_id: NonEmpty
    """Consumer group; its committed offsets are all that is kept in Kafka."""
    group_protocol: Literal["classic", "consumer"] = "classic"
    """`classic` works everywhere, cooperatively; `consumer` is KIP-848 and needs Kafka 4."""
    heartbeat_topics: tuple[NonEmpty, ...] = ()
    """Debezium's heartbeat topics (`__debezium-heartbeat.<prefix>`), read beside the mapped ones:
    they tell "no changes" from "Debezium is down"."""
    start: Literal["earliest", "latest"] = "earliest"
    """Where to begin on a topic for which the group has never committed, be it one that appears
    later. Partitions that are added to a topic are always read from their beginning."""
    topic_ids: dict[NonEmpty, TopicId] = Field(default_factory=dict)
    """Which topic is meant, by name: its id, as `kafka-topics.sh --describe` prints it. A topic of
    that name with another id is not read. One that was deleted and created anew is read from its
    beginning once its new id stands here, and not before."""
    poll_seconds: PositiveSeconds = 0.2
    """Longest wait for records in one turn of the loop."""
    max_poll_records: PositiveCount = 500
    """Most records taken in one turn."""
    max_poll_interval_seconds: PositiveSeconds = 300.0
    """A member that does not come back for records within this time is thrown out of the group. A
    fifth of it is what finishing work may take when partitions are taken away."""
    commit_interval_seconds: PositiveSeconds = 5.0
    """How often what is settled is committed; a crash repeats at most this much and what is in
    flight."""
    notice_seconds: Annotated[float, Field(ge=0, le=600)] = 10.0
    """How long a member that was thrown out of the group may go on before it notices: a heartbeat
    interval and a turn of its loop. Whoever takes over waits that long as well."""
    settings: dict[str, Setting] = Field(default_factory=dict)
    """Any librdkafka setting, such as `security.protocol`; a value can be `{file: path}`. Settings
    that would lose records (`enable.auto.commit`, …) are refused with the reason."""


class QuotaSection(Section):
    """How many requests the organization allows."""

    profile: Literal["production", "non_production", "unlimited"] = "production"
    """Coveo's published numbers for the kind of organization: 250 requests in five minutes and
    15,000 a day, or 150 and 10,000; `unlimited` is for a local Push API."""
    requests_per_5_minutes: BurstQuota | None = None
    """Overrides the profile's burst quota; at least 4."""
    requests_per_day: DailyQuota | None = None
    """Overrides the profile's daily quota; at least 10."""


class CoveoSection(Section):
    """Where items are pushed to."""

    organization: NonEmpty
    """Organization id."""
    region: Literal["us", "ca", "eu", "au", "hipaa"] = "us"
    """The organization's primary region."""
    base_url: Address | None = None
    """Another address of the Push API than the region's: a proxy or a local emulator."""
    platform_url: Address | None = None
    """Another address of the platform (sources, fields, limits) than the region's. Without it that
    is `base_url` where one is given, so that the key goes nowhere else."""
    api_key_file: Path | None = None
    """File with the API key; read again when it changes."""
    api_key: SkipJsonSchema[SecretStr | None] = None
    """The API key itself, for local runs: only by the environment, never in the file."""
    request_deadline_seconds: Annotated[float, Field(gt=0, le=3_000)] = 30.0
    """Longest time for one push: its three calls together, and the uploads of contents of 5 MB or
    more. At most 3000, because a file container is gone after an hour."""
    max_effect_seconds: PositiveSeconds = 60.0
    """How long after its beginning a push that got no answer may still take effect. Longer than
    `request_deadline_seconds`; nothing is sent for the same items in the meantime."""
    blocked_retry_seconds: PositiveSeconds = 60.0
    """How often a target that answers 'wrong key' or 'no such source' is tried again."""
    status_quiet_seconds: PositiveSeconds | None = 900.0
    """How long nothing must have been sent to a source until Coveo's console is told that it is
    idle; the next batch opens a new activity there. Each costs one request. `null`: never."""
    quota: QuotaSection = Field(default_factory=QuotaSection)
    """The organization's request quota."""

    def secret(self) -> Secret:
        """Return where the API key comes from."""
        if self.api_key_file is not None:
            return SecretFile(self.api_key_file)
        return SecretText(self.api_key.get_secret_value() if self.api_key else "")
