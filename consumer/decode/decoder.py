"""Records → events: the one entry to decoding. Imports the domain. No I/O: schemas are looked up.

Per record: framing, a cached reader for (schema, plan), then what the envelope means. Everything
that can be known from a schema and a plan is worked out once, when their reader is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from consumer.decode import avro_schema, envelope, moves, reference, wire
from consumer.decode.avro_types import AvroType
from consumer.decode.converters import Converters
from consumer.decode.identity import RefusedDeletes
from consumer.decode.losses import Loss, Losses
from consumer.decode.moves import KeyForms, Moves
from consumer.decode.names import Names, Owner, check_table
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Change, RowReader, ValueReader
from consumer.decode.settings import DecodeSettings
from consumer.decode.unavailable import Marker
from consumer.decode.wire import Framed
from consumer.domain.errors import PoisonError
from consumer.domain.events import (
    ColumnPlan,
    ControlKind,
    ControlRecord,
    DoubtKind,
    Event,
    Op,
    Row,
    Tombstone,
)
from consumer.domain.records import Header, Record
from consumer.domain.schemas import AwaitedSchemaError, SchemaLookup, SchemaRef, WriterSchema

_NO_KEY: Final[Row] = ()
_UNREADABLE: Final = "a header's name is not UTF-8: the record is kept without its headers"


class Decoder:
    """Decodes records of any topic, each for the plan of its mapping. Not for several threads."""

    def __init__(self, schemas: SchemaLookup, settings: DecodeSettings) -> None:
        """Keep where schemas at hand are looked up, and the bounds."""
        self._schemas = schemas
        self._settings = settings
        topics = settings.mapped_topics
        self._names = None if topics is None else Names(topics)
        self._losses = Losses()
        self._doubts: Counter[DoubtKind] = Counter()
        self._moves = Moves()
        self._refused = RefusedDeletes()
        self._tools = reference.Toolbox(
            converters=lambda: (
                Converters(self._losses.add),
                Converters(self._losses.add, exact=True),
            ),
            marker=Marker(settings.unavailable_marker),
            max_decoded_bytes=settings.max_decoded_bytes,
        )
        most = settings.max_cached_schemas
        trees = lru_cache(maxsize=most)(self._parse)
        value_readers = lru_cache(maxsize=most)(self._make_value_reader)
        key_readers = lru_cache(maxsize=most)(self._make_key_reader)
        self._tree: Callable[[SchemaRef], AvroType] = trees
        self._value_reader: Callable[[SchemaRef, ColumnPlan], ValueReader] = value_readers
        self._key_reader: Callable[[SchemaRef, ColumnPlan], RowReader] = key_readers
        owners = lru_cache(maxsize=most)(self._find_owner)
        self._owner: Callable[[SchemaRef, str, bool], Owner | None] = owners
        cached = (trees, value_readers, key_readers, owners)
        self._caches = tuple(each.cache_clear for each in cached)
        self._parsed: dict[SchemaRef, WriterSchema] = {}

    def missing_schemas(self, record: Record, plan: ColumnPlan) -> tuple[SchemaRef, ...]:
        """Return the schemas to fetch before `decode`. Bytes without a framing need none.

        A key that the plan does not read is not looked at: it may be of any kind, and its bytes
        could be taken for a framing.
        """
        key = record.key if plan.key_columns else None
        value = None if record.headers_unreadable else record.value  # it is not going to be read
        refs = [
            self._missing(key, record.headers, wire.KEY_HEADER),
            self._missing(value, record.headers, wire.VALUE_HEADER),
        ]
        if plan.key_columns:
            refs.append(self._missing(moves.framed_header(record), (), wire.KEY_HEADER))
        return tuple(dict.fromkeys(ref for ref in refs if ref is not None))

    def decode(self, record: Record, plan: ColumnPlan) -> Event:
        """Return what the record says; rows hold the planned columns in the plan's order.

        The key is decoded for row events and tombstones only, and only if the plan has key
        columns (else it is None, or `()` on a tombstone). Raises PoisonError: this record cannot
        be used. Raises ConfigError: the plan does not fit this schema, nor will it the next time,
        or the schema cannot be this record's. Raises AwaitedSchemaError: ask for it once more.
        """
        if record.headers_unreadable:
            raise poison(PoisonReason.UNREADABLE_HEADERS, _UNREADABLE)
        if record.value is None:
            return self._tombstone(record, plan)
        try:
            event = self._event(record.value, record, plan)
        except PoisonError as error:
            if error.reason == PoisonReason.DOUBTFUL_KEY:
                self._refused.remember(record)
            raise
        self._refused.forget(record)
        return event

    def _event(self, value: bytes, record: Record, plan: ColumnPlan) -> Event:
        try:
            change = self._read_value(value, record, plan)
        except PoisonError:
            kind = envelope.kind_by_topic(record.tp.topic)
            if kind is None:
                raise
            return ControlRecord(kind)
        if isinstance(change, ControlRecord):
            return change
        meaning = envelope.interpret(change)
        if isinstance(meaning, Op):
            key = self.decode_key(record, plan) if plan.key_columns else None
            other_key = self._other_key(moves.header_of(meaning), key, record, plan)
            event = envelope.change_event(meaning, change, key, record, other_key)
            for doubt in event.doubts:
                self._doubts[doubt.kind] += 1
            return event
        return meaning

    def decode_key(self, record: Record, plan: ColumnPlan) -> Row:
        """Return the plan's key columns, `()` if it has none.

        Raises PoisonError: there is no readable key. Raises ConfigError: its columns are not
        exactly the plan's, or the schema cannot be this key's. Raises AwaitedSchemaError.
        """
        if not plan.key_columns:
            return _NO_KEY
        if record.key is None:
            message = "the record has no key, and its document id needs the key columns"
            raise poison(PoisonReason.NULL_KEY, message)
        framed = self._frame(record.key, record, wire.KEY_HEADER)
        self._owner(framed.ref, record.tp.topic, True)  # noqa: FBT003 - it is a key
        return self._key_reader(framed.ref, plan)(framed.data, framed.start)

    def _other_key(
        self, header: str | None, key: Row | None, record: Record, plan: ColumnPlan
    ) -> Row | None:
        if header is None or not moves.has(header, record):
            return None

        def forms() -> KeyForms:
            own = self._frame(record.key or b"", record, wire.KEY_HEADER).ref
            tree = self._tree(own)
            to_row = reference.key_row(own, tree, plan, self._tools)
            return KeyForms(tree, to_row, lambda content: self._framed_key(content, plan))

        return self._moves.other_key(header, record, key, forms)

    def _framed_key(self, content: bytes, plan: ColumnPlan) -> Row:
        framed = wire.frame(content, (), wire.KEY_HEADER, self._settings.wire)
        if not self._is_at_hand(framed.ref):
            raise poison(PoisonReason.BAD_SCHEMA, "the schema of a header is not at hand")
        return self._key_reader(framed.ref, plan)(framed.data, framed.start)

    def losses(self) -> Mapping[Loss, int]:
        """Return how many values became None because nothing can hold them, by reason."""
        return self._losses.counts()

    def doubts(self) -> Mapping[DoubtKind, int]:
        """Return how many values of new rows were found that may not be the row's, by kind."""
        return dict(self._doubts)

    def key_changes(self) -> Mapping[tuple[str, ...], int]:
        """Return how many halves of key changes were read, by header and by what it told."""
        return self._moves.counts()

    def _missing(
        self, data: bytes | None, headers: Sequence[Header], header: str
    ) -> SchemaRef | None:
        if data is None:
            return None
        try:
            ref = wire.frame(data, headers, header, self._settings.wire).ref
        except PoisonError:  # `decode` will say so
            return None
        return None if self._is_at_hand(ref) else ref

    def _is_at_hand(self, ref: SchemaRef) -> bool:
        """Look a schema up; what was made of another one by this name (a disk's) is forgotten."""
        try:
            schema = self._schemas.get(ref)
            at_hand = schema is not None
        except PoisonError:  # `decode` will say so
            schema, at_hand = None, True
        parsed = self._parsed.get(ref)
        if at_hand and parsed is not None and parsed is not schema and parsed != schema:
            self._forget()
        return at_hand

    def _forget(self) -> None:
        self._parsed.clear()
        for clear in self._caches:
            clear()

    def _tombstone(self, record: Record, plan: ColumnPlan) -> Event:
        if record.key is None:
            return ControlRecord(ControlKind.NULL_KEY_TOMBSTONE)
        self._refused.check(record)
        key = self.decode_key(record, plan)
        return Tombstone(key, self._other_key(moves.NEW_KEY_HEADER, key, record, plan))

    def _read_value(self, value: bytes, record: Record, plan: ColumnPlan) -> Change | ControlRecord:
        framed = self._frame(value, record, wire.VALUE_HEADER)
        owner = self._owner(framed.ref, record.tp.topic, False)  # noqa: FBT003 - no key
        change = self._value_reader(framed.ref, plan)(framed.data, framed.start)
        if owner is not None and isinstance(change, Change):
            check_table(owner, framed.ref, change.source.table)
        return change

    def _frame(self, data: bytes, record: Record, header: str) -> Framed:
        if len(data) > self._settings.max_payload_bytes:
            message = f"{len(data)} bytes, more than {self._settings.max_payload_bytes}"
            raise poison(PoisonReason.PAYLOAD_TOO_LARGE, message)
        return wire.frame(data, record.headers, header, self._settings.wire)

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
