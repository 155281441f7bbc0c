"""Rows into items: one mapping's metadata, content and permissions. Imports the domain only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from consumer.domain.access import Permissions
from consumer.domain.errors import PoisonError
from consumer.domain.events import Doubt, Row
from consumer.domain.operations import Content, DocumentId, JsonValue, TargetId, UpsertItem
from consumer.mapping.body import compile_body, compile_extension
from consumer.mapping.certainty import Gate
from consumer.mapping.field_names import PERMANENT_ID, field_name
from consumer.mapping.fields import compile_value
from consumer.mapping.part import Part, Read, Scope, constant, then
from consumer.mapping.permissions import compile_permissions
from consumer.mapping.problems import Findings, Path
from consumer.mapping.reasons import Reason
from consumer.mapping.spec import Cast, MappingSpec, ValueSpec
from consumer.mapping.template import compile_template, parse
from consumer.mapping.values import bad_value

Metadata: TypeAlias = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ItemParts:
    """Everything of an item but its id."""

    fields: Mapping[str, Part[JsonValue]]
    """The metadata, by name."""
    content: Part[Content | None]
    extension: Part[str | None]
    parent: Part[str | None]
    permissions: Part[Permissions | None]
    has_permanent_id: bool
    required: tuple[str, ...] = ()
    """Fields without which there is no item: a catalog's ids."""

    @property
    def metadata(self) -> Part[Metadata]:
        """Return all fields as one part; a field that is null on a row is left out there."""
        return _together(self.fields)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that an item is made of."""
        return tuple(name for part in self._all for name in part.columns)

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """Return the columns of everything but the permissions."""
        parts = (self.metadata, self.content, self.extension, self.parent)
        return tuple(name for part in parts for name in part.columns)

    @property
    def exact_columns(self) -> tuple[str, ...]:
        """Return the columns of the URIs in it."""
        return tuple(name for part in self._all for name in part.exact_columns)

    @property
    def _all(self) -> tuple[Part[Any], ...]:
        return (self.metadata, self.content, self.extension, self.parent, self.permissions)


class ItemReader:
    """Makes the item of one target from a row of one topic."""

    def __init__(self, target: TargetId, parts: ItemParts, scope: Scope, gate: Gate) -> None:
        """Bind the parts to the topic's columns; `gate` says which doubts do not pass."""
        self._target = target
        self._metadata = parts.metadata.bind(scope)
        self._content = parts.content.bind(scope)
        self._extension = parts.extension.bind(scope)
        self._parent = parts.parent.bind(scope)
        self._permissions = parts.permissions.bind(scope)
        self._has_permanent_id = parts.has_permanent_id
        self._required = parts.required
        self._gate = gate

    def read(self, document_id: DocumentId, row: Row, doubts: Iterable[Doubt]) -> UpsertItem:
        """Return the item. Raises PoisonError; permissions come first, they must not be missed."""
        self._gate.check(doubts)
        permissions = self._permissions(row)
        parent = self._parent(row)
        metadata = self._metadata(row)
        require(self._required, metadata)
        if self._has_permanent_id:
            metadata = {**metadata, PERMANENT_ID: permanent_id(document_id)}
        return UpsertItem(
            target=self._target,
            document_id=document_id,
            metadata=metadata,
            content=self._content(row),
            file_extension=self._extension(row),
            parent_id=None if parent is None else DocumentId(parent),
            permissions=permissions,
        )


def require(names: Iterable[str], metadata: Metadata) -> None:
    """Raise PoisonError for the first of these fields that a row leaves empty."""
    for name in names:
        if name not in metadata:
            msg = f"field '{name}' is null, and by it the catalog knows the item"
            raise PoisonError(Reason.CATALOG_ID, msg)


def permanent_id(document_id: DocumentId) -> str:
    """Return the id by which analytics know an item: the same that Coveo's own clients make.

    Sixty characters, half of an MD5 and half of a SHA-1 (reference `push-api.md` §2.3): names, not
    secrets.
    """
    name = document_id.encode()
    halves = (hashlib.new(each, name, usedforsecurity=False) for each in ("md5", "sha1"))
    return "".join(half.hexdigest()[:30] for half in halves)


def compile_item(spec: MappingSpec, path: Path, found: Findings) -> ItemParts:
    """Compile what an item is made of; what is wrong is noted in `found`."""
    content: Part[Content | None] = constant(None)
    extension: Part[str | None] = constant(None)
    parent: Part[str | None] = constant(None)
    permissions: Part[Permissions | None] = constant(None)
    fields = _fields(spec, path, found)
    if spec.body is not None:
        with found.at(*path, "body"):
            content = compile_body(spec.body)
    if spec.file_extension is not None:
        with found.at(*path, "file_extension"):
            extension = compile_extension(spec.file_extension)
    if spec.parent_id is not None:
        with found.at(*path, "parent_id"):
            parent = compile_template(parse(spec.parent_id))
    if spec.permissions is not None:
        granted = compile_permissions(spec.permissions, (*path, "permissions"), found)
        permissions = then(granted, _some)
    return ItemParts(fields, content, extension, parent, permissions, spec.permanent_id)


def _some(permissions: Permissions) -> Permissions | None:
    return permissions


def _fields(spec: MappingSpec, path: Path, found: Findings) -> Mapping[str, Part[JsonValue]]:
    """Compile the title and all fields."""
    parts = dict[str, Part[JsonValue]]()
    if spec.title is not None:
        with found.at(*path, "title"):
            parts["title"] = then(compile_value(_as_text(spec.title)), _title)
    taken = {name: f"'{name}'" for name in parts}
    if spec.permanent_id:
        taken[PERMANENT_ID] = "'permanent_id'"
    for written, value in spec.fields.items():
        with found.at(*path, "fields", written):
            name = field_name(written, taken)
            taken[name] = f"'{written}'"
            parts[name] = compile_value(value)
    return parts


def _together(parts: Mapping[str, Part[JsonValue]]) -> Part[Metadata]:
    columns = dict.fromkeys(name for part in parts.values() for name in part.columns)
    exact = dict.fromkeys(name for part in parts.values() for name in part.exact_columns)

    def bind(scope: Scope) -> Read[Metadata]:
        reads = tuple((name, part.bind(scope)) for name, part in parts.items())

        def read(row: Row) -> Metadata:
            made = ((name, read_value(row)) for name, read_value in reads)
            return {name: value for name, value in made if value is not None}

        return read

    return Part((*columns,), bind, (*exact,))


def _as_text(spec: ValueSpec) -> ValueSpec:
    """Return the spec of a title, which is text whatever its column holds."""
    plain = spec.cast is None and spec.constant is None and spec.template is None
    return spec.model_copy(update={"cast": Cast.STRING}) if plain else spec


def _title(value: JsonValue) -> JsonValue:
    if isinstance(value, list | dict):
        where = "the title"
        raise bad_value(where, "it is a list or a structure, where one text is expected")
    return value
