"""One emulated organization: all its state behind one lock. Imports: the core, no HTTP.

Nothing happens by itself: `turn` brings everything that is due on the clock to its end. Whoever
looks at the state calls it first; a served emulator also calls it in the background.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import replace
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING

from emulator.agenda import Agenda
from emulator.clock import Clock, HeldClock, SystemClock
from emulator.containers import Containers
from emulator.enrolment import Enrolment
from emulator.errors import source_does_not_exist
from emulator.faults import Faults, Plan, Rule, Target
from emulator.fields import FieldCatalogue
from emulator.identities import Directory
from emulator.identitylog import IdentityLog
from emulator.indexing import Indexer
from emulator.journal import Journal
from emulator.operations import Queued, Receipt
from emulator.quota import QuotaMeter
from emulator.requestlog import RequestLog
from emulator.searching import WordCache
from emulator.securitycache import SecurityCache
from emulator.settings import ProviderSpec, Settings, SourceSpec
from emulator.signing import Signer
from emulator.sources import Source
from emulator.streams import Streams
from emulator.switches import IdentityChanges
from emulator.viewing import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.calls import Endpoint
    from emulator.enrolment import IdentityOperation
    from emulator.faults import Effect
    from emulator.identities import IdentityKey, Provider
    from emulator.operations import Operation
    from emulator.routing import Recorder
    from emulator.viewing import User


class World:
    """The state that requests act on. Take `lock` around every use of its parts.

    Only the request log and the fault rules have locks of their own.
    """

    def __init__(self, settings: Settings | None = None, clock: Clock | None = None) -> None:
        """Start with the sources of the settings and nothing in them."""
        self.settings = settings or Settings()
        self.clock = HeldClock(clock or SystemClock())
        self.lock = RLock()
        self.recorder: Recorder | None = None
        self._fixed_secret: bytes | None = None
        self._random = random.Random(self.settings.seed)  # noqa: S311 - ids, no secrets
        self._dice = random.Random(self.settings.seed)  # noqa: S311 - of faults
        self._indexing_delay_ms = round(self.settings.indexing_delay_seconds * 1000)
        self._begin()

    def reset(self) -> None:
        """Forget everything but the settings and the clock; the sources are those of the start."""
        with self.lock:
            self._begin()

    def _begin(self) -> None:
        settings = self.settings
        self.sources: dict[str, Source] = {}
        self.request_log = RequestLog(settings.retention.requests)
        self.journal = Journal(settings.retention)
        self.meter = QuotaMeter(settings.quota)
        self.faults = Faults()
        self.agenda = Agenda()
        self.signer = Signer(self._secret())
        self.containers = Containers(
            settings.limits.container_lifetime_seconds,
            settings.switches.second_upload,
            self._random,
        )
        self.directory = Directory(case_sensitive=settings.switches.provider_case_sensitive)
        self.cache = SecurityCache(self.directory)
        self.identity_log = IdentityLog(settings.retention.identity_log_entries)
        self.enrolment = Enrolment(
            self.directory, self.identity_log, settings.switches, self._identity_changed
        )
        self.streams = Streams(self._random)
        self.fields = FieldCatalogue()
        self.words = WordCache()
        self._indexer = Indexer(self)
        for provider in settings.providers:
            self.directory.put(provider)
        for spec in settings.sources:
            self.put_source(spec)
        self._schedule_refresh(self.clock.now_ms())

    def put_source(self, spec: SourceSpec) -> Source:
        """Create a source, or change the visibility and push flag of an existing one."""
        with self.lock:
            source = self.sources.get(spec.name)
            if source is None:
                source = Source(spec, self.settings.retention.history_per_item)
                source.created_ms = self.clock.now_ms()
                self.sources[spec.name] = source
            source.change(spec)
            return source

    def delete_source(self, name: str) -> None:
        """Remove a source with its items; what still waits for it comes to nothing."""
        with self.lock:
            del self.sources[name]

    def new_source_id(self) -> str:
        """Draw an id of one of the two documented shapes."""
        letters = self._random.choices("abcdefghijklmnopqrstuvwxyz234567", k=26)
        return f"{''.join(letters)}-{self.settings.organization}"

    def put_provider(self, spec: ProviderSpec) -> Provider:
        """Create a security provider, or change what it is; its identities stay."""
        with self.lock:
            return self.directory.put(spec)

    def delete_provider(self, name: str) -> None:
        """Remove a security provider with its identities, and from the sources that use it."""
        with self.lock:
            del self.directory.providers[name]
            self.cache.forget(name)
            for source in self.sources.values():
                source.providers = tuple(one for one in source.providers if one != name)

    def viewer(self, users: Iterable[User], *, everything: bool = False) -> Viewer:
        """Say who looks at the index; without users it is an anonymous visitor."""
        switch = self.settings.switches.partly_anonymous_level
        found = Viewer.of(self.cache, switch, users)
        found.everything = everything
        return found

    def source(self, name: str) -> Source:
        """Return the source of that name; raises SOURCE_DOES_NOT_EXIST."""
        found = self.sources.get(name)
        if found is None:
            raise source_does_not_exist(name)
        return found

    def count_items(self) -> int:
        """Items in the index, over all sources."""
        return sum(len(source.items) for source in self.sources.values())

    def add_fault(
        self,
        effect: Effect,
        endpoint: Endpoint | None = None,
        source: str | None = None,
        plan: Plan | None = None,
    ) -> Rule:
        """Let matching requests meet an effect, by default the next one only."""
        plan = plan or Plan()
        # Repeatable with a seed of the rule or of the world.
        seed = self._dice.getrandbits(64) if plan.seed is None else plan.seed
        dice = random.Random(seed)  # noqa: S311 - dice
        return self.faults.add(Target(endpoint, source), effect, plan, dice)

    def receipt(self, target: Source | Provider, ordering_id: int | None, request: int) -> Receipt:
        """Accept an operation now, with the given ordering id or one from the clock."""
        now_ms = self.clock.now_ms()
        if ordering_id is None:
            monotonic = self.settings.switches.monotonic_ordering
            ordering_id = target.ordering.assign(now_ms, monotonic=monotonic)
        return Receipt(now_ms, ordering_id, request)

    def received_now(self, receipt: Receipt) -> Receipt:
        """Return a receipt with its ordering id, but received at this moment."""
        return replace(receipt, received_ms=self.clock.now_ms())

    def identity_receipt(self, provider: str, ordering_id: int | None, request: int) -> Receipt:
        """Accept an identity operation now; the provider may be one that does not exist."""
        found = self.directory.providers.get(provider)
        if found is not None:
            return self.receipt(found, ordering_id, request)
        now_ms = self.clock.now_ms()
        return Receipt(now_ms, now_ms if ordering_id is None else ordering_id, request)

    def enqueue(
        self, source: Source, receipt: Receipt, operation: Operation, delay_ms: int = 0
    ) -> None:
        """Put an accepted operation into the pipeline; it shows after the indexing delay."""
        self.queue_items(self._due_ms(receipt, delay_ms), source, receipt, operation)

    def queue_items(
        self, due_ms: int, source: Source, receipt: Receipt, operation: Operation
    ) -> None:
        """Let an operation take effect at a certain time."""
        apply = partial(self._indexer.apply, source, receipt, operation)
        self.agenda.add(due_ms, Queued(source.name, receipt, operation, apply))

    def enqueue_identities(
        self, provider: str, receipt: Receipt, operation: IdentityOperation, delay_ms: int = 0
    ) -> None:
        """Put an accepted identity operation into the pipeline."""
        self.queue_identities(self._due_ms(receipt, delay_ms), provider, receipt, operation)

    def queue_identities(
        self, due_ms: int, provider: str, receipt: Receipt, operation: IdentityOperation
    ) -> None:
        """Let an identity operation take effect at a certain time."""
        apply = partial(self.enrolment.apply, provider, receipt, operation)
        self.agenda.add(due_ms, Queued(provider, receipt, operation, apply))

    def _due_ms(self, receipt: Receipt, delay_ms: int) -> int:
        return receipt.received_ms + delay_ms + self._indexing_delay_ms

    def _identity_changed(self, key: IdentityKey, now_ms: int) -> None:
        self.cache.touch(key)
        if self.settings.switches.identity_changes is IdentityChanges.AT_ONCE:
            self.cache.refresh_one(key, now_ms)

    def _schedule_refresh(self, now_ms: int) -> None:
        # At whole multiples of the interval: once a day means at midnight UTC.
        interval_ms = max(1, round(self.settings.cache_refresh_seconds * 1000))
        due_ms = (now_ms // interval_ms + 1) * interval_ms
        self.agenda.add(due_ms, self._scheduled_refresh, background=True)

    def _scheduled_refresh(self, now_ms: int) -> None:
        self.cache.refresh_all(now_ms)
        self._schedule_refresh(now_ms)

    def defer(self, seconds: float, action: Callable[[], object]) -> None:
        """Let something happen later on the clock."""
        with self.lock:
            due_ms = self.clock.now_ms() + round(seconds * 1000)
            self.agenda.add(due_ms, lambda _: action())

    def advance(self, seconds: float) -> None:
        """Move the clock forward, stopping at everything that becomes due on the way."""
        with self.lock:
            self.advance_to(self.clock.now_ms() + round(seconds * 1000))

    def advance_to(self, target_ms: int) -> None:
        """Move the clock forward to a moment; one that is past is taken for now."""
        with self.lock:
            while (due_ms := self.agenda.next_due_ms()) is not None and due_ms <= target_ms:
                self.clock.advance(max(0, due_ms - self.clock.now_ms()))
                self._turn_once()
            self.clock.advance(max(0, target_ms - self.clock.now_ms()))

    def turn(self) -> None:
        """Bring everything that is due to its end, one action at a time."""
        while self._turn_once():
            pass

    def _turn_once(self) -> bool:
        # The lock is given back between two actions, so that a request need not wait for all.
        with self.lock:
            due = self.agenda.pop_due(self.clock.now_ms())
            if due is None:
                return False
            due_ms, action = due
            action(due_ms)
            return True

    def begin_again(self, seed: int, secret: bytes) -> None:
        """Forget everything, and draw ids and sign addresses from now on with these."""
        with self.lock:
            self.draw_from(seed)
            self._fixed_secret = secret
            self._begin()

    def draw_from(self, seed: int) -> None:
        """Draw ids from now on as this seed says."""
        self._random.seed(seed)

    def _secret(self) -> bytes:
        if self._fixed_secret is not None:
            return self._fixed_secret
        if self.settings.seed is None:
            return secrets.token_bytes(32)
        return self._random.randbytes(32)
