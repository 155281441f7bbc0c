"""A long life: one member that stays, others that come and go, faults without end, and a scale."""

from __future__ import annotations

import random
import signal
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.e2e.changes import Changes
from tests.e2e.program import Json, Program
from tests.e2e.rounds import FAULTS, MAX_EFFECT_SECONDS, REQUEST_DEADLINE_SECONDS, TABLES
from tests.e2e.stage import Stage, changed, free_port

_CHANGES_PER_SECOND: Final = 100
_LOOK_SECONDS: Final = 0.02
_FAULT_SECONDS: Final = 4.0
_GUEST_SECONDS: Final = 12.0
_OUTAGE_SECONDS: Final = 25.0
_SAMPLE_SECONDS: Final = 2.0
_BROKER_DOWN_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the member that stays holds at one moment."""

    resident_bytes: float
    open_files: float
    threads: int


@dataclass(slots=True)
class Soak:
    """Writes changes for a while, among faults; `samples` tell whether anything grows."""

    stage: Stage
    changes: Changes
    random: random.Random
    samples: list[Sample] = field(default_factory=list)
    faults: int = 0
    outages: int = 0
    guests_killed: int = 0
    guests_stopped: int = 0
    _guest: Program | None = None

    def run(self, host: Program, seconds: float) -> None:
        """Go on so long. Fails if the member that stays ends by itself."""
        began = time.monotonic()
        due = dict.fromkeys(("fault", "guest", "outage", "sample"), began)
        due["outage"] += _OUTAGE_SECONDS
        written = 0
        while (now := time.monotonic()) < began + seconds:
            assert host.running, f"it ended by itself; see {host.log}"
            while written < (now - began) * _CHANGES_PER_SECOND:
                self.changes.step()
                written += 1
            for name, pause in (
                ("fault", _FAULT_SECONDS),
                ("guest", _GUEST_SECONDS),
                ("outage", _OUTAGE_SECONDS),
                ("sample", _SAMPLE_SECONDS),
            ):
                if now >= due[name]:
                    due[name] = now + pause
                    self._do(name, host)
            time.sleep(_LOOK_SECONDS)
        self._send_guest_away()
        self.stage.index.heal()
        self.stage.broker.flush()

    def configuration(self) -> Json:
        """Return the configuration of any member; each serves on a port of its own."""
        return changed(
            self.stage.configuration(),
            {
                "kafka.notice_seconds": 0.1,
                "coveo.request_deadline_seconds": REQUEST_DEADLINE_SECONDS,
                "coveo.max_effect_seconds": MAX_EFFECT_SECONDS,
                "server.port": free_port(),
            },
        )

    def is_true(self) -> bool:
        """Return whether the index equals the tables."""
        return all(
            self.stage.index.items(self.stage.sources[table]) == self.changes.truth(table)
            for table in TABLES
        )

    def _do(self, name: str, host: Program) -> None:
        match name:
            case "fault":
                effect, endpoint = FAULTS[self.random.choice(list(FAULTS))]
                self.stage.index.heal()
                self.stage.index.fault(effect, endpoint, count=self.random.randint(1, 4))
                self.faults += 1
            case "guest":
                self._send_guest_away()
                self._guest = self.stage.start(self.configuration())
            case "outage":
                # Nothing may be on its way: a producer that repeats itself would append it twice.
                self.stage.broker.flush()
                self.stage.broker.set_down()
                time.sleep(_BROKER_DOWN_SECONDS)
                self.stage.broker.set_up()
                self.outages += 1
            case _:
                self._sample(host)

    def _send_guest_away(self) -> None:
        """Kill the other member, or let it leave; a start can still be under way."""
        guest, self._guest = self._guest, None
        if guest is None:
            return
        if self.random.random() < 0.5:
            guest.kill()
            self.guests_killed += 1
        else:
            guest.signal(signal.SIGTERM)
            guest.wait()
            self.guests_stopped += 1

    def _sample(self, host: Program) -> None:
        page = host.get("/metrics")[1].splitlines()
        told = dict(line.rsplit(" ", 1) for line in page if line.startswith("process_"))
        if told:
            resident, files = (
                float(told[f"process_{name}"]) for name in ("resident_memory_bytes", "open_fds")
            )
            self.samples.append(Sample(resident, files, host.threads()))


def middle(samples: Sequence[Sample], name: str) -> float:
    """Return the median of one figure."""
    return float(statistics.median(getattr(sample, name) for sample in samples))
