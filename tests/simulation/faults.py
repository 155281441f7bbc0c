"""What goes wrong between any two steps."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation.member import Member
from tests.simulation.surroundings import Surroundings
from tests.simulation.wire import Weather
from tests.simulation.writer import Writer

NAMES = ("m1", "m2")


class Faults:
    """Draws one trouble after another."""

    def __init__(self, around: Surroundings) -> None:
        """Begin with two members and no trouble."""
        self.around = around
        self.world = around.world
        self.writer = Writer(around)
        around.wire.strike = self._strike
        around.wire.share = self._share
        self.members = around.members
        self._menu: list[tuple[Callable[[], None], int]] = [
            (self._share, 22),
            (self._crash, 9),
            (self._expire, 9),
            (self._freeze, 10),
            (self._stop, 7),
            (self._weather, 16),
            (self._block, 4),
            (self._letters, 5),
            (self._commits, 12),
            (self._switch, 10),
            (self._registry, 3),
            (self._burst, 8),
            (self._stall, 4),
        ]
        self._weights = [weight for _, weight in self._menu]

    def begin(self) -> None:
        """Start whoever is down, and let troubles and records come."""
        self.world.calm = False
        self.start_all()
        self.writer.write()
        self._trouble()

    def start_all(self) -> None:
        """Start every member that is down."""
        for name in NAMES:
            self._start(name)

    def _start(self, name: str) -> None:
        if name not in self.members or self.members[name].dead:
            self.members[name] = Member(name, self.around)

    def calm(self) -> None:
        """End every trouble; what is under way under them still comes out somehow."""
        around = self.around
        self.world.calm = True
        around.wire.weather = Weather(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        around.switches.misfit = around.switches.unreadable = around.switches.stubborn = False
        around.registry_down = around.cluster.fetch_stalled = False
        around.cluster.commit_trouble, around.cluster.commit_seconds = 0.0, 0.05
        self.start_all()

    def _trouble(self) -> None:
        if self.world.calm:
            return
        self.world.after(self._pause(), "trouble", self._trouble)
        (act,) = self.world.chances.choices([act for act, _ in self._menu], self._weights)
        act()

    def _pause(self) -> float:
        """Troubles come in swarms, with room between them for work to get done."""
        return self.world.between(0.1, 2.0) if self.world.chance(0.5) else self.world.between(5, 40)

    def _someone(self) -> Member | None:
        up = [member for name, member in sorted(self.members.items()) if not member.dead]
        return self.world.pick(up) if up else None

    # --- the group

    def _share(self) -> None:
        if self.world.calm:
            return
        seen = self.world.seen
        self.around.cluster.share()
        for name in NAMES:
            member = self.members[name]
            leaving = self.around.cluster.to_revoke(member.source.session)
            if any(member.loop.pipeline.on_the_wire((tp,)) for tp in leaving):
                seen.met("rebalance_in_flight")

    def _crash(self) -> None:
        member = self._someone()
        if member is not None:
            self._kill(member)

    def _kill(self, member: Member) -> None:
        member.crash()
        again = self.world.between(0.1, 12.0)
        self.world.after(again, "start", lambda: self._start(member.name))
        if self.world.chance(0.3):  # the broker hears of it at once
            self.around.cluster.leave(member.source.session)

    def _strike(self, name: str) -> None:
        member = self.members[name]
        if self.world.calm or member.dead:
            return
        self.world.pick((lambda: self._kill(member), lambda: self._expel(member), self._share))()

    def _stop(self) -> None:
        """SIGTERM: drain, leave, and start again a little later."""
        member = self._someone()
        if member is None or member.draining_until is not None or member.frozen or member.busy:
            return
        member.loop.start_draining()
        member.draining_until = self.world.now + self.around.plan.drain_seconds
        again = self.world.between(0.1, 4.0) + self.around.plan.drain_seconds
        self.world.after(again, "start", lambda: self._start_when_gone(member))

    def _start_when_gone(self, member: Member) -> None:
        if member.dead:
            self._start(member.name)
        else:
            self.world.after(1.0, "start", lambda: self._start_when_gone(member))

    def _expire(self) -> None:
        member = self._someone()
        if member is not None:
            self._expel(member)

    def _expel(self, member: Member) -> None:
        if not member.source.session.alive:
            return
        if member.workers.running:
            self.world.seen.met("expired_in_flight")
        self.around.cluster.leave(member.source.session)

    def _freeze(self) -> None:
        member = self._someone()
        if member is not None and not member.frozen:
            seconds = self.world.pick((0.5, 3.0, 9.0, 20.0))
            member.freeze(seconds, workers=self.world.chance(0.5))

    # --- the service, the place for dead letters, the brokers, the registry, people

    def _weather(self) -> None:
        pick = self.world.pick
        self.around.wire.weather = Weather(
            slow=pick((0.0, 0.02, 0.3, 0.7)),
            lossy=pick((0.01, 0.05, 0.4)),
            failing=pick((0.0, 0.02, 0.3)),
            throttling=pick((0.0, 0.02, 0.3)),
            deadly=pick((0.0, 0.02, 0.1)),
            restless=pick((0.0, 0.02, 0.2)),
        )

    def _block(self) -> None:
        self.around.wire.weather = Weather(
            blocked=self.world.pick(((401, ""), (403, ""), (412, "SOURCE_DOES_NOT_EXIST")))
        )

    def _letters(self) -> None:
        member = self._someone()
        if member is not None:
            member.letters.trouble_until = self.world.now + self.world.between(1.0, 8.0)

    def _commits(self) -> None:
        self.around.cluster.commit_trouble = self.world.pick((0.0, 0.1, 0.6))
        self.around.cluster.commit_seconds = self.world.pick((0.05, 1.0, 8.0))

    def _switch(self) -> None:
        switches = self.around.switches
        switches.misfit = self.world.chance(0.3)
        switches.unreadable = self.world.chance(0.3)
        switches.stubborn = self.world.chance(0.5)

    def _registry(self) -> None:
        self.around.registry_down = not self.around.registry_down

    def _burst(self) -> None:
        self.writer.burst_until = self.world.now + self.world.between(0.5, 4.0)

    def _stall(self) -> None:
        self.world.seen.met("fetch_stalled")
        self.around.cluster.fetch_stalled = True
        self.world.after(self.world.between(1.0, 9.0), "fetching goes on", self._fetch_again)

    def _fetch_again(self) -> None:
        self.around.cluster.fetch_stalled = False
