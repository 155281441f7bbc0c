"""Keys and values in JSON → what they say, with and without schemas. Imports the domain."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from consumer.decode import changes, json_plain, moves
from consumer.decode.avro_types import AvroType
from consumer.decode.changes import Toolbox
from consumer.decode.json_documents import JsonDocuments, KnownSchema
from consumer.decode.json_plain import ReadPlain
from consumer.decode.json_values import MisfitError, Takers
from consumer.decode.moves import KeyForms
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Meaning
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ColumnPlan, ControlRecord, Row
from consumer.domain.schemas import SchemaRef


class JsonReaders:
    """Reads JSON for any plan; readers are made once for each schema and plan."""

    def __init__(self, settings: DecodeSettings, tools: Toolbox) -> None:
        """Start with no schema."""
        self._tools = tools
        self._documents = JsonDocuments(settings)
        self._plain_value: Callable[[ColumnPlan], ReadPlain] = lru_cache(
            lambda plan: json_plain.value_reader(plan, tools, settings)
        )
        self._plain_key: Callable[[ColumnPlan], Callable[[Any], Row]] = lru_cache(
            lambda plan: json_plain.key_reader(plan, tools, settings)
        )

    def value(self, data: bytes, plan: ColumnPlan) -> Meaning:
        """Return what a value says. Raises PoisonError or ConfigError."""
        schema, payload = self._documents.read(data)
        if schema is None:
            return self._plain_value(plan)(payload)
        read = schema.value_readers.get(plan)
        if read is None:
            read = schema.value_readers[plan] = self._value_reader(schema, plan)
        meaning: Meaning = read(payload)
        return meaning

    def key(self, data: bytes, plan: ColumnPlan) -> Row:
        """Return the key columns. Raises PoisonError or ConfigError."""
        schema, payload = self._documents.read(data)
        if schema is None:
            return self._plain_key(plan)(payload)
        read = schema.key_readers.get(plan)
        if read is None:
            read = schema.key_readers[plan] = self._key_reader(schema, plan)
        row: Row = read(payload)
        return row

    def key_forms(
        self, key: bytes, plan: ColumnPlan, read_framed: Callable[[bytes], Row]
    ) -> KeyForms:
        """Return how a header tells another key than this one. Raises PoisonError, ConfigError."""
        schema, _ = self._documents.read(key)
        if schema is None:
            return KeyForms(is_text=False, of_json=self._plain_key(plan), read_framed=read_framed)
        to_row = changes.key_interpreter(schema.ref, schema.root, plan, self._tools)
        return moves.forms_of(schema.root, to_row, read_framed)

    def heartbeat_ms(self, data: bytes) -> int | None:
        """Return the time in a heartbeat without a schema, if it can be read."""
        try:
            payload = self._documents.read(data).payload
        except PoisonError:
            return None
        ts_ms = payload.get("ts_ms") if isinstance(payload, dict) else None
        return ts_ms if type(ts_ms) is int else None

    def _value_reader(self, schema: KnownSchema, plan: ColumnPlan) -> Callable[[Any], Meaning]:
        interpret = changes.interpreter(schema.ref, schema.root, plan, self._tools)
        if isinstance(interpret, ControlRecord):
            return lambda _payload: interpret
        take = _taker(schema.ref, schema.root)
        # Connect's `null` is no value, whatever the schema beside it says.
        return lambda payload: None if payload is None else interpret(take(payload))

    def _key_reader(self, schema: KnownSchema, plan: ColumnPlan) -> Callable[[Any], Row]:
        to_row = changes.key_interpreter(schema.ref, schema.root, plan, self._tools)
        take = _taker(schema.ref, schema.root)
        return lambda payload: to_row(take(payload))


def _taker(ref: SchemaRef, root: AvroType) -> Callable[[Any], Any]:
    take = Takers().of(root)

    def take_payload(payload: Any) -> Any:
        try:
            return take(payload)
        except MisfitError as misfit:
            message = f"payload of schema {ref} cannot be read: {misfit}"
            raise poison(PoisonReason.UNDECODABLE, message) from None

    return take_payload
