"""The other key of a row whose primary key changed, as a header of the record tells it.

Such a change is a delete under the old key and a create under the new one, each with the other's
key in a header whose encoding is that of the worker's `header.converter` (reference `debezium.md`
§1.5). JSON text, bare or beside its schema, and registry framing are read; what is not, is unknown.
Nothing rests on the header alone: the delete and the create stand for themselves. Imports the
domain.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from consumer.decode import json_text
from consumer.decode.avro_types import AvroType, Primitive, without_null
from consumer.decode.json_values import MisfitError, Takers
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import Op, Row
from consumer.domain.records import Record

_PREFIX: Final = "__debezium."
NEW_KEY_HEADER: Final = "__debezium.newkey"
"""On the delete of the old key (and its tombstone) when a primary key changed."""

OLD_KEY_HEADER: Final = "__debezium.oldkey"
"""On the create of the new key: an update in truth, so that it can leave values out."""

_KEY_HEADERS: Final = frozenset({NEW_KEY_HEADER, OLD_KEY_HEADER})
_MAX_HEADER_BYTES: Final = 64 * 1024
_FRAMINGS: Final = b"\0\1"
_WITH_SCHEMA: Final = {"schema", "payload"}


class OtherKey(StrEnum):
    """What a header tells of the other key; a closed set, used as a metric label."""

    READ = "read"
    UNKNOWN = "unknown"
    """In an encoding that says too little, such as `Struct{id=5}`, or not asked for by the plan."""
    IMPLAUSIBLE = "implausible"
    """It is the record's own key."""


@dataclass(frozen=True, slots=True)
class KeyForms:
    """How a key of this topic is read from a header: as the record's own key."""

    is_text: bool
    """The key is one bare text, which a header may hold without quotes."""
    of_json: Callable[[Any], Row]
    """From a JSON value. Raises PoisonError, ConfigError, MisfitError."""
    read_framed: Callable[[bytes], Row]


def forms_of(
    node: AvroType, to_row: Callable[[Any], Row], read_framed: Callable[[bytes], Row]
) -> KeyForms:
    """Return the forms of a key of this type; `to_row` takes it as Avro gives it."""
    only, take = without_null(node), Takers().of(node)
    is_text = isinstance(only, Primitive) and only.kind == "string"
    return KeyForms(is_text, lambda value: to_row(take(value)), read_framed)


class Moves:
    """Reads other keys, and counts how that went."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._counts: Counter[tuple[str, ...]] = Counter()

    def other_key(
        self, header: str, record: Record, key: Row | None, forms: Callable[[], KeyForms]
    ) -> Row | None:
        """Return the key that the record's header names, if it can be read and makes sense.

        `forms` may raise PoisonError, ConfigError.
        """
        other = None if not key else _read(_last(header, record), forms)
        if other is None:
            told = OtherKey.UNKNOWN
        else:
            told = OtherKey.IMPLAUSIBLE if other == key else OtherKey.READ
        if record.value is not None:  # a tombstone repeats what its delete said
            self._counts[header.removeprefix(_PREFIX), told.value] += 1
        return other if told is OtherKey.READ else None

    def counts(self) -> Mapping[tuple[str, ...], int]:
        """Return how often each header (`newkey`, `oldkey`) told what."""
        return dict(self._counts)


def header_of(op: Op) -> str | None:
    """Return the header that a record of this kind has if its row's key changed."""
    match op:
        case Op.DELETE:
            return NEW_KEY_HEADER
        case Op.CREATE | Op.UPDATE:  # a flattened row does not always say that it is a create
            return OLD_KEY_HEADER
        case _:
            return None


def has(header: str, record: Record) -> bool:
    """Return whether the record has the header, whatever it holds."""
    return any(name == header for name, _ in record.headers)


def framed_header(record: Record) -> bytes | None:
    """Return the content of a key header that names a schema, if there is one."""
    for name, content in reversed(record.headers):
        if name in _KEY_HEADERS and content and content[0] in _FRAMINGS:
            return content
    return None


def _last(header: str, record: Record) -> bytes | None:
    return next((content for name, content in reversed(record.headers) if name == header), None)


def _read(content: bytes | None, forms: Callable[[], KeyForms]) -> Row | None:
    if not content or len(content) > _MAX_HEADER_BYTES:
        return None
    try:
        keys = forms()
        if content[0] in _FRAMINGS:
            return keys.read_framed(content)
        return keys.of_json(_json(content.decode(), is_text=keys.is_text))
    except (PoisonError, ConfigError, MisfitError, UnicodeDecodeError):
        return None


def _json(text: str, *, is_text: bool) -> Any:
    """Return a key as JSON gives it; a bare text is also written as it is."""
    try:
        # Kafka's simple converter escapes quotes and backslashes, but no control characters.
        parsed = json.loads(
            text, strict=False, parse_float=json_text.fraction, parse_constant=_no_constant
        )
    except (ValueError, RecursionError, ArithmeticError):
        if is_text:
            return text
        message = "no JSON"
        raise MisfitError(message) from None
    if isinstance(parsed, dict) and parsed.keys() == _WITH_SCHEMA:
        parsed = parsed["payload"]
    return text if is_text and not isinstance(parsed, str) else parsed


def _no_constant(name: str) -> Any:
    raise ValueError(name)
