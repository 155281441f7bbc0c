"""Schemas at hand: fetched by one thread in the background, kept in memory and on disk.

Imports the domain; the registry itself is behind `remote.Registry`. The registry is asked first
and the disk is the fallback, never the other way round: a registry that was set up anew gives an
old id to another schema, and decoding with the wrong one is the worst failure there is. So the disk
serves only while the registry does not answer, and what it gave is compared as soon as that does.
Whether it answers, and lets us in, is known from the last try, whichever schema that was about: no
other schema waits for a time-out of its own, or sends a wrong password once more. That can be wrong
where rights are by subject: so each has its turn, and the one that is refused has ever fewer.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from consumer.domain.errors import CdcError, PoisonError, RetryableError
from consumer.domain.schemas import Denial, SchemaRef, WriterSchema
from consumer.registry.errors import NoAccessError, NoAnswerError, UnknownSchemaError
from consumer.registry.files import SchemaFiles
from consumer.registry.found import AVRO
from consumer.registry.remote import Registry, RemoteRegistry
from consumer.registry.settings import RegistrySettings

_LOG: Final = logging.getLogger(__name__)

Denied = Callable[[SchemaRef, Denial], None]
"""Told of a copy on the disk that served for a while and was not what the registry has."""


def _log_denial(ref: SchemaRef, denial: Denial) -> None:
    _LOG.error("schema %s was %s", ref, denial.value)


@dataclass(frozen=True, slots=True)
class FetchPace:
    """How often a fetch is tried again. Each wait is drawn between half of it and the whole.

    `mend_seconds` is for what someone must change about one schema: an unknown id.
    """

    first_seconds: float = 0.5
    most_seconds: float = 30.0
    mend_seconds: float = 30.0

    def wait_seconds(self, error: CdcError, tries: int, draw: float) -> float:
        """Return the wait after `tries` failures, the last of which is `error`."""
        if isinstance(error, RetryableError | NoAccessError):
            whole = min(self.most_seconds, self.first_seconds * 2.0 ** min(tries - 1, 16))
        else:
            whole = self.mend_seconds
        return whole * (0.5 + draw / 2)


@dataclass(slots=True)
class _Wanted:
    due: float = 0.0
    asked: int = 0
    """Number of the last fetch that was about it, of all fetches."""
    tries: int = 0
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class _Shut:
    """The registry takes no question: why, since how many tries, and when to try again."""

    error: CdcError
    tries: int
    until: float


class SchemaCache:
    """`SchemaLookup` for the decoder and `SchemaDirectory` for the loop; any thread may ask."""

    def __init__(
        self,
        settings: RegistrySettings,
        registry: Registry | None = None,
        pace: FetchPace = FetchPace(),
        max_schemas: int = 2000,
        denied: Denied = _log_denial,
    ) -> None:
        """Start the thread. Without `registry`, `settings` name it. Raises ConfigError.

        `denied` is told, on that thread, of each copy that turned out not to be the registry's.
        """
        self._registry = registry or RemoteRegistry(settings)
        directory = settings.cache_directory
        self._files = SchemaFiles(directory, settings.identity) if directory else None
        self._shut: _Shut | None = None
        self._pace = pace
        self._max_schemas = max_schemas
        self._draw = random.random
        self._denied = denied
        self._known: OrderedDict[SchemaRef, WriterSchema | PoisonError] = OrderedDict()
        self._wanted: dict[SchemaRef, _Wanted] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._fetches = 0
        self._thread = threading.Thread(target=self._run, name="schemas", daemon=True)
        self._thread.start()

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return the schema if it is in memory. Raises PoisonError if it can never be used."""
        with self._changed:
            found = self._known.get(ref)
            if found is not None:
                self._known.move_to_end(ref)
        if isinstance(found, PoisonError):
            raise found.with_traceback(None)
        if found is not None and found.schema_type != AVRO:
            raise _not_avro(found)
        return found

    def request(self, schema_ref: str) -> None:
        """Ask for a schema unless it is at hand or on its way; tried again until it is there."""
        ref = SchemaRef(schema_ref)
        with self._changed:
            if ref not in self._known and ref not in self._wanted:
                self._wanted[ref] = _Wanted()
                self._changed.notify()

    def trouble(self, schema_ref: str) -> str | None:
        """Return why that schema is not at hand yet, or `None` while the first try runs."""
        with self._changed:
            wanted = self._wanted.get(SchemaRef(schema_ref))
            return None if wanted is None else wanted.trouble

    def close(self) -> None:
        """Stop fetching. A fetch under way ends with the process."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout=1.0)

    # --- the thread

    def _run(self) -> None:
        while (ref := self._next()) is not None:
            shut = self._shut
            if shut is not None and time.monotonic() < shut.until:
                self._stand_in(ref, shut.error)
                self._put_off(ref, shut.error, shut.until)
                continue
            try:
                self._fetch(ref)
            except (NoAnswerError, NoAccessError) as error:
                self._close(ref, error)
                continue
            except CdcError as error:
                self._retry(ref, error)
            except Exception as error:  # noqa: BLE001 - a bug about one schema must not stop all
                self._retry(ref, _bug(ref, error))
            self._shut = None

    def _fetch(self, ref: SchemaRef) -> None:
        """Ask the registry. Raises RetryableError or ConfigError when it is to be asked again."""
        self._fetches += 1
        self._wanted[ref].asked = self._fetches
        try:
            schema = self._registry.fetch(ref)
        except PoisonError as error:
            self._keep(ref, error)
        except UnknownSchemaError:
            self._withdraw(ref)
            raise
        except CdcError as error:
            self._stand_in(ref, error)
            raise
        else:
            self._keep(ref, schema)
            self._save(schema)

    def _close(self, ref: SchemaRef, error: CdcError) -> None:
        """Ask for nothing for a while, longer each time; for this one at least as long as ever."""
        now, wanted = time.monotonic(), self._wanted[ref]
        wanted.tries += 1
        tries = 1 + (self._shut.tries if self._shut is not None else 0)
        wait = own_wait = self._pace.wait_seconds(error, tries, self._draw())
        if wanted.tries > tries:
            own_wait = self._pace.wait_seconds(error, wanted.tries, self._draw())
        self._shut = _Shut(error, tries, now + wait)
        self._put_off(ref, error, now + own_wait)

    def _retry(self, ref: SchemaRef, error: CdcError) -> None:
        """Ask for this one again after a while, longer each time."""
        wanted = self._wanted[ref]
        wanted.tries += 1
        wait = self._pace.wait_seconds(error, wanted.tries, self._draw())
        self._put_off(ref, error, time.monotonic() + wait)

    def _next(self) -> SchemaRef | None:
        """Wait for the next one that is due; `None` at the end.

        Awaited ones before doubted ones; of each kind who was asked about longest ago.
        """
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                ref = min(self._wanted, key=lambda one: self._turn(one, now), default=None)
                wait = None if ref is None else self._wanted[ref].due - now
                if ref is not None and wait is not None and wait <= 0:
                    return ref
                self._changed.wait(wait)
            return None

    def _turn(self, ref: SchemaRef, now: float) -> tuple[float, bool, int]:
        wanted = self._wanted[ref]
        return max(wanted.due, now), ref in self._known, wanted.asked

    def _stand_in(self, ref: SchemaRef, error: CdcError) -> None:
        """Let the disk's copy serve until the registry answers; it is compared then."""
        if self._files is None or ref in self._known:
            return
        if (on_disk := self._files.load(ref)) is not None:
            _LOG.warning("schema_read_from_disk: %s: %s", ref, error)
            self._remember(ref, on_disk)

    def _withdraw(self, ref: SchemaRef) -> None:
        """Take back a copy that the registry does not confirm: its records wait from now on."""
        with self._changed:
            known = self._known.pop(ref, None)
        if known is not None:
            self._denied(ref, Denial.WITHDRAWN)

    def _save(self, schema: WriterSchema) -> None:
        try:
            if self._files is not None:
                self._files.save(schema)
        except OSError as error:
            _LOG.warning("schema_not_written: %s: %s", schema.ref, error.strerror)

    def _keep(self, ref: SchemaRef, found: WriterSchema | PoisonError) -> None:
        """Have it for good: the registry said it. It may not be what the disk says, or has said."""
        with self._changed:
            before = self._known.get(ref)
        if before is None and self._files is not None:
            before = self._files.load(ref)
        if before is not None and before != found:
            self._denied(ref, Denial.REPLACED)
        with self._changed:
            self._wanted.pop(ref, None)
        self._remember(ref, found)

    def _remember(self, ref: SchemaRef, found: WriterSchema | PoisonError) -> None:
        with self._changed:
            self._known[ref] = found
            while len(self._known) > self._max_schemas:
                self._known.popitem(last=False)

    def _put_off(self, ref: SchemaRef, error: CdcError, until: float) -> None:
        with self._changed:
            wanted = self._wanted[ref]
            wanted.trouble = str(error)
            wanted.due = until


def _bug(ref: SchemaRef, error: Exception) -> RetryableError:
    return RetryableError(f"schema {ref}: {type(error).__name__} inside coveo-cdc: report it")


def _not_avro(schema: WriterSchema) -> PoisonError:
    reason = "not_avro"
    msg = (
        f"schema {schema.ref} is of type {schema.schema_type}, and only AVRO is read: give the"
        " connector an Avro converter for keys and values, or take the topic out of the mappings"
    )
    return PoisonError(reason, msg)
