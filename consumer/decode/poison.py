"""Why a record cannot be decoded: a closed set, used as a metric label. Imports the domain only."""

from __future__ import annotations

from enum import StrEnum

from consumer.domain.errors import PoisonError


class PoisonReason(StrEnum):
    """What is wrong with the bytes, the schema behind them, or what they say."""

    UNKNOWN_FRAMING = "unknown_framing"
    """The bytes do not begin as any registry's framing does, nor do headers name a schema."""
    NOT_AVRO = "not_avro"
    """JSON where only Avro is read, or a registry schema of another kind than Avro."""
    BAD_SCHEMA = "bad_schema"
    """The writer schema, or the one in a JSON record, is none, or is beyond a bound (size, depth,
    recursion)."""
    PAYLOAD_TOO_LARGE = "payload_too_large"
    UNDECODABLE = "undecodable"
    """The payload is not a value of its writer schema, or would grow beyond the bound."""
    UNREADABLE_HEADERS = "unreadable_headers"
    """A header's name is not UTF-8; headers can name the schema, so nothing is certain."""
    TRAILING_BYTES = "trailing_bytes"
    """Bytes are left over: most often a wrong schema id."""
    NOT_AN_ENVELOPE = "not_an_envelope"
    """Neither a Debezium change event of a relational table nor unmistakably a row."""
    UNKNOWN_OP = "unknown_op"
    """An op letter that is not known, or a row that says unclearly whether it is deleted."""
    INCOMPLETE_ENVELOPE = "incomplete_envelope"
    """A create, update or read without its row."""
    UNSUPPORTED_CONNECTOR = "unsupported_connector"
    """A connector whose op letters mean something else."""
    NULL_KEY = "null_key"
    """A row event without the key that its document id is made of."""
    DOUBTFUL_KEY = "doubtful_key"
    """A delete whose key is not the row's, by what is left of the old row."""


def poison(reason: PoisonReason, message: str) -> PoisonError:
    """Return the error to raise; `message` holds no value of the record."""
    return PoisonError(reason.value, message)
