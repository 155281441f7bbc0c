"""The configuration, cut up: for each part of the program its own small settings object.

With `app`, the only importer of `config.model`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from consumer.config.edges import FileReference, plain_settings, readable_settings
from consumer.config.model import Settings
from consumer.config.registry import SchemaRegistrySection, TlsSection
from consumer.config.secrets import SecretFile
from consumer.coveo.client import ClientSettings
from consumer.coveo.limits import (
    MAX_CONTENTS_PER_BATCH,
    MAX_SINGLE_CALL_BYTES,
    MAX_SINGLE_CALL_ID_CHARACTERS,
    NON_PRODUCTION_QUOTA,
    PRODUCTION_QUOTA,
)
from consumer.coveo.pacing import Quota
from consumer.coveo.partial import joined
from consumer.coveo.regions import Region
from consumer.coveo.targets import TargetTraits
from consumer.decode.settings import DecodeSettings, Framing, Wire
from consumer.doctor.sent import wanted_fields
from consumer.doctor.wants import WantedTarget, Wants
from consumer.domain.errors import ConfigError
from consumer.domain.operations import SourceKind, TargetId
from consumer.domain.problems import Problem
from consumer.domain.schemas import IdSpace
from consumer.kafka import settings as kafka_edge
from consumer.kafka.options import Option
from consumer.kafka.settings import GroupProtocol, KafkaSettings
from consumer.kafka.starts import Start
from consumer.observe.gauges import Objectives
from consumer.observe.server import ServerSettings
from consumer.pipeline.batcher import WindowLimits
from consumer.pipeline.lanes import LaneSettings
from consumer.pipeline.pipeline import PipelineSettings
from consumer.pipeline.settlement import RetrySettings
from consumer.pipeline.single import SingleCalls
from consumer.registry import tls
from consumer.registry.settings import (
    Api,
    Basic,
    Bearer,
    Credentials,
    OAuth,
    RegistrySettings,
    Reveal,
    Tls,
    api_of,
)
from consumer.runtime.loop import LoopSettings

REVOKE_SHARE = 0.2
"""Part of `max.poll.interval.ms` that a revoke may take (design §3)."""

_QUOTAS = {
    "production": PRODUCTION_QUOTA,
    "non_production": NON_PRODUCTION_QUOTA,
    "unlimited": (10**9, 10**9),
}


def kafka_settings(settings: Settings) -> KafkaSettings:
    """Return what the Kafka edge needs to know. Raises ConfigError naming a secret's file."""
    return _kafka_settings(settings, plain_settings(settings.kafka.settings))


def edge_problems(settings: Settings) -> Iterator[Problem]:
    """Yield what the edges object to, without connecting to anything."""
    yield from kafka_problems(settings)
    yield from registry_problems(settings)


def kafka_problems(settings: Settings) -> Iterator[Problem]:
    """Yield what the Kafka edge objects to; a secret without its file is reported by itself."""
    yield from kafka_edge.problems(
        _kafka_settings(settings, readable_settings(settings.kafka.settings))
    )


def _kafka_settings(settings: Settings, options: Mapping[str, Option]) -> KafkaSettings:
    section = settings.kafka
    return KafkaSettings(
        bootstrap_servers=section.bootstrap_servers,
        group_id=section.group_id,
        group_protocol=GroupProtocol(section.group_protocol),
        start=Start(section.start),
        max_poll_interval_ms=int(section.max_poll_interval_seconds * 1000),
        topic_ids=section.topic_ids,
        options=options,
    )


def registry_settings(settings: Settings) -> RegistrySettings | None:
    """Return how to reach the registry, if there is one; secrets are read when needed."""
    section = settings.schema_registry
    if section.url is None:
        return None
    return RegistrySettings(
        url=section.url,
        api=None if section.api == "auto" else Api(section.api),
        context=section.context,
        credentials=_credentials(section),
        tls=_tls(section.tls),
        headers={name: _revealed(value) for name, value in section.headers.items()},
        cache_directory=section.cache_directory,
        deadline_seconds=section.deadline_seconds,
    )


def _credentials(section: SchemaRegistrySection) -> Credentials | None:
    if section.basic is not None:
        password = SecretFile(section.basic.password_file)
        return Basic(section.basic.username, password.reveal)
    if section.bearer_token_file is not None:
        return Bearer(SecretFile(section.bearer_token_file).reveal)
    if section.oauth is not None:
        oauth = section.oauth
        secret = SecretFile(oauth.client_secret_file)
        return OAuth(oauth.token_url, oauth.client_id, secret.reveal, oauth.scope, oauth.ca_file)
    return None


def _tls(section: TlsSection) -> Tls:
    password = section.key_password_file
    reveal = None if password is None else SecretFile(password).reveal
    return Tls(section.ca_file, section.certificate_file, section.key_file, reveal)


def _revealed(value: str | FileReference) -> Reveal:
    return SecretFile(value.file).reveal if isinstance(value, FileReference) else lambda: value


def registry_problems(settings: Settings) -> Iterator[Problem]:
    """Yield what the registry's edge objects to: addresses, and TLS files that do not fit."""
    registry = registry_settings(settings)
    if registry is None:
        return
    url, api, context, tls_section = (
        ("schema_registry", key) for key in ("url", "api", "context", "tls")
    )
    if len({registry.api or api_of(each) for each in registry.urls}) > 1:
        yield Problem(url, "its addresses speak different APIs: give one kind only", (url, api))
    elif registry.context and registry.speaks is not Api.CONFLUENT:
        message = "only Confluent's API has contexts: leave it out"
        yield Problem(context, message, (url, api, context))
    try:
        tls.context(registry.tls)
    except ConfigError as error:
        message = str(error).removeprefix("schema_registry.tls: ")
        rests_on = tuple((*tls_section, key) for key in TlsSection.model_fields)
        yield Problem(tls_section, message, rests_on)


def decode_settings(settings: Settings) -> DecodeSettings:
    """Return the decoder's framing, marker and bounds."""
    section = settings.schema_registry
    ids = section.payload_ids
    topics = (name for mapping in settings.mappings for name in mapping.topics.names or ())
    return DecodeSettings(
        wire=Wire(Framing(section.framing), None if ids == "auto" else IdSpace(ids)),
        unavailable_marker=settings.decode.unavailable_marker,
        max_payload_bytes=settings.decode.max_payload_bytes,
        mapped_topics=frozenset(topics) if section.check_names else None,
        has_registry=section.url is not None,
    )


def traits(settings: Settings) -> dict[TargetId, TargetTraits]:
    """Return what encoding must know of each target."""
    return {
        TargetId(name): TargetTraits(TargetId(name), target.source.id, target.secured, target.kind)
        for name, target in settings.targets.items()
    }


def pipeline_settings(settings: Settings) -> PipelineSettings:
    """Return lanes, budgets and what to do with poison."""
    windows = settings.windows
    limits = WindowLimits(
        windows.max_operations,
        windows.max_bytes,
        windows.linger_seconds,
        MAX_CONTENTS_PER_BATCH,
    )
    single = SingleCalls(MAX_SINGLE_CALL_BYTES, MAX_SINGLE_CALL_ID_CHARACTERS)
    lanes = tuple(
        LaneSettings(
            TargetId(name),
            limits,
            target.secured,
            target.kind,
            joined,
            single if target.single_item_calls else None,
        )
        for name, target in settings.targets.items()
    )
    coveo = settings.coveo
    return PipelineSettings(
        lanes=lanes,
        budget_bytes_per_target=settings.budgets.total_bytes // len(lanes),
        retry=RetrySettings(coveo.max_effect_seconds, coveo.blocked_retry_seconds),
        dead_letters=settings.dead_letters is not None,
    )


def loop_settings(settings: Settings) -> LoopSettings:
    """Return the loop's times."""
    kafka = settings.kafka
    return LoopSettings(
        poll_seconds=kafka.poll_seconds,
        max_poll_records=kafka.max_poll_records,
        commit_interval_seconds=kafka.commit_interval_seconds,
        revoke_seconds=REVOKE_SHARE * kafka.max_poll_interval_seconds,
        takeover_seconds=kafka.notice_seconds + settings.coveo.max_effect_seconds,
        quiet_seconds=settings.coveo.status_quiet_seconds,
    )


def client_settings(settings: Settings) -> ClientSettings:
    """Return where to push: one connection per lane is enough, and one for statuses."""
    coveo, region = settings.coveo, Region(settings.coveo.region)
    return ClientSettings(
        coveo.organization,
        coveo.base_url or region.push_url,
        {TargetId(name): target.source.id for name, target in settings.targets.items()},
        max_connections=len(settings.targets) + 1,
        platform_url=coveo.platform_url or coveo.base_url or region.platform_url,
    )


def quota(settings: Settings) -> Quota:
    """Return the request quota: the profile's, but for what is set by itself."""
    section = settings.coveo.quota
    per_window, per_day = _QUOTAS[section.profile]
    return Quota(section.requests_per_5_minutes or per_window, section.requests_per_day or per_day)


def doctor_wants(settings: Settings) -> Wants:
    """Return what Coveo must look like for this configuration to work."""
    client, allowed = client_settings(settings), quota(settings)
    return Wants(
        organization=client.organization,
        platform_url=client.addresses.platform_url,
        push_url=client.push_url,
        targets=tuple(_wanted_target(name, settings) for name in settings.targets),
        fields=wanted_fields(settings.mappings),
        requests_per_5_minutes=allowed.requests_per_window,
        requests_per_day=allowed.requests_per_day,
    )


def _wanted_target(name: str, settings: Settings) -> WantedTarget:
    target = settings.targets[name]
    granted = [
        grant.provider
        for mapping in settings.mappings
        if mapping.target == name and mapping.permissions is not None
        for grant in (*mapping.permissions.allowed, *mapping.permissions.denied)
    ]
    return WantedTarget(
        name,
        target.source.id,
        target.secured,
        catalog=target.kind is SourceKind.CATALOG,
        providers=frozenset(provider for provider in granted if provider is not None),
        default_provider=None in granted,
    )


def server_settings(settings: Settings) -> ServerSettings:
    """Return where status is served. Only a revoke may block a turn, for its share."""
    return ServerSettings(
        settings.server.host,
        settings.server.port,
        max_turn_age_seconds=2 * REVOKE_SHARE * settings.kafka.max_poll_interval_seconds,
        max_in_flight_seconds=2 * settings.coveo.request_deadline_seconds,
    )


def objectives(settings: Settings) -> Objectives:
    """Return the figures that rules compare with."""
    return Objectives(settings.objective_seconds, settings.kafka.max_poll_interval_seconds)
