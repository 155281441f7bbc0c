"""Stations 4 to 6, decode, map and encode, put together without anything that stays connected.

`run` builds its pipeline around them; `explain`, `capture` and the benchmarks use them alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from consumer import parts
from consumer.config.load import Loaded
from consumer.coveo.payload import encode
from consumer.decode.decoder import Decoder
from consumer.domain.errors import PoisonError
from consumer.domain.events import ColumnPlan
from consumer.domain.operations import EncodedOperation, Operation
from consumer.domain.partitions import PartitionCounts
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaLookup, SchemaRef, WriterSchema
from consumer.registry.errors import UnknownSchemaError
from consumer.registry.remote import RemoteRegistry
from consumer.runtime.translate import RecordTranslator
from consumer.state.mirror import NoMirror

_VALUES_ONLY = ColumnPlan((), ())
_BOTH_SIDES = ColumnPlan((), ("key",))
"""Asks for some key column: which one, only decoding would ask."""


def translator(
    loaded: Loaded, schemas: SchemaLookup, partitions: PartitionCounts | None = None
) -> RecordTranslator:
    """Return what makes operations of a record, without anything that connects."""
    traits = parts.traits(loaded.settings)

    def encode_for_target(operation: Operation) -> EncodedOperation:
        return encode(operation, traits[operation.target])

    decoder = Decoder(schemas, parts.decode_settings(loaded.settings))
    counts = PartitionCounts() if partitions is None else partitions
    return RecordTranslator(decoder, NoMirror(), loaded.mapping, encode_for_target, counts)


class NoSchemas:
    """A lookup that has none: whoever asks learns which ones a record needs.

    Without a registry no record needs any, so that nothing is ever requested.
    """

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return nothing."""
        del ref
        return None

    def request(self, schema_ref: SchemaRef) -> None:
        """Ask nobody."""

    def trouble(self, schema_ref: SchemaRef) -> str | None:
        """Say that there is none to be had."""
        del schema_ref
        return "schema_registry.url is not set"


def schemas_of(loaded: Loaded, records: Iterable[Record]) -> list[WriterSchema]:
    """Return the schemas that these records name, from the registry, each once.

    Keys that no mapping reads may be of any kind: what they only seem to name is left out. Raises
    RetryableError, ConfigError or PoisonError if another one cannot be had.
    """
    where = parts.registry_settings(loaded.settings)
    if where is None:
        return []
    registry = RemoteRegistry(where)
    decoder = Decoder(NoSchemas(), parts.decode_settings(loaded.settings))
    needed = dict[SchemaRef, bool]()
    for record in records:
        route = loaded.mapping.route(record.tp.topic)
        read = decoder.missing_schemas(record, route.plan if route else _VALUES_ONLY)
        named = decoder.missing_schemas(record, _BOTH_SIDES)
        needed |= {ref: needed.get(ref, False) or ref in read for ref in named}
    fetched = []
    for ref, is_needed in needed.items():
        try:
            fetched.append(registry.fetch(ref))
        except (PoisonError, UnknownSchemaError):
            if is_needed:
                raise
    return fetched
