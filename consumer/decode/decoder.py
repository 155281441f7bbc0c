"""Records → events: the one entry to decoding. Imports the domain. No I/O: schemas are looked up.

Per record: the encoding of each side, a cached reader for (schema, plan), then what it means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from consumer.decode import bare_keys, changes, envelope, moves, wire
from consumer.decode.avro_readers import AvroReaders
from consumer.decode.converters import Converters
from consumer.decode.identity import RefusedDeletes
from consumer.decode.json_readers import JsonReaders
from consumer.decode.losses import Loss, Losses
from consumer.decode.moves import KeyForms, Moves
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Meaning
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
from consumer.domain.formats import BARE_KEYS, Encoding
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaLookup, SchemaRef

_NO_KEY: Final[Row] = ()
_UNREADABLE: Final = "a header's name is not UTF-8: the record is kept without its headers"


class Decoder:
    """Decodes records of any topic, each for the plan of its mapping. Not for several threads."""

    def __init__(self, schemas: SchemaLookup, settings: DecodeSettings) -> None:
        """Keep where schemas at hand are looked up, and the bounds."""
        self._settings = settings
        self._losses = Losses()
        self._doubts: Counter[DoubtKind] = Counter()
        self._moves = Moves()
        self._refused = RefusedDeletes()
        tools = changes.Toolbox(
            converters=lambda: (
                Converters(self._losses.add),
                Converters(self._losses.add, exact=True),
            ),
            marker=Marker(settings.unavailable_marker),
            max_decoded_bytes=settings.max_decoded_bytes,
        )
        self._avro = AvroReaders(schemas, settings, tools)
        self._json = JsonReaders(settings, tools)

    def missing_schemas(self, record: Record, plan: ColumnPlan) -> tuple[SchemaRef, ...]:
        """Return the schemas to fetch before `decode`. Bytes without a framing need none.

        A key that the plan does not read is not looked at: it may be of any kind, and its bytes
        could be taken for a framing.
        """
        key = record.key if plan.key_columns and _may_be_avro(plan.reading.key) else None
        value = record.value if _may_be_avro(plan.reading.value) else None
        if record.headers_unreadable:
            value = None  # it is not going to be read
        refs = [
            self._avro.missing(key, record.headers, wire.KEY_HEADER),
            self._avro.missing(value, record.headers, wire.VALUE_HEADER),
        ]
        if plan.key_columns:
            refs.append(self._avro.missing(moves.framed_header(record), (), wire.KEY_HEADER))
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
            meaning = self._read_value(value, record, plan)
        except PoisonError:
            kind = envelope.kind_by_topic(record.tp.topic)
            if kind is None:
                raise
            return ControlRecord(kind, self._json.heartbeat_ms(value))
        if meaning is None:
            return self._tombstone(record, plan)
        if isinstance(meaning, ControlRecord):
            return meaning
        what = envelope.interpret(meaning)
        if isinstance(what, Op):
            key = self.decode_key(record, plan) if plan.key_columns else None
            other_key = self._other_key(moves.header_of(what), key, record, plan)
            event = envelope.change_event(what, meaning, key, record, other_key)
            for doubt in event.doubts:
                self._doubts[doubt.kind] += 1
            return event
        return what

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
        match plan.reading.key:
            case Encoding.TEXT:
                return bare_keys.text(self._bounded(record.key), plan)
            case Encoding.INTEGER:
                return bare_keys.integer(self._bounded(record.key), plan)
            case encoding:
                framed = self._framed(record.key, record, wire.KEY_HEADER, encoding)
        if framed is None:
            return self._json.key(record.key, plan)
        return self._avro.key(framed, record.tp.topic, plan)

    def losses(self) -> Mapping[Loss, int]:
        """Return how many values became None because nothing can hold them, by reason."""
        return self._losses.counts()

    def doubts(self) -> Mapping[DoubtKind, int]:
        """Return how many values of new rows were found that may not be the row's, by kind."""
        return dict(self._doubts)

    def key_changes(self) -> Mapping[tuple[str, ...], int]:
        """Return how many halves of key changes were read, by header and by what it told."""
        return self._moves.counts()

    def _tombstone(self, record: Record, plan: ColumnPlan) -> Event:
        if record.key is None:
            return ControlRecord(ControlKind.NULL_KEY_TOMBSTONE)
        self._refused.check(record)
        key = self.decode_key(record, plan)
        return Tombstone(key, self._other_key(moves.NEW_KEY_HEADER, key, record, plan))

    def _read_value(self, value: bytes, record: Record, plan: ColumnPlan) -> Meaning:
        framed = self._framed(value, record, wire.VALUE_HEADER, plan.reading.value)
        if framed is None:
            return self._json.value(value, plan)
        return self._avro.value(framed, record.tp.topic, plan)

    def _framed(
        self, data: bytes, record: Record, side: str, encoding: Encoding | None
    ) -> Framed | None:
        """Return where the Avro in `data` begins, or None if it is JSON."""
        self._bounded(data)
        if encoding is Encoding.JSON:
            if wire.looks_framed(data):
                raise wire.declared_json(data, record.headers, side)
            return None
        try:
            return self._avro.frame(data, record.headers, side)
        except wire.BareJsonError:
            if encoding is None and wire.is_unmistakable_json(data):
                return None
            raise

    def _bounded(self, data: bytes) -> bytes:
        if len(data) > self._settings.max_payload_bytes:
            message = f"{len(data)} bytes, more than {self._settings.max_payload_bytes}"
            raise poison(PoisonReason.PAYLOAD_TOO_LARGE, message)
        return data

    def _other_key(
        self, header: str | None, key: Row | None, record: Record, plan: ColumnPlan
    ) -> Row | None:
        if header is None or not moves.has(header, record):
            return None

        def forms() -> KeyForms:
            return self._key_forms(record, plan)

        return self._moves.other_key(header, record, key, forms)

    def _key_forms(self, record: Record, plan: ColumnPlan) -> KeyForms:
        def read_framed(content: bytes) -> Row:
            return self._avro.framed_key(content, plan)

        if plan.reading.key in BARE_KEYS:
            raise poison(PoisonReason.UNKNOWN_FRAMING, "the header of a bare key is not read")
        own = self._framed(record.key or b"", record, wire.KEY_HEADER, plan.reading.key)
        if own is None:
            return self._json.key_forms(record.key or b"", plan, read_framed)
        return self._avro.key_forms(own, plan, read_framed)


def _may_be_avro(encoding: Encoding | None) -> bool:
    return encoding in {None, Encoding.AVRO}
