"""Writer schemas as a registry gave them, and how they are named. Imports the standard library."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Protocol

from consumer.domain.errors import RetryableError

SchemaRef = NewType("SchemaRef", str)
"""Names a schema as the wire does: `<id space>/<name>`, such as `id/7` or `global/7`.

It holds no blank and no character that a log, a path or an address would have to escape.
"""


class IdSpace(StrEnum):
    """Where a name means something. The same number in two spaces names two schemas.

    Apicurio counts artifact versions by *globalId* and distinct texts by *contentId*; both begin
    at 1, so a number that is looked up in the wrong space often finds a schema: another one
    (reference `debezium.md` §3.5).
    """

    NUMBER = "id"
    """Four bytes without a word about their space: Confluent's id, with Apicurio the contentId."""
    GUID = "guid"
    """Confluent's 128-bit id, 32 hexadecimal digits."""
    CONTENT = "content"
    """Apicurio's contentId."""
    GLOBAL = "global"
    """Apicurio's globalId."""
    HASH = "hash"
    """Apicurio's SHA-256 of the text, 64 hexadecimal digits."""
    VERSION = "version"
    """Apicurio's `group/artifact/version`, each part percent-encoded."""

    def ref(self, name: int | str) -> SchemaRef:
        """Return the reference of this name, which must be encoded already."""
        return SchemaRef(f"{self.value}/{name}")


def space_of(ref: SchemaRef) -> tuple[IdSpace, str]:
    """Return a reference's two parts."""
    space, _, name = ref.partition("/")
    return IdSpace(space), name


class Denial(StrEnum):
    """What the registry says of a schema that stood in for its own; somebody must act on each."""

    REPLACED = "replaced"
    """The registry has another one under its name."""
    WITHDRAWN = "withdrawn"
    """The registry has none."""


@dataclass(frozen=True, slots=True)
class WriterSchema:
    """The schema a payload was written with; its text is untrusted.

    `references` are (name, text) pairs in the order in which they must be parsed.
    """

    ref: SchemaRef
    schema_type: str
    text: str
    references: tuple[tuple[str, str], ...] = ()


class AwaitedSchemaError(RetryableError):
    """A schema that was at hand a moment ago is not any more: its record waits for it again."""

    def __init__(self, ref: SchemaRef) -> None:
        """Keep which one."""
        super().__init__(f"schema {ref} is not at hand; it must be fetched before decoding")
        self.ref = ref


class SchemaLookup(Protocol):
    """Schemas at hand, without any I/O."""

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return the schema if it is in memory. Raises PoisonError if it can never be used."""
        ...
