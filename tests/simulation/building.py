"""Composes one member: the real loop, pipeline, governor and back-off on simulated ports."""

from __future__ import annotations

from dataclasses import dataclass

from consumer.coveo.pacing import Governor as RealGovernor
from consumer.coveo.pacing import Quota
from consumer.coveo.partial import joined
from consumer.coveo.waiting import Backoff
from consumer.domain.fence import Fence
from consumer.domain.operations import SourceKind
from consumer.pipeline.batcher import WindowLimits
from consumer.pipeline.lanes import LaneSettings
from consumer.pipeline.pipeline import Pipeline, PipelineSettings
from consumer.pipeline.settlement import RetrySettings
from consumer.runtime.loop import Loop, LoopSettings
from consumer.runtime.ports import Ports
from tests.simulation.keepers import SimLetters, SimSchemas
from tests.simulation.observer import SimObserver
from tests.simulation.plan import (
    MAX_CONTENTS,
    MAX_EFFECT_SECONDS,
    OPEN,
    POLL_SECONDS,
    SINGLE_CALLS,
    TAKEOVER_SECONDS,
    VAULT,
    Plan,
)
from tests.simulation.ports import SimCheckpoint, SimClock, SimSource
from tests.simulation.saying import SimStatusCalls
from tests.simulation.surroundings import Surroundings
from tests.simulation.translator import SimTranslator
from tests.simulation.workers import SimWorkers
from tests.simulation.world import World

_NO_DAILY_LIMIT = 10_000_000
_QUIET_SECONDS = 20.0


class SimGovernor:
    """The real governor under the loop's port; counts waits."""

    def __init__(self, world: World, quota: Quota) -> None:
        """Start with a full window."""
        self._world = world
        self._real = RealGovernor(quota, world.now)

    def due(self, now: float, requests: int) -> float:
        """Return when so many requests may go out."""
        at = self._real.due(now, requests)
        if at > now:
            self._world.seen.met("quota_waited")
        return at

    def spend(self, now: float, requests: int) -> None:
        """Count requests."""
        self._real.spend(now, requests)

    def throttled(self, until: float) -> None:
        """Obey Retry-After."""
        self._real.throttled(until)

    def rate_per_second(self, now: float) -> float:
        """Return the rate."""
        return self._real.rate_per_second(now)


@dataclass(frozen=True, slots=True)
class Kit:
    """The simulated ports of one member."""

    fence: Fence
    source: SimSource
    checkpoint: SimCheckpoint
    letters: SimLetters
    schemas: SimSchemas
    workers: SimWorkers
    status_calls: SimStatusCalls
    observer: SimObserver


def build_kit(name: str, around: Surroundings) -> Kit:
    """Return new ports."""
    fence = Fence()
    source = SimSource(name, around.cluster, around.log, around.checks)
    return Kit(
        fence=fence,
        source=source,
        checkpoint=SimCheckpoint(source, around.cluster, around.checks),
        letters=SimLetters(around.world, around.log, source.tenures),
        schemas=SimSchemas(around.world, lambda: around.registry_down),
        workers=SimWorkers(around.world, around.wire, name, fence),
        status_calls=SimStatusCalls(around.world),
        observer=SimObserver(around.world, name),
    )


def build_loop(name: str, around: Surroundings, kit: Kit) -> Loop:
    """Return the real loop on these ports."""
    plan, world = around.plan, around.world
    translator = SimTranslator(
        plan.open_kind,
        around.switches,
        kit.schemas.have,
        lambda tp: kit.source.tenures[tp].number,
        lambda target, document_id: around.api.last_refused(name, target, document_id),
    )
    backoff = Backoff(world.chances.random, base_seconds=0.5, cap_seconds=4.0)
    ports = Ports(
        source=kit.source,
        checkpoint=kit.checkpoint,
        dead_letters=kit.letters,
        workers=kit.workers,
        status_calls=kit.status_calls,
        schemas=kit.schemas,
        governor=SimGovernor(world, Quota(plan.window_quota, _NO_DAILY_LIMIT)),
        clock=SimClock(world),
        observer=kit.observer,
    )
    pipeline = Pipeline(translator, backoff, _pipeline_settings(plan))
    return Loop(ports, pipeline, kit.fence, _loop_settings(plan))


def _pipeline_settings(plan: Plan) -> PipelineSettings:
    limits = WindowLimits(
        plan.max_operations, plan.max_window_bytes, plan.linger_seconds, MAX_CONTENTS
    )
    single = SINGLE_CALLS if plan.single_calls else None
    return PipelineSettings(
        lanes=(
            LaneSettings(
                OPEN,
                limits,
                secured=False,
                kind=plan.open_kind,
                join=joined,
                single_calls=single if plan.open_kind is SourceKind.PUSH else None,
            ),
            LaneSettings(VAULT, limits, secured=True, single_calls=single),
        ),
        budget_bytes_per_target=plan.budget_bytes,
        retry=RetrySettings(MAX_EFFECT_SECONDS, plan.blocked_retry_seconds),
        dead_letters=True,
    )


def _loop_settings(plan: Plan) -> LoopSettings:
    return LoopSettings(
        poll_seconds=POLL_SECONDS,
        max_poll_records=plan.max_poll_records,
        commit_interval_seconds=plan.commit_interval_seconds,
        revoke_seconds=plan.revoke_seconds,
        takeover_seconds=TAKEOVER_SECONDS,
        quiet_seconds=_QUIET_SECONDS,
    )
