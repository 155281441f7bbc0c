"""One member: the real loop on simulated ports, its turns, its crashes, its standstills."""

from __future__ import annotations

from collections.abc import Callable

from consumer.domain.fates import Batch
from consumer.domain.records import TopicPartition
from tests.simulation.building import build_kit, build_loop
from tests.simulation.checks import Effect
from tests.simulation.observer import Totals
from tests.simulation.probe import probe
from tests.simulation.story import Violation
from tests.simulation.surroundings import Surroundings


class Crashed(BaseException):
    """The member is gone while it was waiting inside a step; nothing may catch this."""


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
        kit = build_kit(name, around)
        self.source, self.checkpoint, self.letters = kit.source, kit.checkpoint, kit.letters
        self.workers, self.observer = kit.workers, kit.observer
        self.loop = build_loop(name, around, kit)
        self._connect()
        if around.mutate is not None:
            around.mutate(self.loop)
        self.source.start(self.loop)
        self._turn_soon(0.05)

    def _connect(self) -> None:
        self.workers.expelled = lambda: not self.source.session.alive
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
        cluster = self.around.cluster
        for tp in {self.around.checks.tenures[effect.tenure].tp: None for effect in effects}:
            committed = cluster.committed.get(tp)
            said = committed is not None and not committed.clean
            if not said and cluster.owners.get(tp) is self.source.session:
                msg = f"{self.name} sends before a commit says that it is at work on {tp}"
                raise Violation("INV-5", msg, str(tp))

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
