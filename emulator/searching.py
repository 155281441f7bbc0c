"""A search subset: who finds what. Imports: query, indexed; sources and viewing for types.

Good enough to show what was indexed and who sees it. There is no relevance as Coveo has it: the
score counts where the words stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.indexed import IndexedDocument, searched_words
from emulator.query import EVERYTHING, Expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.sources import Item, Source
    from emulator.viewing import Viewer
    from emulator.world import World

_TITLE_WEIGHT = 10
_RELEVANCY = "relevancy"


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: an expression, a part of what is found, an order."""

    expression: Expression = EVERYTHING
    first: int = 0
    count: int = 10
    order: str = _RELEVANCY


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that was found."""

    source: Source
    item: Item
    score: int


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the hits, and how many there are."""

    total: int
    hits: list[Hit]


@dataclass(slots=True)
class WordCache:
    """The searched words of items, worked out once for each pushed state."""

    _words: dict[str, dict[str, tuple[Item, str]]] = field(default_factory=dict)

    def words(self, source: Source, item: Item) -> str:
        """Return an item's words."""
        known = self._words.setdefault(source.name, {})
        entry = known.get(item.document_id)
        if entry is None or entry[0] is not item:
            entry = known[item.document_id] = (item, searched_words(item))
        return entry[1]

    def trim(self, source: Source) -> None:
        """Forget items that are gone, once they are the larger part."""
        known = self._words.get(source.name, {})
        if len(known) > 2 * len(source.items) + 100:
            self._words[source.name] = {k: v for k, v in known.items() if k in source.items}


def search(world: World, viewer: Viewer, wanted: Search) -> Found:
    """Find what the viewer may see and the expression matches; expects the world's lock."""
    found = [
        Hit(source, item, score(world, source, item, wanted.expression))
        for source, item in candidates(world, wanted.expression)
        if viewer.sees(source, item)
    ]
    hits = _ordered(found, wanted, world)
    return Found(len(hits), hits[wanted.first : wanted.first + wanted.count])


def find_item(world: World, viewer: Viewer, name: str) -> Hit | None:
    """Find one item by what a search result calls `uniqueId`, if the viewer may see it.

    Expects the world's lock.
    """
    source_name, _, document_id = name.partition("$")
    source = world.sources.get(source_name)
    item = None if source is None else source.items.get(document_id)
    if source is None or item is None or not viewer.sees(source, item):
        return None
    return Hit(source, item, 0)


def candidates(world: World, expression: Expression) -> Iterator[tuple[Source, Item]]:
    """Yield what the expression matches, whoever may see it; expects the world's lock."""
    needed: dict[str, list[tuple[str, ...]]] = {}
    for name, values in expression.equalities:
        needed.setdefault(name, []).append(values)
    for source in world.sources.values():
        titles = needed.get("source", [])
        if not all(source.title.casefold() in map(str.casefold, values) for values in titles):
            continue
        for item in _items(source, needed.get("uri")):
            if expression.matches(IndexedDocument(source, item, world.words.words, world.fields)):
                yield source, item
        world.words.trim(source)


def _items(source: Source, uris: list[tuple[str, ...]] | None) -> Iterator[Item]:
    if not uris:
        yield from source.items.values()
        return
    exact = [source.items[one] for one in uris[0] if one in source.items]
    # Case does not matter in `==`, but an id that is written as it is needs no walk.
    yield from exact if len(exact) == len(uris[0]) else source.items.values()


def score(world: World, source: Source, item: Item, expression: Expression) -> int:
    """Rate an item: how often the words stand in it, a title ten times."""
    if not expression.words:
        return 0
    words, title = world.words.words(source, item), (item.title or "").casefold()
    return sum(words.count(one) + _TITLE_WEIGHT * title.count(one) for one in expression.words)


def relevancy(hit: Hit) -> tuple[int, str, str]:
    """Return what hits are sorted by, best first; equal scores by id, so that paging is stable."""
    return -hit.score, hit.item.document_id, hit.source.name


def _ordered(hits: list[Hit], wanted: Search, world: World) -> list[Hit]:
    name, _, direction = wanted.order.partition(" ")
    if name.startswith("@") or name == "date":
        return _by_field(hits, name.lstrip("@").lower(), world, down=direction == "descending")
    return sorted(hits, key=relevancy)


def _by_field(hits: list[Hit], name: str, world: World, *, down: bool) -> list[Hit]:
    def key(one: Hit) -> tuple[bool, float, str]:
        values = IndexedDocument(one.source, one.item, world.words.words, world.fields).values(name)
        first = values[0] if values else ""
        number = isinstance(first, (int, float))
        return (number, float(first) if number else 0.0, str(first).casefold())

    return sorted(hits, key=key, reverse=down)
