"""The program's core in virtual time against the emulator: a day of changes takes seconds.

Loop, lanes, quota, status calls, attempts and client are the program's own, with its defaults.
Stand-ins are Kafka, stations 4 to 6 (a change is one item of a kilobyte), and the network: a call
takes a tenth of a second, and the emulator answers it with its quota on the same clock.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from benchmarks.asgi import AsgiTransport
from benchmarks.silence import Silence
from consumer import parts
from consumer.config.model import Settings
from consumer.coveo.client import CoveoClient
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.pacing import Governor
from consumer.coveo.push import run_attempt
from consumer.coveo.saying import say
from consumer.coveo.waiting import Backoff
from consumer.domain.assignment import Assigned
from consumer.domain.fates import Accepted, Batch, Call, Outcome
from consumer.domain.fence import Fence
from consumer.domain.operations import DocumentId, EncodedOperation, OperationKind, TargetId
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.domain.schemas import SchemaRef
from consumer.domain.source_status import StatusCall, StatusTold
from consumer.http.deadline import Deadline
from consumer.pipeline.contract import Translation
from consumer.pipeline.pipeline import Pipeline
from consumer.runtime.loop import Loop
from consumer.runtime.ports import Ports
from emulator import settings as emulated
from emulator.app import create_app
from emulator.clock import ManualClock
from emulator.world import World
from tests.fakes.runtime import ManualCheckpoint, ManualSchemas, ManualSource

KB: Final = TargetId("kb")
MIDNIGHT_MS: Final = 1_699_920_000_000
"""The beginning of a UTC day, which counts for the daily quota."""
CALL_SECONDS: Final = 0.1
GROUP_SECONDS: Final = 0.1
"""Changes reach Kafka in groups, as a connector writes them."""
DOCUMENTS: Final = 20_000
"""More than any window holds: no change replaces another one, so each is sent."""
_TP: Final = TopicPartition("articles", 0)
_SOURCE: Final = "open"
_ORGANIZATION: Final = "bench"
_REAL_SECONDS: Final = 60.0
TOO_MANY: Final = 429

_TaskT = TypeVar("_TaskT")
_ResultT = TypeVar("_ResultT")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What changes, and under which settings. `day_elapsed`: part of the day's quota not there."""

    changes_per_second: float
    window_seconds: float
    hours: float
    single_item_calls: bool = False
    day_elapsed: float = 0.0
    obeys_quota: bool = True


@dataclass(slots=True)
class Figures:
    """What came of it."""

    changes: int = 0
    calls: Counter[tuple[str, int | None]] = field(default_factory=Counter)
    """By endpoint and status."""
    counted_at: list[float] = field(default_factory=list)
    """When each call was made that counts for the quota, in seconds since midnight."""
    fresh_seconds: list[float] = field(default_factory=list)
    """From each change to its acceptance."""

    def count(self, calls: Sequence[Call], at: float) -> None:
        """Add calls that were made one after the other. A refused one is not counted."""
        self.calls.update((call.endpoint, call.code) for call in calls)
        counted = (c for c in calls if c.endpoint != Endpoint.UPLOAD and c.code != TOO_MANY)
        self.counted_at += [at for _ in counted]


@dataclass(slots=True)
class Time:
    """Virtual time, the emulator's along with it."""

    emulator: ManualClock = field(default_factory=lambda: ManualClock(MIDNIGHT_MS))
    now: float = 0.0

    def monotonic(self) -> float:
        """Return seconds since midnight."""
        return self.now

    def wall_ms(self) -> int:
        """Return the time of day."""
        return MIDNIGHT_MS + round(self.now * 1000)

    def move(self, to: float) -> None:
        """Let time pass."""
        self.now = max(self.now, to)
        self.emulator.advance(max(0, self.wall_ms() - self.emulator.now_ms()))


class Changes:
    """Writes changes at random moments of a given rate, and hands over what there is."""

    def __init__(self, time: Time, changes_per_second: float) -> None:
        """Write nothing yet."""
        self._time = time
        self._chances = random.Random(1)  # noqa: S311 - repeatable on purpose
        self._rate = changes_per_second
        self._written = 0
        self._happens = self._chances.expovariate(self._rate)
        self.happened: dict[str, float] = {}
        """When each document changed last."""
        self.port = ManualSource(during_poll=self._wait)

    def _wait(self) -> None:
        self.port.during_poll = self._wait
        until = self._time.now + self.port.timeouts.pop()
        self._time.move(min(until, max(self._shows(), self._time.now)))
        while self._shows() <= self._time.now:
            self._write()

    def _shows(self) -> float:
        return (self._happens // GROUP_SECONDS + 1) * GROUP_SECONDS

    def _write(self) -> None:
        document_id = f"kb://articles/{self._written % DOCUMENTS}"
        self.happened[document_id] = self._happens
        at = MIDNIGHT_MS + round(self._happens * 1000)
        key = document_id.encode()
        self.port.records.append(Record(_TP, Offset(self._written), at, key, key))
        self._written += 1
        self._happens += self._chances.expovariate(self._rate)

    @property
    def written(self) -> int:
        """Return how many there were."""
        return self._written


class Articles:
    """Stations 4 to 6: each record is an item of about a kilobyte."""

    def targets(self, topic: str) -> tuple[TargetId, ...]:
        """Return the only one."""
        del topic
        return (KB,)

    def missing_schemas(self, record: Record) -> Sequence[SchemaRef]:
        """Need none."""
        del record
        return ()

    def translate(self, record: Record) -> Translation:
        """Return the item."""
        document_id = (record.key or b"").decode()
        body = b'{"documentId":"%s","title":"An article","data":"%s"}'
        payload = body % (document_id.encode(), b"x" * 900)
        operation = EncodedOperation(KB, DocumentId(document_id), OperationKind.UPSERT, payload)
        return Translation((operation,), None, record.timestamp_ms, "update")

    def safe_deletes(self, record: Record) -> tuple[EncodedOperation, ...]:
        """Feed no secured target."""
        del record
        return ()

    def delete(self, target: TargetId, document_id: DocumentId) -> EncodedOperation:
        """Return the delete of an item."""
        return EncodedOperation(target, document_id, OperationKind.DELETE, b"{}")


class Workers(Generic[_TaskT, _ResultT]):
    """Carries a task out at once; its result comes when its calls have taken their time."""

    def __init__(
        self,
        time: Time,
        run: Callable[[_TaskT], tuple[_ResultT, Sequence[Call]]],
        figures: Figures,
        ended: Callable[[_TaskT, _ResultT], None] = lambda *_: None,
    ) -> None:
        """`ended` is told when the result is known to the loop."""
        self._time, self._run, self._figures, self._ended = time, run, figures, ended
        self._under_way: list[tuple[float, _TaskT, _ResultT]] = []

    def submit(self, task: _TaskT, since: float, /) -> None:
        """Do it."""
        result, calls = self._run(task)
        self._figures.count(calls, since)
        self._under_way.append((since + CALL_SECONDS * len(calls), task, result))

    def outcomes(self, wait_seconds: float = 0.0) -> Sequence[_ResultT]:
        """Return what has come back."""
        del wait_seconds
        now = self._time.now
        back = [each for each in self._under_way if each[0] <= now]
        self._under_way = [each for each in self._under_way if each[0] > now]
        for _, task, result in back:
            self._ended(task, result)
        return [result for _, _, result in back]


def measure(scenario: Scenario) -> Figures:
    """Let the hours of a scenario pass."""
    time, figures, settings = Time(), Figures(), _settings(scenario)
    changes = Changes(time, scenario.changes_per_second)
    client = _client(settings, time)
    loop = _loop(_Run(scenario, settings, time, figures), changes, client)
    loop.on_assigned([Assigned(_TP, Offset(0), Offset(0), clean=True)])
    while time.now < scenario.hours * 3_600:
        loop.turn()
    client.close()
    figures.changes = changes.written
    return figures


@dataclass(frozen=True, slots=True)
class _Run:
    scenario: Scenario
    settings: Settings
    time: Time
    figures: Figures


def _settings(scenario: Scenario) -> Settings:
    target = {
        "source": _SOURCE,
        "secured": False,
        "single_item_calls": scenario.single_item_calls,
    }
    return Settings.model_validate(
        {
            "kafka": {"bootstrap_servers": "unused:9092", "group_id": "bench"},
            "coveo": {
                "organization": _ORGANIZATION,
                "base_url": "http://emulator.test",
                "api_key_file": "unused",
                "quota": {"profile": "production" if scenario.obeys_quota else "unlimited"},
            },
            "targets": {KB: target},
            "windows": {"linger_seconds": scenario.window_seconds},
            "mappings": [{"topics": _TP.topic, "target": KB, "id": "kb://articles/{id}"}],
        }
    )


def _client(settings: Settings, time: Time) -> CoveoClient:
    described = emulated.Settings(
        _ORGANIZATION,
        (emulated.SourceSpec(_SOURCE),),
        quota=emulated.PRODUCTION,
        retention=emulated.Retention(0, 0, 0),
    )
    app = create_app(World(described, time.emulator))
    return CoveoClient(parts.client_settings(settings), lambda: "any", AsgiTransport(app))


def _loop(run: _Run, changes: Changes, client: CoveoClient) -> Loop:
    time, fence, figures = run.time, Fence(), run.figures

    def attempt(batch: Batch) -> tuple[Outcome, Sequence[Call]]:
        outcome = run_attempt(batch, fence, client, Deadline.after(_REAL_SECONDS))
        return outcome, outcome.attempt.calls

    def tell(call: StatusCall) -> tuple[StatusTold, Sequence[Call]]:
        told = say(call, client, Deadline.after(_REAL_SECONDS))
        return told, () if told.call is None else (told.call,)

    def ended(batch: Batch, outcome: Outcome) -> None:
        if isinstance(outcome, Accepted):
            happened = (changes.happened[each.document_id] for each in batch.operations)
            figures.fresh_seconds += [time.now - at for at in happened]

    ports = Ports(
        source=changes.port,
        checkpoint=ManualCheckpoint(),
        dead_letters=None,
        workers=Workers(time, attempt, figures, ended),
        status_calls=Workers(time, tell, figures),
        schemas=ManualSchemas(),
        governor=Governor(parts.quota(run.settings), 0.0, day_elapsed=run.scenario.day_elapsed),
        clock=time,
        observer=Silence(),
    )
    backoff = Backoff(random.Random(1).random)  # noqa: S311 - repeatable on purpose
    pipeline = Pipeline(Articles(), backoff, parts.pipeline_settings(run.settings))
    return Loop(ports, pipeline, fence, parts.loop_settings(run.settings))
