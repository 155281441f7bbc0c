"""The composition root: builds every object from the configuration, in the order of the stations.

The only importer of `config.model`; every part gets a small settings object of its own.
"""

from __future__ import annotations

import platform
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

import confluent_kafka

from consumer import __version__
from consumer.config.edges import plain_settings
from consumer.config.load import Loaded
from consumer.config.model import Settings
from consumer.coveo.client import ClientSettings, CoveoClient, Region
from consumer.coveo.deadline import Deadline
from consumer.coveo.limits import DAY_SECONDS, NON_PRODUCTION_QUOTA, PRODUCTION_QUOTA
from consumer.coveo.pacing import Governor, Quota
from consumer.coveo.payload import encode
from consumer.coveo.push import run_attempt
from consumer.coveo.targets import TargetTraits
from consumer.coveo.waiting import Backoff
from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import ConfigError, FatalError
from consumer.domain.fates import Batch, Outcome
from consumer.domain.fence import Fence
from consumer.domain.operations import EncodedOperation, Operation, TargetId
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaLookup, SchemaRef, WriterSchema
from consumer.kafka.checkpoint import KafkaCheckpoint
from consumer.kafka.directory_letters import DirectoryDeadLetters
from consumer.kafka.membership import open_membership
from consumer.kafka.positions import ClusterPositions
from consumer.kafka.registry import ConfluentRegistry, RegistrySettings
from consumer.kafka.schemas import SchemaCache
from consumer.kafka.settings import GroupProtocol, KafkaSettings
from consumer.kafka.source import KafkaSource
from consumer.kafka.starts import Start
from consumer.kafka.topic_letters import TopicDeadLetters
from consumer.mapping.compile import CompiledMapping
from consumer.observe import events
from consumer.observe.events import Event
from consumer.observe.gauges import Objectives, PublishedGauges
from consumer.observe.logging import adopt_library_lines, open_log
from consumer.observe.metrics import Metrics
from consumer.observe.observer import Observer
from consumer.observe.published import Clocks, Published
from consumer.observe.server import ServerSettings, StatusServer
from consumer.pipeline.batcher import WindowLimits
from consumer.pipeline.lanes import LaneSettings
from consumer.pipeline.pipeline import Pipeline, PipelineSettings
from consumer.pipeline.settlement import RetrySettings
from consumer.runtime import lifecycle
from consumer.runtime.clock import SystemClock
from consumer.runtime.loop import Loop, LoopSettings, Ports
from consumer.runtime.ports import DeadLetters
from consumer.runtime.translate import RecordTranslator
from consumer.runtime.workers import WorkerThreads
from consumer.state.mirror import NoMirror

_UNLIMITED = (10**9, 10**9)
_QUOTAS = {
    "production": PRODUCTION_QUOTA,
    "non_production": NON_PRODUCTION_QUOTA,
    "unlimited": _UNLIMITED,
}
REVOKE_SHARE = 0.2
"""Part of `max.poll.interval.ms` that a revoke may take (design §3)."""


def run(loaded: Loaded, stop: lifecycle.StopRequest) -> None:
    """Run until asked to stop. Raises ConfigError or FatalError; nothing is committed after it."""
    metrics = Metrics()
    log = open_log(loaded.settings.logging.level, sys.stderr, metrics.count_line)
    adopt_library_lines(log)
    log(events.run_started(versions(loaded.mapping)))
    with ExitStack() as stack:
        try:
            program = stack.enter_context(_built(loaded, metrics, log))
            drain_seconds = loaded.settings.shutdown.drain_seconds
            lifecycle.run(program, stop, SystemClock(), drain_seconds)
        except (ConfigError, FatalError) as error:
            log(events.run_failed(str(error)))
            raise


def versions(mapping: CompiledMapping) -> dict[str, str]:
    """Return what identifies this program in logs, metrics and on `/status`."""
    return {
        "version": __version__,
        "python": platform.python_version(),
        "librdkafka": confluent_kafka.libversion()[0],
        "mapping": mapping.fingerprint,
    }


@contextmanager
def _built(loaded: Loaded, metrics: Metrics, log: Callable[[Event], None]) -> Iterator[Loop]:
    """Build everything, serve status while it runs, and let go of it at the end."""
    settings, clock, fence = loaded.settings, SystemClock(), Fence()
    published = Published(Clocks(clock.monotonic, clock.wall_ms), versions(loaded.mapping))
    objectives = Objectives(settings.objective_seconds, settings.kafka.max_poll_interval_seconds)
    metrics.registry.register(PublishedGauges(published, objectives))
    with ExitStack() as stack:
        _serve(settings, published, metrics, stack)
        client = _client(settings)
        stack.callback(client.close)
        schemas = _schemas(settings)
        stack.callback(schemas.close)
        pipeline = _pipeline(loaded, schemas)
        membership = open_membership(kafka_settings(settings))
        positions = ClusterPositions(membership.consumer, Start(settings.kafka.start))
        source = KafkaSource(membership, positions)
        ports = Ports(
            source=source,
            checkpoint=KafkaCheckpoint(membership),
            dead_letters=_dead_letters(settings, stack),
            workers=_workers(settings, client, fence),
            schemas=schemas,
            governor=_governor(settings, clock),
            clock=clock,
            observer=Observer(log, metrics, published),
        )
        loop = Loop(ports, pipeline, fence, loop_settings(settings))
        subscription = loaded.mapping.subscription
        topics = (*subscription.names, *subscription.patterns, *settings.kafka.heartbeat_topics)
        source.start(topics, loop)
        yield loop


def _serve(settings: Settings, published: Published, metrics: Metrics, stack: ExitStack) -> None:
    where = ServerSettings(
        settings.server.host,
        settings.server.port,
        # A revoke may block a turn for its share of the poll interval; nothing else may.
        max_turn_age_seconds=2 * REVOKE_SHARE * settings.kafka.max_poll_interval_seconds,
    )
    try:
        server = StatusServer(where, published, metrics.registry)
    except OSError as error:
        msg = (
            f"server: cannot listen on {where.host}:{where.port}: {error.strerror}; "
            "choose another 'server.port'"
        )
        raise ConfigError(msg) from error
    server.start()
    stack.callback(server.stop)


def kafka_settings(settings: Settings) -> KafkaSettings:
    """Return what the Kafka edge needs to know. Raises ConfigError naming a secret's file."""
    section = settings.kafka
    return KafkaSettings(
        bootstrap_servers=section.bootstrap_servers,
        group_id=section.group_id,
        group_protocol=GroupProtocol(section.group_protocol),
        start=Start(section.start),
        max_poll_interval_ms=int(section.max_poll_interval_seconds * 1000),
        options=plain_settings(section.settings),
    )


def loop_settings(settings: Settings) -> LoopSettings:
    """Return the loop's times."""
    kafka = settings.kafka
    return LoopSettings(
        poll_seconds=kafka.poll_seconds,
        max_poll_records=kafka.max_poll_records,
        commit_interval_seconds=kafka.commit_interval_seconds,
        revoke_seconds=REVOKE_SHARE * kafka.max_poll_interval_seconds,
        max_effect_seconds=settings.coveo.max_effect_seconds,
        catch_up_idle_seconds=kafka.catch_up_idle_seconds,
    )


def translator(loaded: Loaded, schemas: SchemaLookup) -> RecordTranslator:
    """Return stations 4 to 6, without anything that connects: `explain` uses them alone."""
    decode = loaded.settings.decode
    traits = {
        TargetId(name): TargetTraits(TargetId(name), target.source, target.secured)
        for name, target in loaded.settings.targets.items()
    }

    def encode_for_target(operation: Operation) -> EncodedOperation:
        return encode(operation, traits[operation.target])

    decoder = Decoder(
        schemas,
        DecodeSettings(
            unavailable_marker=decode.unavailable_marker,
            max_payload_bytes=decode.max_payload_bytes,
        ),
    )
    return RecordTranslator(decoder, NoMirror(), loaded.mapping, encode_for_target)


def schemas_of(settings: Settings, records: Iterable[Record]) -> list[WriterSchema]:
    """Return the schemas that these records name, from the registry, each once.

    Raises RetryableError, ConfigError or PoisonError if one cannot be had.
    """
    registry = ConfluentRegistry(registry_settings(settings))
    decoder = Decoder(NoSchemas(), DecodeSettings())
    refs = dict.fromkeys(ref for record in records for ref in decoder.missing_schemas(record))
    return [registry.fetch(ref) for ref in refs]


class NoSchemas:
    """A lookup that has none: whoever asks learns which ones a record needs."""

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return nothing."""
        del ref
        return None


def _pipeline(loaded: Loaded, schemas: SchemaLookup) -> Pipeline:
    settings = loaded.settings
    windows = settings.windows
    limits = WindowLimits(windows.max_operations, windows.max_bytes, windows.linger_seconds)
    lanes = tuple(
        LaneSettings(TargetId(name), limits, target.secured)
        for name, target in settings.targets.items()
    )
    return Pipeline(
        translator(loaded, schemas),
        Backoff(random.random),
        PipelineSettings(
            lanes=lanes,
            budget_bytes_per_target=settings.budgets.total_bytes // len(lanes),
            retry=RetrySettings(
                settings.coveo.max_effect_seconds, settings.coveo.blocked_retry_seconds
            ),
            dead_letters=settings.dead_letters is not None,
        ),
    )


def _client(settings: Settings) -> CoveoClient:
    coveo = settings.coveo
    return CoveoClient(
        ClientSettings(
            coveo.organization,
            coveo.base_url or Region(coveo.region).base_url,
            {TargetId(name): target.source for name, target in settings.targets.items()},
            max_connections=len(settings.targets),
        ),
        coveo.secret().reveal,
    )


def _workers(settings: Settings, client: CoveoClient, fence: Fence) -> WorkerThreads:
    """One thread per lane, because each lane has at most one batch in flight."""
    seconds = settings.coveo.request_deadline_seconds

    def attempt(batch: Batch) -> Outcome:
        return run_attempt(batch, fence, client, Deadline.after(seconds))

    return WorkerThreads(attempt, len(settings.targets))


def _governor(settings: Settings, clock: SystemClock) -> Governor:
    section = settings.coveo.quota
    per_window, per_day = _QUOTAS[section.profile]
    quota = Quota(section.requests_per_5_minutes or per_window, section.requests_per_day or per_day)
    day_elapsed = clock.wall_ms() / 1000 % DAY_SECONDS / DAY_SECONDS
    return Governor(quota, clock.monotonic(), day_elapsed=day_elapsed)


def _schemas(settings: Settings) -> SchemaCache:
    return SchemaCache(registry_settings(settings))


def registry_settings(settings: Settings) -> RegistrySettings:
    """Return how to reach the registry. Raises ConfigError naming a secret's file."""
    section = settings.schema_registry
    return RegistrySettings(section.url, plain_settings(section.settings), section.cache_directory)


def _dead_letters(settings: Settings, stack: ExitStack) -> DeadLetters | None:
    section = settings.dead_letters
    if section is None:
        return None
    if section.directory is None:
        assert section.topic is not None, "the model takes exactly one of the two"
        return TopicDeadLetters(kafka_settings(settings), section.topic)
    letters = DirectoryDeadLetters(section.directory)
    stack.callback(letters.close)
    return letters
