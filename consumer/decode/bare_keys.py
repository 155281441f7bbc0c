"""Keys that are bare values without any framing, as ksqlDB's KAFKA format writes them.

Such bytes can look like anything else, so they are read only where that is declared. Imports the
domain.
"""

from __future__ import annotations

from typing import Final

from consumer.decode.changes import require_one_column
from consumer.decode.poison import PoisonReason, poison
from consumer.domain.events import ColumnPlan, Row

_INTEGER_BYTES: Final = frozenset({4, 8})


def text(key: bytes, plan: ColumnPlan) -> Row:
    """Return the only key column as UTF-8 text. Raises PoisonError, or ConfigError for several."""
    require_one_column(plan, "a key of text")
    try:
        return (key.decode(),)
    except UnicodeDecodeError:
        message = "the key is not UTF-8, but 'key_encoding' says text"
        raise poison(PoisonReason.UNDECODABLE, message) from None


def integer(key: bytes, plan: ColumnPlan) -> Row:
    """Return the only key column, big-endian. Raises PoisonError, or ConfigError for several."""
    require_one_column(plan, "a key of an integer")
    if len(key) not in _INTEGER_BYTES:
        message = f"the key has {len(key)} bytes, but 'key_encoding' says integer: four or eight"
        raise poison(PoisonReason.UNDECODABLE, message)
    return (int.from_bytes(key, "big", signed=True),)
