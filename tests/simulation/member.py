"""One member: the real loop on simulated ports, its turns, its crashes, its standstills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from consumer.coveo.pacing import Governor as RealGovernor
from consumer.coveo.pacing import Quota
from consumer.coveo.waiting import Backoff
from consumer.domain.fates import Batch
from consumer.domain.fence import Fence
from consumer.domain.records import TopicPartition
from consumer.pipeline.batcher import WindowLimits
from consumer.pipeline.lanes import LaneSettings
from consumer.pipeline.pipeline import Pipeline, PipelineSettings
from consumer.pipeline.settlement import RetrySettings
from consumer.runtime.loop import Loop, LoopSettings, Ports
from tests.simulation.api import PushApi
from tests.simulation.checks import Checks, Effect
from tests.simulation.cluster import Cluster
from tests.simulation.log import Log
from tests.simulation.observer import SimObserver, Totals
from tests.simulation.plan import (
    MAX_EFFECT_SECONDS,
    OPEN,
    POLL_SECONDS,
    TAKEOVER_SECONDS,
    VAULT,
    Plan,
)
from tests.simulation.ports import SimCheckpoint, SimClock, SimLetters, SimSchemas, SimSource
from tests.simulation.probe import probe
from tests.simulation.story import Violation
from tests.simulation.translator import SimTranslator, Switches
from tests.simulation.wire import Wire
from tests.simulation.workers import SimWorkers
from tests.simulation.world import World


class Crashed(BaseException):
    """The member is gone while it was waiting inside a step; nothing may catch this."""


@dataclass(slots=True, eq=False)
class Surroundings:
    """Everything that members share."""

    world: World
    plan: Plan
    log: Log
    cluster: Cluster
    checks: Checks
    api: PushApi
    wire: Wire
    switches: Switches
    members: dict[str, Member] = field(default_factory=dict)
    registry_down: bool = False
    mutate: Callable[[Loop], None] | None = None


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


class Member:
    """One process: built anew at each start, with nothing kept from before."""

    def __init__(self, name: str, around: Surroundings) -> None:
        """Build the loop and join; the first turn comes in a moment."""
        self.name = name
        self.around = around
        self.world = around.world
        self.dead = False
        self.busy = False
        self.frozen = False
        self.draining_until: float | None = None
        self._turn_number = 0
        self.fence = Fence()
        self.source = SimSource(name, around.cluster, around.log, around.checks)
        self.checkpoint = SimCheckpoint(self.source, around.cluster, around.checks)
        self.letters = SimLetters(self.world, around.log, self.source.tenures)
        self.schemas = SimSchemas(self.world, lambda: around.registry_down)
        self.workers = SimWorkers(self.world, around.wire, name, self.fence)
        self.observer = SimObserver(self.world, name)
        self.loop = self._build()
        self._connect()
        if around.mutate is not None:
            around.mutate(self.loop)
        self.source.start(self.loop)
        self._turn_soon(0.05)

    # --- building

    def _build(self) -> Loop:
        plan, world = self.around.plan, self.world
        limits = WindowLimits(plan.max_operations, plan.max_window_bytes, plan.linger_seconds)
        settings = PipelineSettings(
            lanes=(
                LaneSettings(OPEN, limits, secured=False),
                LaneSettings(VAULT, limits, secured=True),
            ),
            budget_bytes_per_target=plan.budget_bytes,
            retry=RetrySettings(MAX_EFFECT_SECONDS, plan.blocked_retry_seconds),
            dead_letters=True,
        )
        api = self.around.api
        translator = SimTranslator(
            self.around.switches,
            self.schemas.have,
            lambda tp: self.source.tenures[tp].number,
            lambda target, document_id: api.last_refused(self.name, target, document_id),
        )
        pipeline = Pipeline(translator, Backoff(world.chances.random, base_seconds=0.5, cap_seconds=4.0), settings)
        ports = Ports(
            source=self.source,
            checkpoint=self.checkpoint,
            dead_letters=self.letters,
            workers=self.workers,
            schemas=self.schemas,
            governor=SimGovernor(world, Quota(plan.window_quota, 10_000_000)),
            clock=SimClock(world),
            observer=self.observer,
        )
        times = LoopSettings(
            poll_seconds=POLL_SECONDS,
            max_poll_records=plan.max_poll_records,
            commit_interval_seconds=plan.commit_interval_seconds,
            revoke_seconds=plan.revoke_seconds,
            max_effect_seconds=TAKEOVER_SECONDS,
            catch_up_idle_seconds=plan.catch_up_idle_seconds,
        )
        return Loop(ports, pipeline, self.fence, times)

    def _connect(self) -> None:
        self.workers.starts = self._call_starts
        self.workers.late = self._effect_is_late
        self.workers.wait = self.source.wait = self._wait
        self.source.revoke_seconds = self.around.plan.revoke_seconds
        self.observer.totals = self.totals
        self.observer.is_old = self._is_old
        self.observer.throttle = self._throttle
        self.workers.fetched = self._remember_totals
        self.workers.lost_at = lambda: self.source.lost_at
        probe(self.world.seen, self.loop, self.source.tenures)

    def totals(self) -> Totals:
        """Return the tracker's totals."""
        totals = self.loop.pipeline.tracker.totals
        return totals.opened, totals.open, totals.released, tuple(totals.fates.values())

    def _remember_totals(self) -> None:
        self.observer.before = self.totals()

    def _is_old(self, batch: Batch) -> bool:
        return all(self._epoch(o.tp) != o.epoch for o in batch.operations)

    def _epoch(self, tp: TopicPartition) -> int | None:
        return self.loop.pipeline.tracker.epochs().get(tp)

    def _throttle(self, until: float) -> None:
        self.workers.throttled_until = max(self.workers.throttled_until, until)

    # --- what its calls do

    def _call_starts(self, effects: tuple[Effect, ...]) -> None:
        self.around.checks.started(effects, self.source.tenures)

    def _effect_is_late(self, effects: tuple[Effect, ...]) -> None:
        """A call of this process took effect after it had given up; perhaps it is dead by now."""
        seen = self.world.seen
        seen.met("late_effect")
        targets = {effect.item[0] for effect in effects}
        lanes = self.loop.pipeline.lanes()
        if not self.dead and any(lanes[t].not_before > self.world.now for t in sorted(targets)):
            seen.met("late_effect_outwaited")
            if any(self._newer_waits(effect) for effect in effects):
                seen.met("late_effect_averted")

        if any(self._other_waits(effect) for effect in effects):
            seen.met("effect_during_takeover_wait")

    def _other_waits(self, effect: Effect) -> bool:
        """Return whether a later owner waits for effects like this one."""
        tp = self.around.checks.tenures[effect.tenure].tp
        for member in self.around.members.values():
            tenure = member.source.tenures.get(tp)
            if not member.dead and tenure is not None and tenure.number > effect.tenure:
                return self.world.now < member.loop.intake.status(tp).until
        return False

    def _newer_waits(self, effect: Effect) -> bool:
        tp = self.around.checks.tenures[effect.tenure].tp
        log = self.around.log
        return tp in self.source.tenures and (
            log.newest_below(effect.item, log.partitions[tp].high) > effect.version
        )

    # --- turns

    def _turn_soon(self, most: float) -> None:
        self.world.after(
            self.world.between(0.005, max(0.01, most)), f"turn of {self.name}", self.turn
        )

    def _wait(self, done: Callable[[], bool], until: float) -> None:
        self.world.run_until(lambda: self.dead or done(), until)
        if self.dead:
            raise Crashed

    def turn(self) -> None:
        """Do one turn of the real loop; any exception is a violation."""
        if self.dead or self.frozen or self.busy:
            return
        self.busy = True
        try:
            self.loop.turn()
            self._go_on_draining()
        except Crashed:
            return
        except Violation:
            raise
        except Exception as error:
            raise Violation("BROKEN", f"{self.name}: {type(error).__name__}: {error}") from error
        finally:
            self.busy = False
        if not self.dead:
            self._check()
            self._turn_soon(0.06 if self.workers.has_outcomes else self.source.timeout_seconds)

    def _go_on_draining(self) -> None:
        """As `lifecycle.run` does."""
        if self.draining_until is None or self.world.waiting:
            return
        drained = self.loop.is_drained()
        if drained or self.world.now >= self.draining_until:
            self.world.seen.met("drained" if drained else "drain_cut_short")
            self.loop.close()
            self.end()

    def _check(self) -> None:
        """INV-1, INV-2 and INV-4 after a turn."""
        loop = self.loop
        tracker = loop.pipeline.tracker
        for tp, offset in loop.pipeline.low_water().items():
            self.around.checks.low_water(self.source.tenures[tp], offset)
        totals = tracker.totals
        settled = sum(totals.fates.values())
        held = loop.intake.held_records()
        if totals.opened != settled + totals.open + totals.released:
            raise Violation("INV-4", f"{self.name}: {totals} do not add up")
        if loop.intake.polled != totals.opened + held + loop.released_held:
            msg = f"{self.name}: {loop.intake.polled} polled, {totals.opened} opened, {held} held"
            raise Violation("INV-4", msg)
        if self.world.steps % 16 == 0:
            opened = sum(tracker.open_tickets(tp) for tp in tracker.partitions())
            if opened != totals.open:
                raise Violation("INV-4", f"{self.name}: {opened} are open, {totals.open} counted")
        if held:
            self.world.seen.met("held")

    # --- troubles

    def end(self) -> None:
        """Be gone: memory, workers and undelivered letters; what is on the wire goes on."""
        self.dead = True
        self.workers.dead = self.checkpoint.dead = self.letters.dead = True

    def crash(self) -> None:
        """Die without a word."""
        seen = self.world.seen
        if self.workers.running:
            seen.met("crash_in_flight")
        if self.busy:
            seen.met("crash_in_revoke")
        if self._accepted_uncommitted():
            seen.met("crash_after_acceptance")
        self.world.tell("all", self.name, "crashes")
        self.end()
        self.around.cluster.expire_later(self.source.session)

    def _accepted_uncommitted(self) -> bool:
        committed = self.around.cluster.committed
        return any(
            tp in committed
            and self.around.checks.accepted_beyond(tp, committed[tp].next_offset or 0)
            for tp in self.source.tenures
        )

    def freeze(self, seconds: float, *, workers: bool) -> None:
        """Stand still; without heartbeats if the workers stand still, too, as the process does."""
        self.world.seen.met("process_frozen" if workers else "member_frozen")
        self.world.tell("all", self.name, "stands still for", round(seconds, 2), workers)
        self.frozen = True
        self.workers.frozen = workers
        self.around.cluster.expire_later(self.source.session)
        self.world.after(seconds, f"thaw of {self.name}", self._thaw)

    def _thaw(self) -> None:
        if self.dead:
            return
        self.around.cluster.heartbeat(self.source.session)
        self.frozen = False
        self.workers.thaw()
        self._turn_soon(0.01)

    def idle(self) -> bool:
        """Return whether nothing waits anywhere in this member."""
        loop = self.loop
        return loop.is_drained() and not loop.intake.held_records() and not self.workers.running
