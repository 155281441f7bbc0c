"""The promises, checked against the log's truth and the service's history, never against members.

INV-1 … INV-5 are those of the design; LIVE says that everything ends when troubles end, CONTENT
that an item has the content of its own version.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from consumer.domain.assignment import Assigned, CommitPoint
from consumer.domain.records import TopicPartition
from tests.simulation.log import Entry, Item, Kind, Log, Want, is_below
from tests.simulation.plan import VAULT
from tests.simulation.story import Violation
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Effect:
    """An operation as the service got it."""

    item: Item
    version: int
    tenure: int
    deletes: bool
    bad: bool
    tree: bool = False
    partial: bool = False
    text: int = -1
    """Version of the text, of an item that is whole."""


@dataclass(slots=True, eq=False)
class Tenure:
    """One member's turn with one partition; numbered over the whole run, in order."""

    number: int
    member: str
    tp: TopicPartition
    start: int
    mark: int
    """The end of the log at assignment: below it, a secured target must see the newest only."""
    low_water: int
    bounded: bool = False
    """Catching up ended for another reason than the mark, which is allowed."""
    committed: int = -1


@dataclass(slots=True, eq=False)
class _History:
    """What the service knows of one item."""

    tenure: int = 0
    version: int = -1
    deleted: bool = False
    by_tree: bool = False
    accepted: int = -1


class Checks:
    """Raises Violation as soon as a promise is broken."""

    def __init__(self, world: World, log: Log) -> None:
        """Start with nothing accepted and nothing committed."""
        self._world = world
        self._log = log
        self.tenures: dict[int, Tenure] = {}
        self._histories: dict[Item, _History] = {}
        self._proved: dict[TopicPartition, int] = dict.fromkeys(log.partitions, 0)

    def begin(self, member: str, assigned: Assigned) -> Tenure:
        """A member takes a partition over."""
        number = len(self.tenures) + 1
        start, mark = int(assigned.next_offset), int(assigned.high_watermark)
        tenure = Tenure(number, member, assigned.tp, start, mark, start)
        self.tenures[number] = tenure
        if self.accepted_beyond(assigned.tp, start):
            self._world.seen.met("takeover_behind_the_last")
        return tenure

    def accepted_beyond(self, tp: TopicPartition, offset: int) -> bool:
        """Return whether something of `tp` at or after `offset` was accepted already."""
        partition = self._log.partitions[tp]
        index = partition.index_of(offset)
        return any(
            self.accepted(want.item) >= entry.record.offset
            for entry in partition.entries[index : index + 20]
            for want in entry.wants
        )

    def accepted(self, item: Item) -> int:
        """Return the newest version of an item that the service ever accepted."""
        history = self._histories.get(item)
        return history.accepted if history else -1

    # --- INV-3 and INV-5: what takes effect

    def started(self, effects: tuple[Effect, ...], owned: dict[TopicPartition, Tenure]) -> None:
        """INV-3: a batch call begins only with operations that the member knows as its own."""
        for effect in effects:
            tenure = self.tenures[effect.tenure]
            if owned.get(tenure.tp) is not tenure:
                msg = f"{tenure.member} calls with an operation of {tenure.tp}, lost before"
                raise Violation("INV-3", msg, str(tenure.tp), _name(effect.item))

    def batch_is_defined(self, effects: tuple[Effect, ...]) -> None:
        """INV-5: nothing in one batch whose order the service does not define."""
        trees = [effect.item for effect in effects if effect.tree]
        for effect in effects:
            if not effect.deletes and any(is_below(effect.item, tree) for tree in trees):
                raise Violation("INV-5", "an upsert below a tree's delete", _name(effect.item))
        if len({effect.item for effect in effects}) < len(effects):
            raise Violation("INV-5", "an item twice in one batch", *map(_name, trees))

    def took_effect(self, effect: Effect, *, by_tree: bool = False) -> None:
        """INV-5: nothing goes back within a tenure, nor to what an earlier owner sent."""
        history = self._histories.setdefault(effect.item, _History())
        tenure = self.tenures[effect.tenure]
        names = (str(tenure.tp), _name(effect.item))
        if effect.tenure < history.tenure:
            msg = f"tenure {effect.tenure} took effect after tenure {history.tenure} had"
            raise Violation("INV-5", msg, *names)
        if effect.tenure == history.tenure and effect.version < history.version:
            if history.deleted and effect.deletes and (history.by_tree or by_tree):
                return  # deletes of a tree and of what is below it commute
            msg = f"version {effect.version} took effect after {history.version}"
            raise Violation("INV-5", msg, *names)
        if effect.version < tenure.start:
            msg = f"version {effect.version} is below the start {tenure.start} of its tenure"
            raise Violation("INV-5", msg, *names)
        self._check_caught_up(effect, tenure)
        history.tenure, history.version = effect.tenure, effect.version
        history.deleted, history.by_tree = effect.deletes, by_tree
        history.accepted = max(history.accepted, effect.version)
        if effect.tree:
            for other in self._log.below(effect.item):
                self.took_effect(replace(effect, item=other, tree=False), by_tree=True)

    def _check_caught_up(self, effect: Effect, tenure: Tenure) -> None:
        """On a secured target nothing older than the log at the assignment becomes visible."""
        if effect.item[0] != VAULT or effect.deletes:
            return
        if tenure.bounded or effect.version >= tenure.mark:
            return
        newest = self._log.newest_below(effect.item, tenure.mark)
        if effect.version < newest:
            msg = f"{effect.version} was shown, but {newest} was in the log at assignment"
            raise Violation("INV-5", f"secured: {msg}", str(tenure.tp), _name(effect.item))

    # --- INV-1 and INV-2: what is committed

    def commit_requested(self, tenure: Tenure, point: CommitPoint) -> None:
        """INV-1 and INV-2 for the commits of one tenure."""
        offset = int(point.next_offset)
        if offset < tenure.committed:
            msg = f"tenure {tenure.number} commits {offset} after {tenure.committed}"
            raise Violation("INV-2", msg, str(tenure.tp))
        tenure.committed = offset
        self.fates_below(tenure.tp, offset)

    def low_water(self, tenure: Tenure, offset: int) -> None:
        """INV-1 and INV-2 for what a tracker would commit now."""
        if offset < tenure.low_water:
            msg = (
                f"the low-water of tenure {tenure.number} fell from {tenure.low_water} to {offset}"
            )
            raise Violation("INV-2", msg, str(tenure.tp))
        if offset > tenure.low_water:
            tenure.low_water = offset
            self.fates_below(tenure.tp, offset)

    def fates_below(self, tp: TopicPartition, offset: int) -> None:
        """INV-1: every record below `offset` has a fate that the service's history bears out."""
        partition = self._log.partitions[tp]
        index = self._proved[tp]
        while index < len(partition.entries) and partition.offsets[index] < offset:
            entry = partition.entries[index]
            unproved = self._unproved(entry)
            if unproved is not None:
                msg = f"{entry.record.position} has no fate below {offset}: {unproved}"
                raise Violation("INV-1", msg, str(tp), *(_name(w.item) for w in entry.wants))
            index += 1
        self._proved[tp] = index

    def _unproved(self, entry: Entry) -> str | None:
        if entry.draft.kind is Kind.POISON and not entry.letter_delivered:
            return "its dead letter is not delivered"
        return next((_lack(w) for w in entry.wants if not self._proved_want(w, entry)), None)

    def _proved_want(self, want: Want, entry: Entry) -> bool:
        if self.accepted(want.item) >= want.needs:
            return True
        return want.refusable and entry.letter_delivered


def _lack(want: Want) -> str:
    return f"{_name(want.item)} was not accepted at version {want.needs} or later"


def _name(item: Item) -> str:
    return f"{item[0]}:{item[1]}"
