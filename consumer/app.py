"""The composition root: builds every object, in the order of the stations.

With `parts`, the only importer of `config.model`.
"""

from __future__ import annotations

import platform
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from consumer import __version__, parts, stations
from consumer.config.load import Loaded
from consumer.config.model import Settings
from consumer.coveo.accounts import call_of
from consumer.coveo.calls import Told
from consumer.coveo.client import CoveoClient
from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.limits import DAY_SECONDS
from consumer.coveo.pacing import Governor
from consumer.coveo.push import run_attempt
from consumer.coveo.results import Done
from consumer.coveo.saying import broken, say
from consumer.coveo.waiting import Backoff
from consumer.decode.decoder import Decoder
from consumer.decode.poison import PoisonReason
from consumer.doctor.findings import Verdict
from consumer.doctor.sources import owner
from consumer.domain.errors import ConfigError, FatalError
from consumer.domain.fates import Batch, Call, Outcome
from consumer.domain.fence import Fence
from consumer.domain.schemas import Denial, SchemaLookup, SchemaRef
from consumer.domain.source_status import StatusCall, StatusTold
from consumer.http.deadline import Deadline
from consumer.kafka import client_version
from consumer.kafka.checkpoint import KafkaCheckpoint
from consumer.kafka.directory_letters import DirectoryDeadLetters
from consumer.kafka.membership import open_membership
from consumer.kafka.positions import open_positions
from consumer.kafka.source import KafkaSource
from consumer.kafka.topic_letters import TopicDeadLetters
from consumer.mapping.compile import CompiledMapping
from consumer.mapping.reasons import Reason as MappingReason
from consumer.observe import catalogue, events
from consumer.observe.client import ClientGauges
from consumer.observe.events import Event
from consumer.observe.gauges import Counted, PublishedGauges
from consumer.observe.logging import adopt_library_lines, open_log
from consumer.observe.metrics import Metrics
from consumer.observe.observer import Observer
from consumer.observe.published import Clocks, Published
from consumer.observe.recent import hearing
from consumer.observe.server import StatusServer
from consumer.pipeline.pipeline import Pipeline
from consumer.registry.cache import SchemaCache
from consumer.registry.remote import RemoteRegistry
from consumer.runtime import lifecycle
from consumer.runtime.clock import SystemClock
from consumer.runtime.loop import Loop
from consumer.runtime.ports import DeadLetters, Ports, SchemaDirectory
from consumer.runtime.workers import WorkerThreads, broken_batch

Log = Callable[[Event], None]
_Pushing = WorkerThreads[Batch, Outcome]
_Saying = WorkerThreads[StatusCall, StatusTold]
_Word = TypeVar("_Word", bound=StrEnum)

_FOREIGN_SECONDS: Final = 5.0
"""Longest time for asking whose the sources are: a platform that is gone delays no start longer."""


class Schemas(SchemaLookup, SchemaDirectory, Protocol):
    """What the decoder looks schemas up in, and the loop asks for more."""


def run(loaded: Loaded, stop: lifecycle.StopRequest) -> None:
    """Run until asked to stop. Raises ConfigError or FatalError, as `lifecycle.run` says."""
    settings, metrics = loaded.settings, Metrics()
    log = open_log(settings.logging.level, sys.stderr, metrics.count_line)
    adopt_library_lines(log)
    log(events.run_started(versions(loaded.mapping)))
    try:
        with _built(loaded, metrics, log) as loop:
            lifecycle.run(loop, stop, SystemClock(), settings.shutdown.drain_seconds)
    except (ConfigError, FatalError) as error:
        log(events.run_failed(str(error)))
        raise
    log(events.run_finished(0))


def versions(mapping: CompiledMapping) -> dict[str, str]:
    """Return what identifies this program in logs, metrics and on `/status`."""
    return {
        "version": __version__,
        "python": platform.python_version(),
        "librdkafka": client_version(),
        "mapping": mapping.fingerprint,
    }


@contextmanager
def _built(loaded: Loaded, metrics: Metrics, log: Log) -> Iterator[Loop]:
    """Build everything, serve status while it runs, and let go of it at the end."""
    settings, clock, fence = loaded.settings, SystemClock(), Fence()
    published = Published(Clocks(clock.monotonic, clock.wall_ms), versions(loaded.mapping))
    metrics.registry.register(PublishedGauges(published, parts.objectives(settings)))
    metrics.begin_at_zero(reason.value for reason in (*PoisonReason, *MappingReason, *ItemFlaw))
    with ExitStack() as stack:
        _serve(settings, published, metrics, stack)
        _refuse_foreign_sources(settings, hearing(log, published.calls))
        schemas = _schemas(settings, metrics, log, stack)
        membership = open_membership(parts.kafka_settings(settings))
        positions = open_positions(membership, parts.kafka_settings(settings))
        translator = stations.translator(loaded, schemas, positions.counts)
        _count_decoding(translator.decoder, metrics)
        pipeline = Pipeline(translator, Backoff(random.random), parts.pipeline_settings(settings))
        client = ClientGauges(membership.arrivals.statistics.latest, published)
        metrics.registry.register(client)
        source = KafkaSource(membership, positions)
        workers, status_calls = _workers(settings, fence, hearing(log, published.calls), stack)
        ports = Ports(
            source=source,
            checkpoint=KafkaCheckpoint(membership),
            dead_letters=_dead_letters(settings, stack),
            workers=workers,
            status_calls=status_calls,
            schemas=schemas,
            governor=_governor(settings, clock),
            clock=clock,
            observer=Observer(log, metrics, published),
        )
        loop = Loop(ports, pipeline, fence, parts.loop_settings(settings))
        subscription = loaded.mapping.subscription
        topics = (*subscription.names, *subscription.patterns, *settings.kafka.heartbeat_topics)
        source.start(topics, loop)
        yield loop


def _count_decoding(decoder: Decoder, metrics: Metrics) -> None:
    """Let what decoding counts be scraped."""
    for metric, counts in (
        (catalogue.VALUES_LOST, lambda: _labelled(decoder.losses())),
        (catalogue.VALUES_DOUBTFUL, lambda: _labelled(decoder.doubts())),
        (catalogue.KEY_CHANGES, decoder.key_changes),
    ):
        metrics.registry.register(Counted(metric, counts))


def _labelled(counts: Mapping[_Word, int]) -> Mapping[tuple[str, ...], int]:
    return {(word.value,): count for word, count in counts.items()}


def _serve(settings: Settings, published: Published, metrics: Metrics, stack: ExitStack) -> None:
    where = parts.server_settings(settings)
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


def _refuse_foreign_sources(settings: Settings, heard: Callable[[Call], None]) -> None:
    """Raise ConfigError for a source that a product of Coveo's feeds: a push would spoil it.

    A platform that does not answer, or not to this key, is no obstacle; `doctor` tells of that.
    """
    key = settings.coveo.secret().reveal
    told = _telling(heard)
    deadline = Deadline.after(_FOREIGN_SECONDS)
    with closing(CoveoClient(parts.client_settings(settings), key, told=told)) as client:
        for target in parts.doctor_wants(settings).targets:
            shown = client.platform.source(target.source_id, deadline)
            found = owner(target, shown.value) if isinstance(shown, Done) else None
            if found is not None and found.verdict is Verdict.ERROR:
                msg = f"targets.{target.name}: {found.message}; {found.to_do}"
                raise ConfigError(msg)


def _telling(heard: Callable[[Call], None]) -> Told:
    return lambda endpoint, reply: heard(call_of(endpoint, reply))


def _schemas(settings: Settings, metrics: Metrics, log: Log, stack: ExitStack) -> Schemas:
    where = parts.registry_settings(settings)
    if where is None:
        return stations.NoSchemas()
    registry = RemoteRegistry(where)
    metrics.registry.register(
        Counted(
            catalogue.SCHEMA_REGISTRY_REQUESTS,
            lambda: {(code,): count for code, count in registry.requests().items()},
        )
    )

    def denied(ref: SchemaRef, denial: Denial) -> None:
        log(events.schema_denied(ref, denial))

    schemas = SchemaCache(where, registry, denied=denied)
    stack.callback(schemas.close)
    return schemas


def _workers(
    settings: Settings, fence: Fence, heard: Callable[[Call], None], stack: ExitStack
) -> tuple[_Pushing, _Saying]:
    """One thread per lane, because each lane has at most one batch in flight; one for statuses."""
    key = settings.coveo.secret().reveal
    client = CoveoClient(parts.client_settings(settings), key, told=_telling(heard))
    stack.callback(client.close)
    seconds = settings.coveo.request_deadline_seconds

    def attempt(batch: Batch, since: float) -> Outcome:
        return run_attempt(batch, fence, client, Deadline(since + seconds))

    def tell(call: StatusCall, since: float) -> StatusTold:
        return say(call, client, Deadline(since + seconds))

    pushing = _Pushing(attempt, broken_batch, len(settings.targets))
    return pushing, _Saying(tell, broken, threads=1)


def _governor(settings: Settings, clock: SystemClock) -> Governor:
    """The part of the UTC day that is over counts as spent: nobody knows what was sent in it."""
    day_elapsed = clock.wall_ms() / 1000 % DAY_SECONDS / DAY_SECONDS
    return Governor(parts.quota(settings), clock.monotonic(), day_elapsed=day_elapsed)


def _dead_letters(settings: Settings, stack: ExitStack) -> DeadLetters | None:
    section = settings.dead_letters
    if section is None:
        return None
    if section.directory is None:
        assert section.topic is not None, "the model takes exactly one of the two"
        return TopicDeadLetters(parts.kafka_settings(settings), section.topic)
    letters = DirectoryDeadLetters(section.directory)
    stack.callback(letters.close)
    return letters
