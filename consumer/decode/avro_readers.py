"""Keys and values in Avro → what they say, by schemas that are looked up. Imports the domain.

Everything that can be known from a schema and a plan is worked out once, when their reader is made,
and forgotten when the schema turns out to have been another one's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from consumer.decode import avro_schema, changes, moves, reference, wire
from consumer.decode.avro_types import AvroType
from consumer.decode.changes import Toolbox
from consumer.decode.moves import KeyForms
from consumer.decode.names import Names, Owner, check_table, misfit
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Change, Meaning, RowReader, ValueReader
from consumer.decode.settings import DecodeSettings
from consumer.decode.wire import Framed
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import ColumnPlan, Row
from consumer.domain.records import Header
from consumer.domain.schemas import AwaitedSchemaError, SchemaLookup, SchemaRef, WriterSchema

_UNREADABLE: Final = frozenset(
    {PoisonReason.UNDECODABLE, PoisonReason.TRAILING_BYTES, PoisonReason.NOT_AN_ENVELOPE}
)
"""How a payload turns out that was written with another schema."""


class AvroReaders:
    """Reads Avro for any plan; readers are made once for each schema and plan."""

    def __init__(self, schemas: SchemaLookup, settings: DecodeSettings, tools: Toolbox) -> None:
        """Keep where schemas at hand are looked up, and the bounds."""
        self._schemas, self._settings, self._tools = schemas, settings, tools
        topics = settings.mapped_topics
        self._names = None if topics is None else Names(topics)
        most = settings.max_cached_schemas
        trees = lru_cache(maxsize=most)(self._parse)
        value_readers = lru_cache(maxsize=most)(self._make_value_reader)
        key_readers = lru_cache(maxsize=most)(self._make_key_reader)
        owners = lru_cache(maxsize=most)(self._find_owner)
        self._tree: Callable[[SchemaRef], AvroType] = trees
        self._value_reader: Callable[[SchemaRef, ColumnPlan], ValueReader] = value_readers
        self._key_reader: Callable[[SchemaRef, ColumnPlan], RowReader] = key_readers
        self._owner: Callable[[SchemaRef, str, bool], Owner | None] = owners
        cached = (trees, value_readers, key_readers, owners)
        self._caches = tuple(each.cache_clear for each in cached)
        self._parsed: dict[SchemaRef, WriterSchema] = {}
        self._fitting: set[tuple[SchemaRef, str]] = set()

    def frame(self, data: bytes, headers: Sequence[Header], side: str) -> Framed:
        """Return the schema of a key or value, and where it begins. Raises PoisonError."""
        framed = wire.frame(data, headers, side, self._settings.wire)
        if not self._settings.has_registry:
            raise poison(PoisonReason.UNKNOWN_FRAMING, wire.no_registry(data, headers, side))
        return framed

    def missing(self, data: bytes | None, headers: Sequence[Header], side: str) -> SchemaRef | None:
        """Return the schema to fetch before this is read. Bytes without a framing need none."""
        if data is None:
            return None
        try:
            ref = self.frame(data, headers, side).ref
        except PoisonError:  # whoever reads it will say so
            return None
        return None if self._is_at_hand(ref) else ref

    def value(self, framed: Framed, topic: str, plan: ColumnPlan) -> Meaning:
        """Return what a value says. Raises PoisonError, ConfigError, AwaitedSchemaError."""
        owner = self._owner(framed.ref, topic, False)  # noqa: FBT003 - no key
        if owner is None:
            return self._value_reader(framed.ref, plan)(framed.data, framed.start)
        with self._doubting(owner, framed.ref, topic):
            meaning = self._value_reader(framed.ref, plan)(framed.data, framed.start)
        if isinstance(meaning, Change):
            check_table(owner, framed.ref, meaning.source.table)
        self._fitting.add((framed.ref, topic))
        return meaning

    def key(self, framed: Framed, topic: str, plan: ColumnPlan) -> Row:
        """Return the key columns. Raises PoisonError, ConfigError, AwaitedSchemaError."""
        owner = self._owner(framed.ref, topic, True)  # noqa: FBT003 - it is a key
        if owner is None:
            return self._key_reader(framed.ref, plan)(framed.data, framed.start)
        with self._doubting(owner, framed.ref, topic):
            row = self._key_reader(framed.ref, plan)(framed.data, framed.start)
        self._fitting.add((framed.ref, topic))
        return row

    def key_forms(
        self, own: Framed, plan: ColumnPlan, read_framed: Callable[[bytes], Row]
    ) -> KeyForms:
        """Return how a header tells another key than this one. Raises PoisonError, ConfigError."""
        tree = self._tree(own.ref)
        to_row = changes.key_interpreter(own.ref, tree, plan, self._tools)
        return moves.forms_of(tree, to_row, read_framed)

    def framed_key(self, content: bytes, plan: ColumnPlan) -> Row:
        """Return the key columns of a header in a registry's framing. Raises PoisonError."""
        framed = self.frame(content, (), wire.KEY_HEADER)
        if not self._is_at_hand(framed.ref):
            raise poison(PoisonReason.BAD_SCHEMA, "the schema of a header is not at hand")
        return self._key_reader(framed.ref, plan)(framed.data, framed.start)

    @contextmanager
    def _doubting(self, owner: Owner, ref: SchemaRef, topic: str) -> Iterator[None]:
        """Turn what does not fit another table's schema into the error that tells of a wrong id.

        Once the schema has fitted a record of the topic, and the record has named no other table,
        it is believed to be the topic's own.
        """
        if (ref, topic) in self._fitting:
            yield
            return
        try:
            yield
        except ConfigError as error:
            raise misfit(owner, ref, topic, error) from error
        except PoisonError as error:
            if error.reason not in _UNREADABLE:
                raise
            raise misfit(owner, ref, topic, error) from error

    def _is_at_hand(self, ref: SchemaRef) -> bool:
        """Look a schema up; what was made of another one by this name (a disk's) is forgotten."""
        try:
            schema = self._schemas.get(ref)
            at_hand = schema is not None
        except PoisonError:  # whoever reads it will say so
            schema, at_hand = None, True
        parsed = self._parsed.get(ref)
        if at_hand and parsed is not None and parsed is not schema and parsed != schema:
            self._forget()
        return at_hand

    def _forget(self) -> None:
        self._parsed.clear()
        self._fitting.clear()
        for clear in self._caches:
            clear()

    def _make_value_reader(self, ref: SchemaRef, plan: ColumnPlan) -> ValueReader:
        return reference.value_reader(ref, self._tree(ref), plan, self._tools)

    def _make_key_reader(self, ref: SchemaRef, plan: ColumnPlan) -> RowReader:
        return reference.key_reader(ref, self._tree(ref), plan, self._tools)

    def _find_owner(self, ref: SchemaRef, topic: str, is_key: bool) -> Owner | None:  # noqa: FBT001
        if self._names is None:
            return None
        return self._names.foreign_owner(self._tree(ref), ref, topic, is_key=is_key)

    def _parse(self, ref: SchemaRef) -> AvroType:
        schema = self._schemas.get(ref)
        if schema is None:  # withdrawn, or pushed out by newer ones, since it was looked for
            raise AwaitedSchemaError(ref)
        if len(self._parsed) >= self._settings.max_cached_schemas:
            self._forget()
        self._parsed[ref] = schema
        return avro_schema.parse(schema, self._settings)
