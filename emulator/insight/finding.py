"""Search for the page: what matches, and what of it somebody sees. Imports: searching.

The Search API's answer has only what the user sees. Here both are counted in one walk, and what
stays hidden can be listed, for whoever wonders why.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING

from emulator.searching import Hit, candidates, relevancy, score

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.query import Expression
    from emulator.viewing import Viewer
    from emulator.world import World

DEEPEST = 1_000
"""How many hits can be paged through; the Search API has such a bound as well."""


@dataclass(slots=True)
class Tally:
    """How many items match, and how many of them the viewer sees."""

    matching: int = 0
    visible: int = 0

    @property
    def hidden(self) -> int:
        """How many match but are not for the viewer."""
        return self.matching - self.visible


@dataclass(frozen=True, slots=True)
class Results:
    """A part of the hits, best first, and the count of all."""

    hits: list[Hit]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Portion:
    """Which hits: those the viewer sees, or the hidden ones instead; and which part of them."""

    hidden: bool = False
    first: int = 0
    count: int = 20


def find(world: World, viewer: Viewer, expression: Expression, portion: Portion) -> Results:
    """Find what matches; settles what is due first."""
    world.turn()
    tally = Tally()
    depth = min(portion.first + portion.count, DEEPEST)

    def wanted() -> Iterator[Hit]:
        for source, item in candidates(world, expression):
            seen = viewer.sees(source, item)
            tally.matching += 1
            tally.visible += seen
            if seen is not portion.hidden:
                yield Hit(source, item, score(world, source, item, expression))

    with world.lock:
        hits = nsmallest(depth, wanted(), key=relevancy)
    return Results(hits[portion.first :], tally)
