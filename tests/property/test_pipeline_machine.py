"""The whole pure pipeline under random records, outcomes, revokes: order, bounds, one fate each.

The index is a model that applies accepted bodies. What must hold is said in the invariants.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consumer.domain.fates import Accepted, Attempt, Batch, Blocked, Fate, Outcome, RetryLater
from consumer.domain.fates import Refused as Refusal
from consumer.domain.operations import OperationKind
from consumer.domain.records import Offset
from consumer.pipeline.batcher import ENVELOPE_BYTES
from consumer.pipeline.contract import Rejected
from consumer.pipeline.pipeline import Pipeline
from tests.fakes.pipeline import TARGET, TP, FakeTranslator, always, lane_settings, pipeline, record

IDS = ["a", "b", "c", "d"]
MAX_OPERATIONS = 3
MAX_BYTES = 260
words = st.lists(
    st.builds(lambda sign, name: sign + name, st.sampled_from("+-~"), st.sampled_from(IDS)),
    max_size=2,
    unique_by=lambda word: word[1],
)


@dataclass
class Log:
    """What the partition holds, and what of it the service refuses."""

    records: list[list[str]] = field(default_factory=list)
    refused_versions: set[int] = field(default_factory=set)


class PipelineMachine(RuleBasedStateMachine):
    """One partition, one target; outcomes at any time and of any kind."""

    def __init__(self) -> None:
        """Start with an empty log and an empty index."""
        super().__init__()
        self.log = Log()
        self.index: dict[str, int] = {}
        self.now = 0.0
        self.flying: Batch | None = None
        self.committed = 0
        self.built: Pipeline = self._new()

    def _new(self) -> Pipeline:
        limits = lane_settings(
            TARGET, max_operations=MAX_OPERATIONS, max_bytes=MAX_BYTES, linger_seconds=5.0
        )
        return pipeline(FakeTranslator(), lanes=(limits,), budget_bytes=4_000)

    @initialize()
    def begin(self) -> None:
        """Nothing is read yet."""
        self.read = 0

    @rule(said=words, refused=st.booleans())
    def append(self, said: list[str], refused: bool) -> None:  # noqa: FBT001 - drawn
        """The database changes."""
        if refused and any(word[0] == "+" for word in said):
            self.log.refused_versions.add(len(self.log.records))
        self.log.records.append(said)

    @precondition(lambda self: self.read < len(self.log.records))
    @rule()
    def submit(self) -> None:
        """Read the next record; a full budget refuses it whole."""
        opened = self.built.tracker.totals.opened
        try:
            self.built.submit(record(self.read, *self.log.records[self.read]), self.now)
        except Rejected:
            assert self.built.tracker.totals.opened == opened
            assert self.built.tracker.totals.open > 0
        else:
            self.read += 1

    @rule(seconds=st.sampled_from([0.0, 1.0, 5.0, 70.0]))
    def wait(self, seconds: float) -> None:
        """Time passes; what is due is sealed and sent."""
        self.now += seconds
        self.built.poll(self.now, always)
        batch = self.built.take(self.now, always)
        if self.flying is not None:
            assert batch is None, "two batches in flight"
        elif batch is not None:
            self._check_body(batch)
            self.flying = batch

    def _check_body(self, batch: Batch) -> None:
        names = [operation.document_id for operation in batch.operations]
        assert len(names) == len(set(names)), "an id twice in one body"
        assert len(names) <= MAX_OPERATIONS
        size = ENVELOPE_BYTES + sum(len(operation.payload) + 1 for operation in batch.operations)
        assert size <= MAX_BYTES or len(names) == 1

    @precondition(lambda self: self.flying is not None)
    @rule(kind=st.sampled_from(["accept", "retry", "lost", "blocked"]))
    def outcome(self, kind: str) -> None:
        """The batch comes back; `lost` took effect although nobody knows."""
        batch, self.flying = self.flying, None
        assert batch is not None
        bad = any(self._is_refused(op.payload, op.kind) for op in batch.operations)
        if kind in {"accept", "lost"} and not bad:
            self._apply(batch)
        self.built.resolve(self._outcome(batch, kind, bad=bad), self.now)
        letters = self.built.take_letters()
        self.built.letters_delivered([letter.letter_id for letter in letters])

    @staticmethod
    def _outcome(batch: Batch, kind: str, *, bad: bool) -> Outcome:
        number, nothing = batch.batch_id, Attempt()
        match kind:
            case "accept" if bad:
                return Refusal(number, nothing, "invalid_json", "400")
            case "accept":
                return Accepted(number, nothing)
            case "blocked":
                return Blocked(number, nothing, "invalid_token", "401")
            case _:
                return RetryLater(number, nothing, "x", "", None, ambiguous=kind == "lost")

    def _is_refused(self, payload: bytes, kind: OperationKind) -> bool:
        if kind is OperationKind.DELETE:
            return False
        return json.loads(payload)["v"] in self.log.refused_versions

    def _apply(self, batch: Batch) -> None:
        for operation in batch.operations:
            if operation.kind is OperationKind.DELETE:
                self.index.pop(operation.document_id, None)
            else:
                version = json.loads(operation.payload)["v"]
                # INV-5 within an epoch: an older state never replaces a newer one.
                assert version >= self.index.get(operation.document_id, -1)
                self.index[operation.document_id] = version

    @rule()
    def revoke(self) -> None:
        """The partition goes and comes back at what was committed; a batch may be on the wire."""
        if self.flying is not None:
            return  # its late effect is the simulation's business
        self.committed = self.built.low_water()[TP]
        self.built.release(TP)
        self.built.assign(TP, Offset(self.committed), behind=False)
        self.read = self.committed
        self.index = self._truth(self.committed)

    def _truth(self, until: int) -> dict[str, int]:
        index: dict[str, int] = {}
        for version, said in enumerate(self.log.records[:until]):
            for word in said:
                if word[0] != "+":
                    index.pop(word[1:], None)
                elif version not in self.log.refused_versions:
                    index[word[1:]] = version
        return index

    @invariant()
    def the_books_balance(self) -> None:
        """INV-4."""
        totals = self.built.tracker.totals
        assert totals.opened == sum(totals.fates.values()) + totals.open + totals.released

    @invariant()
    def low_water_never_passes_what_was_read(self) -> None:
        """INV-1 and INV-2."""
        low = self.built.low_water()[TP]
        assert self.committed <= low <= self.read

    def teardown(self) -> None:
        """Left alone, everything is accepted and the index equals the log."""
        for _ in range(10 * len(self.log.records) + 100):
            if self.flying is not None:
                self.outcome("accept")
            if self.read < len(self.log.records):
                self.submit()
            self.wait(70.0)
        assert self.built.low_water()[TP] == len(self.log.records)
        assert self.index == self._truth(len(self.log.records))
        fates = self.built.tracker.totals.fates
        assert fates[Fate.DEAD_LETTERED] <= self.built.tracker.totals.opened


TestPipeline = PipelineMachine.TestCase
