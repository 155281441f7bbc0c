"""Which records have a fate, and up to where a partition may be committed (INV-1 … INV-4).

One ticket per record. A ticket counts parts, because one record may cause several operations and
one operation may cover several records. Imports the domain only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from consumer.domain.errors import FatalError
from consumer.domain.fates import Fate
from consumer.domain.operations import TargetId
from consumer.domain.records import Offset, Record, TopicPartition

_WEIGHT = {Fate.SKIPPED: 0, Fate.SUPERSEDED: 1, Fate.ACCEPTED: 2, Fate.DEAD_LETTERED: 3}


@dataclass(slots=True, eq=False)
class Ticket:
    """A record on its way. `fate` is what its settled parts amount to; final when `parts` is 0.

    `targets` are those in whose budgets its bytes are reserved. If there are several, `waiting`
    counts the parts of each, so that one of them does not hold the bytes of another.
    """

    record: Record
    epoch: int
    parts: int
    targets: tuple[TargetId, ...] = ()
    waiting: dict[TargetId, int] | None = None
    letters: int = 0
    """Dead letters under way: they need the record's bytes, whatever target they are about."""
    source_ts_ms: int | None = None
    snapshot: bool = False
    """Whether a snapshot read it: then its age says nothing about freshness."""
    taken_at: float = 0.0
    fate: Fate | None = None
    reason: str = ""


@dataclass(slots=True, eq=False)
class _Ledger:
    """Keeps open tickets only: what is settled behind an open one must not fill the memory."""

    epoch: int
    last_opened: int
    open: OrderedDict[int, Ticket] = field(default_factory=OrderedDict)

    @property
    def oldest(self) -> Ticket | None:
        return next(iter(self.open.values()), None)


@dataclass(slots=True)
class Totals:
    """The conservation law's terms (INV-4): opened = Σ fates + open + released."""

    opened: int = 0
    open: int = 0
    released: int = 0
    fates: dict[Fate, int] = field(default_factory=lambda: dict.fromkeys(Fate, 0))


class Tracker:
    """Opens a ticket per record, settles its parts, and knows each partition's low-water."""

    def __init__(self) -> None:
        """Start without partitions."""
        self._ledgers: dict[TopicPartition, _Ledger] = {}
        self._last_epoch = 0
        self.totals = Totals()

    def assign(self, tp: TopicPartition, next_offset: Offset) -> int:
        """Take over `tp` from `next_offset` on; return its new epoch. FatalError if it is held."""
        if tp in self._ledgers:
            msg = f"{tp} was assigned twice without being revoked"
            raise FatalError(msg)
        self._last_epoch += 1
        self._ledgers[tp] = _Ledger(self._last_epoch, next_offset - 1)
        return self._last_epoch

    def owns(self, tp: TopicPartition) -> bool:
        """Return whether `tp` is assigned now."""
        return tp in self._ledgers

    def partitions(self) -> tuple[TopicPartition, ...]:
        """Return what is assigned now."""
        return tuple(self._ledgers)

    def epochs(self) -> Mapping[TopicPartition, int]:
        """Return the current epoch of each assigned partition."""
        return {tp: ledger.epoch for tp, ledger in self._ledgers.items()}

    def open(self, record: Record, parts: int, targets: tuple[TargetId, ...] = ()) -> Ticket:
        """Open a ticket of `parts` ≥ 1. FatalError unless offsets of the partition increase."""
        ledger = self._ledgers.get(record.tp)
        if ledger is None or record.offset <= ledger.last_opened:
            msg = f"{record.position} is not after the last record opened; stop and report this"
            raise FatalError(msg)
        ledger.last_opened = record.offset
        ticket = Ticket(record, ledger.epoch, parts, targets)
        ledger.open[record.offset] = ticket
        self.totals.opened += 1
        self.totals.open += 1
        return ticket

    def is_current(self, ticket: Ticket) -> bool:
        """Return whether the ticket's partition is still owned in the ticket's epoch (INV-3)."""
        ledger = self._ledgers.get(ticket.record.tp)
        return ledger is not None and ledger.epoch == ticket.epoch

    def settle(self, ticket: Ticket, fate: Fate, reason: str = "") -> bool:
        """Settle one part; return whether that made the fate final. An old epoch: no effect."""
        if not self.is_current(ticket):
            return False
        if ticket.parts <= 0:
            msg = f"{ticket.record.position} would get a second fate ({fate}); stop and report this"
            raise FatalError(msg)
        if ticket.fate is None or _WEIGHT[fate] > _WEIGHT[ticket.fate]:
            ticket.fate, ticket.reason = fate, reason
        ticket.parts -= 1
        if ticket.parts:
            return False
        self._close(ticket)
        return True

    def _close(self, ticket: Ticket) -> None:
        assert ticket.fate is not None
        self.totals.open -= 1
        self.totals.fates[ticket.fate] += 1
        del self._ledgers[ticket.record.tp].open[ticket.record.offset]

    def low_water(self, tp: TopicPartition) -> Offset:
        """Return the next offset below which every record of this epoch has a fate (INV-1)."""
        ledger = self._ledgers[tp]
        oldest = ledger.oldest
        return Offset(ledger.last_opened + 1) if oldest is None else oldest.record.offset

    def position(self, tp: TopicPartition) -> Offset:
        """Return the offset after the last record opened."""
        return Offset(self._ledgers[tp].last_opened + 1)

    def oldest(self, tp: TopicPartition) -> Ticket | None:
        """Return the oldest ticket without a fate."""
        return self._ledgers[tp].oldest

    def open_tickets(self, tp: TopicPartition) -> int:
        """Return how many records of `tp` have no fate yet."""
        return len(self._ledgers[tp].open)

    def release(self, tp: TopicPartition) -> list[Ticket]:
        """Give `tp` up; return its tickets without a fate: their outcomes change nothing now."""
        ledger = self._ledgers.pop(tp)
        left = list(ledger.open.values())
        self.totals.open -= len(left)
        self.totals.released += len(left)
        return left
