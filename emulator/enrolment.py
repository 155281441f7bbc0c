"""Accepted identity operations, applied to the store of a security provider.

The asynchronous half for identities, as `indexing` is for items. Imports: identities, their bodies
and their log, operations, no HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from emulator.containers import Absence
from emulator.identities import IdentityKey, Named, Pushed, Relations
from emulator.identitybodies import (
    IdentityAction,
    IdentityStep,
    RefusedIdentity,
    read_identity_batch,
)
from emulator.identitylog import IdentityLogEntry
from emulator.operations import Receipt, Result
from emulator.rejections import BadItemError, Reason
from emulator.switches import IdentityPush

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.identities import Directory
    from emulator.identitylog import IdentityLog
    from emulator.switches import Switches


@dataclass(frozen=True, slots=True)
class IdentityBatchFile:
    """A batch of identities as uploaded, or why there is none."""

    file_id: str
    content: bytes | Absence


@dataclass(frozen=True, slots=True)
class DisableOlderThan:
    """Disable every identity with a lower ordering id, and let none in from then on."""


IdentityOperation = IdentityStep | IdentityBatchFile | DisableOlderThan


@dataclass(frozen=True, slots=True)
class _Turn:
    """One operation being applied: in which provider, with which receipt, at what time."""

    provider: str
    receipt: Receipt
    now_ms: int


class Enrolment:
    """Applies identity operations. It is called with the world's lock held."""

    __slots__ = ("_directory", "_log", "_switches", "_touched")

    def __init__(
        self,
        directory: Directory,
        log: IdentityLog,
        switches: Switches,
        touched: Callable[[IdentityKey, int], None],
    ) -> None:
        """Work on a directory; `touched` hears of each identity that changed, and when."""
        self._directory = directory
        self._log = log
        self._switches = switches
        self._touched = touched

    def apply(
        self, provider: str, receipt: Receipt, operation: IdentityOperation, now_ms: int
    ) -> None:
        """Bring one accepted operation to its end, which is written into the identity log."""
        turn = _Turn(provider, receipt, now_ms)
        action = _action_of(operation)
        if provider not in self._directory.providers:
            detail = f"there is no security provider '{provider}'"
            self._note(turn, action, None, BadItemError(Reason.UNKNOWN_PROVIDER, detail))
            return
        match operation:
            case IdentityStep():
                self._step(turn, operation)
            case IdentityBatchFile():
                self._batch(turn, operation)
            case DisableOlderThan():
                self._disable_older_than(turn)

    def create_on_reference(self, key: IdentityKey, name: str, receipt: Receipt) -> None:
        """Create an identity because an item names it."""
        pushed = Pushed(
            Named(name, key.kind),
            Relations(),
            receipt.ordering_id,
            receipt.received_ms,
            receipt.received_ms,
            receipt.request,
        )
        self._store(key, pushed, receipt.received_ms)

    def enable(self, key: IdentityKey, now_ms: int) -> None:
        """Enable a disabled identity, as the platform's own call does."""
        pushed = self._directory.get(key)
        if pushed is not None and pushed.disabled:
            self._store(key, replace(pushed, disabled=False), now_ms)

    def _batch(self, turn: _Turn, batch: IdentityBatchFile) -> None:
        try:
            steps = _steps_of(batch)
        except BadItemError as error:
            self._note(turn, IdentityAction.BATCH_FILE, None, error)
            return
        for step in steps:
            match step:
                case IdentityStep():
                    self._step(turn, step)
                case RefusedIdentity(action, name, reason, detail):
                    named = None if name is None else Named(name, "UNKNOWN")
                    self._note(turn, action, named, BadItemError(reason, detail))
        self._note(turn, IdentityAction.BATCH_FILE, None)

    def _step(self, turn: _Turn, step: IdentityStep) -> None:
        key = self._directory.key(turn.provider, step.named.kind, step.named.name)
        try:
            self._check_order(turn, step, key)
            pushed = self._pushed(turn, step, key)
        except BadItemError as error:
            self._note(turn, step.action, step.named, error)
            return
        self._store(key, pushed, turn.now_ms)
        self._note(turn, step.action, step.named)

    def _check_order(self, turn: _Turn, step: IdentityStep, key: IdentityKey) -> None:
        provider, ordering_id = self._directory.providers[turn.provider], turn.receipt.ordering_id
        former = provider.identities.get(key)
        # An alias call for an identity of the same file shares its ordering id.
        same_request = former is not None and (former.request, former.ordering_id) == (
            turn.receipt.request,
            ordering_id,
        )
        if same_request or provider.admits(key, ordering_id, self._switches.equal_ordering):
            return
        detail = f"ordering id {ordering_id} is not above the one recorded for {step.named.name}"
        raise BadItemError(Reason.OUT_OF_SEQUENCE_OPERATION, detail)

    def _pushed(self, turn: _Turn, step: IdentityStep, key: IdentityKey) -> Pushed:
        receipt, former = turn.receipt, self._directory.get(key)
        pushed = Pushed(
            step.named,
            step.relations,
            receipt.ordering_id,
            receipt.received_ms,
            turn.now_ms,
            receipt.request,
        )
        if step.action is IdentityAction.DISABLE:
            return self._disabled(key, pushed, former)
        if former is None or self._switches.identity_push is IdentityPush.WHOLE:
            return pushed
        kept = former.relations
        if step.action is IdentityAction.PUT_MEMBERS:
            return replace(pushed, relations=replace(step.relations, mappings=kept.mappings))
        return replace(pushed, relations=replace(step.relations, members=kept.members))

    def _disabled(self, key: IdentityKey, pushed: Pushed, former: Pushed | None) -> Pushed:
        if former is not None:
            return replace(pushed, named=former.named, relations=former.relations, disabled=True)
        if self._directory.exists(key):
            return replace(pushed, disabled=True)
        detail = f"'{key.name}' is not in the provider"
        raise BadItemError(Reason.UNKNOWN_IDENTITY, detail)

    def _disable_older_than(self, turn: _Turn) -> None:
        provider = self._directory.providers[turn.provider]
        action, ordering_id = IdentityAction.DISABLE_OLDER_THAN, turn.receipt.ordering_id
        for key in provider.older_than(ordering_id):
            former = provider.identities[key]
            # The identity keeps its own ordering id: the barrier says the same and more.
            self._store(key, replace(former, disabled=True), turn.now_ms)
            self._note(turn, action, former.named)
        provider.raise_barrier(ordering_id)
        self._note(turn, action, None)

    def _store(self, key: IdentityKey, pushed: Pushed, now_ms: int) -> None:
        former = self._directory.get(key)
        named = set() if former is None else set(self._directory.related(key, former.relations))
        self._directory.store(key, pushed)
        named.update(self._directory.related(key, pushed.relations))
        self._touched(key, now_ms)
        for other in named:
            self._touched(other, now_ms)

    def _note(
        self,
        turn: _Turn,
        action: IdentityAction,
        named: Named | None,
        error: BadItemError | None = None,
    ) -> None:
        receipt = turn.receipt
        entry = IdentityLogEntry(
            self._log.next_number(),
            turn.provider,
            None if named is None else named.name,
            None if named is None else named.kind,
            action,
            Result.COMPLETED if error is None else Result.REJECTED,
            None if error is None else error.reason,
            None if error is None else error.detail,
            receipt.received_ms,
            turn.now_ms,
            receipt.ordering_id,
            receipt.request,
        )
        self._log.entries.append(entry)


def _steps_of(batch: IdentityBatchFile) -> list[IdentityStep | RefusedIdentity]:
    if isinstance(batch.content, Absence):
        detail = f"file {batch.file_id}: {batch.content}"
        raise BadItemError(Reason.BATCH_FILE_MISSING, detail)
    return read_identity_batch(batch.content)


def _action_of(operation: IdentityOperation) -> IdentityAction:
    match operation:
        case IdentityStep(action):
            return action
        case IdentityBatchFile():
            return IdentityAction.BATCH_FILE
        case DisableOlderThan():
            return IdentityAction.DISABLE_OLDER_THAN
