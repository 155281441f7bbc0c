"""Texts of JsonConverter → schema and payload; schemas are parsed once, however often they come.

With `schemas.enable=true` each key and each value is `{"schema":…,"payload":…}`, the schema most of
it (reference `debezium.md` §3.6). A text that begins as one read before is recognised by its bytes,
and only its payload is parsed. Imports the domain.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from consumer.decode import json_schema, json_text
from consumer.decode.avro_types import AvroType
from consumer.decode.json_text import JsonBounds
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ColumnPlan
from consumer.domain.schemas import SchemaRef

_OPENING: Final = b'{"schema":'
_BETWEEN: Final = b',"payload":'
_NAMES: Final = frozenset({"schema", "payload"})

_MAX_KEPT_BYTES: Final = 16 * 1024 * 1024
"""Of schema texts together: what is made of one takes some ten times as much."""

Read: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class KnownSchema:
    """A schema out of a record, with the readers that were made for it."""

    ref: SchemaRef
    root: AvroType
    value_readers: dict[ColumnPlan, Read] = field(default_factory=dict)
    key_readers: dict[ColumnPlan, Read] = field(default_factory=dict)


class Document(NamedTuple):
    """What a text holds; `schema` is None where it has none."""

    schema: KnownSchema | None
    payload: Any


class JsonDocuments:
    """Reads texts, and keeps the schemas that were in them."""

    def __init__(self, settings: DecodeSettings) -> None:
        """Start with no schema."""
        self._settings = settings
        # A schema nests two levels of JSON for each level of types, the payload one.
        self._bounds = JsonBounds(settings.max_decoded_bytes, 2 * settings.max_depth + 8)
        self._known: OrderedDict[bytes, KnownSchema] = OrderedDict()
        self._kept_bytes = 0

    def read(self, data: bytes) -> Document:
        """Return what `data` holds. Raises PoisonError."""
        between = data.find(_BETWEEN) if data.startswith(_OPENING) else -1
        if between < 0:
            return self._document(self._parse(data), b"")
        text = data[len(_OPENING) : between]
        known = self._known.get(text)
        if known is None or not data.endswith(b"}"):
            return self._document(self._parse(data), text)
        self._known.move_to_end(text)
        return Document(known, self._parse(data[between + len(_BETWEEN) : -1]))

    def _parse(self, data: bytes) -> Any:
        return json_text.parse(data, self._bounds)

    def _document(self, value: Any, text: bytes) -> Document:
        """Tell schema and payload apart. A row may have columns of just these names."""
        if not isinstance(value, dict) or value.keys() != _NAMES:
            return Document(None, value)
        schema, payload = value["schema"], value["payload"]
        if schema is None:
            return Document(None, payload)
        if not json_schema.is_schema(schema):
            return Document(None, value)
        return Document(self._schema(schema, text), payload)

    def _schema(self, schema: Any, text: bytes) -> KnownSchema:
        if not self._is_whole(text):
            text = json.dumps(schema, default=str).encode()
        if text in self._known:
            return self._known[text]
        ref = SchemaRef(f"json/{hashlib.sha256(text).hexdigest()[:16]}")
        most = self._settings.max_schema_bytes
        if len(text) > most:
            message = f"schema {ref} cannot be used: {len(text)} bytes of text, more than {most}"
            raise poison(PoisonReason.BAD_SCHEMA, message)
        known = KnownSchema(ref, json_schema.parse(schema, ref, self._settings))
        self._keep(text, known)
        return known

    def _is_whole(self, text: bytes) -> bool:
        """Return whether this is the schema's text: `payload` may be a name inside it."""
        try:
            self._parse(text)
        except PoisonError:
            return False
        return True

    def _keep(self, text: bytes, known: KnownSchema) -> None:
        self._known[text] = known
        self._kept_bytes += len(text)
        most = self._settings.max_cached_schemas
        while len(self._known) > most or self._kept_bytes > _MAX_KEPT_BYTES:
            oldest, _ = self._known.popitem(last=False)
            self._kept_bytes -= len(oldest)
