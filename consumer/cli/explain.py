"""`coveo-cdc explain`: what captured records would do, without Kafka, registry or Coveo."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer

from consumer import stations
from consumer.cli.options import ConfigOption, loaded
from consumer.coveo.partial import parsed
from consumer.domain.captures import record_of, schema_of, schemas_name
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.operations import EncodedOperation, OperationKind
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.pipeline.contract import Translator

_T = TypeVar("_T")

RecordsOption = Annotated[
    Path, typer.Option("--records", "-r", help="A capture: JSON Lines, plain or .gz.")
]
SchemasOption = Annotated[
    Path | None, typer.Option("--schemas", help="Its schemas, if not beside it.")
]


def explain(config: ConfigOption, records: RecordsOption, schemas: SchemasOption = None) -> None:
    """Print what each captured record becomes: operations, a skip or why it cannot be used.

    One JSON object a line. Values of rows are shown: that is what it is for.

    Example: coveo-cdc explain --config coveo-cdc.yaml --records kb.events.jsonl
    """
    beside = records.with_name(schemas_name(records.name))
    sidecar = schemas or (beside if beside.exists() else None)  # JSON needs none
    parsed = () if sidecar is None else _parsed(sidecar, schema_of)
    known = CapturedSchemas({schema.ref: schema for schema in parsed})
    translator = stations.translator(loaded(config), known)
    for record in _parsed(records, record_of):
        document = {"position": str(record.position), **explained(translator, record)}
        typer.echo(orjson.dumps(document))


@dataclass(frozen=True, slots=True)
class CapturedSchemas:
    """The schemas of a capture."""

    by_ref: dict[SchemaRef, WriterSchema]

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return the schema if the capture has it."""
        return self.by_ref.get(ref)


def explained(translator: Translator, record: Record) -> dict[str, Any]:
    """Return what a record becomes, as JSON."""
    missing = translator.missing_schemas(record)
    if missing:
        return {"held": "schema", "detail": f"not in the capture: {', '.join(missing)}"}
    try:
        translation = translator.translate(record)
    except PoisonError as poison:
        return _set_aside(translator, record, poison)
    except ConfigError as error:
        return {"held": "mapping", "detail": str(error)}
    if translation.skip is not None:
        return {"event": translation.event, "skipped": translation.skip.value}
    operations = [_operation(each) for each in translation.operations]
    return {"event": translation.event, "operations": operations}


def _set_aside(translator: Translator, record: Record, poison: PoisonError) -> dict[str, Any]:
    """Return the reason, with the deletes that it causes on secured targets."""
    try:
        deletes = translator.safe_deletes(record)
    except PoisonError as key_poison:
        return {"held": "dead_letter", "detail": f"{poison.reason}: {poison}; {key_poison}"}
    except ConfigError as error:
        return {"held": "mapping", "detail": str(error)}
    document: dict[str, Any] = {"poison": poison.reason, "detail": str(poison)}
    if deletes:
        document["operations"] = [_operation(each) for each in deletes]
    return document


def _operation(operation: EncodedOperation) -> dict[str, Any]:
    in_part = operation.kind is OperationKind.PARTIAL
    body = parsed(operation.payload) if in_part else orjson.loads(operation.payload)
    shown = {"target": operation.target, "kind": operation.kind.value, "body": body}
    if operation.content is not None:
        shown["content_bytes"] = len(operation.content)
    return shown


def _parsed(path: Path, parse: Callable[[str], _T]) -> Iterator[_T]:
    for number, line in enumerate(_lines(path), start=1):
        try:
            yield parse(line)
        except ConfigError as error:
            msg = f"{path}:{number}: {error}"
            raise ConfigError(msg) from error


def _lines(path: Path) -> Iterator[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="\n") as file:
            yield from file
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read: {type(error).__name__}; give a capture file"
        raise ConfigError(msg) from error
