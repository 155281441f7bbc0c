"""What is fuzzed: framing, schemas, decoding, mapping of one record, as the program does them."""

from __future__ import annotations

import faulthandler
import resource
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from consumer import stations
from consumer.cli.explain import explained
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.fuzz.mutate import Input
from tests.golden.cases import loaded

HANG_SECONDS: Final = 30
"""An input takes a millisecond; one that takes this long ends the process with a trace."""

SPARE_BYTES: Final = 192 * 1024 * 1024
"""What the process may grow by: the bound on one decoded value is 64 MB, and a record has two."""


INTERNAL: Final = "internal"
UNBOUNDED: Final = ("MemoryError", "RecursionError", "SystemError")


@dataclass(slots=True)
class Registry:
    """Gives the schemas of the input at hand."""

    at_hand: dict[SchemaRef, WriterSchema] = field(default_factory=dict)

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return the schema if it is at hand."""
        return self.at_hand.get(ref)


def answers(inputs: Iterable[Input]) -> Counter[str]:
    """Return how often each answer was given. Raises whatever an input made the program raise."""
    registry = Registry()
    translator = cache(lambda mapping: stations.translator(loaded(mapping), registry))
    counts: Counter[str] = Counter()
    for one in inputs:
        registry.at_hand = {schema.ref: schema for schema in one.schemas}
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        try:
            answer = explained(translator(one.mapping), one.record)
        except BaseException as error:
            error.add_note(f"input: {one.story} {one!r:.1500}")
            raise
        _refuse_disguises(answer, one)
        kind = next(name for name in ("poison", "held", "skipped", "operations") if name in answer)
        counts[kind if kind == "operations" else f"{kind}: {answer[kind]}"] += 1
    faulthandler.cancel_dump_traceback_later()
    return counts


def _refuse_disguises(answer: Mapping[str, Any], one: Input) -> None:
    """Raise where the program caught what it should have foreseen: a bug, or a bound that failed.

    It sets such a record aside as well, so that one record cannot end it; here it is a finding.
    """
    detail = str(answer.get("detail", ""))
    disguised = answer.get("poison") == INTERNAL or any(name in detail for name in UNBOUNDED)
    assert not disguised, f"{answer.get('poison')}: {detail}: {one.story} {one!r:.1500}"


def bound_memory() -> None:
    """Let allocations beyond the spare fail: a MemoryError is no typed error, so it is found."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    limit = pages * resource.getpagesize() + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
