"""The mapping document: what a configuration may say about topics, items and fields.

Imports pydantic. These models hold what was written; `compile.py` decides whether it makes sense.
Every key carries its description: JSON Schema and reference pages are made from them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from consumer.domain.access import IdentityType

Constant: TypeAlias = str | int | float | bool
_ANYTHING = Field(union_mode="left_to_right")


class Spec(BaseModel):
    """What all parts share: nothing unknown is let in, nothing changes afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class TopicsSpec(Spec):
    """Topics by name, or by a pattern."""

    names: tuple[str, ...] | None = None
    """Topics by name; the short forms are a single name and a list of names."""
    pattern: str | None = None
    r"""Regular expression that must match the whole topic name. It keeps to letters, `.`, `\.`,
    `[a-z]`, `*`, `+`, `?`, `|` and `( )`, which every Kafka client and broker reads alike.
    Internal topics and Debezium's control topics are never matched."""
    exclude: tuple[str, ...] = ()
    """Regular expressions of topics that the pattern leaves out; each matches the whole name."""


class Cast(StrEnum):
    """Types that a field can ask for."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    BASE64 = "base64"
    JSON = "json"
    DICTIONARY = "dictionary"


class ValueSpec(Spec):
    """One value: exactly one of `column`, `constant`, `template` and `expression`."""

    column: str | None = None
    """Column to read; writing just its name is the short form."""
    constant: Constant | tuple[Constant, ...] | None = None
    """The same value for every row."""
    template: str | None = None
    """URI with `{column}` placeholders, their values percent-encoded; none if one is null."""
    expression: str | None = None
    """CEL over `row.<column>`; see the guide for the functions it knows."""
    json_pointer: str | None = Field(default=None, alias="json")
    """JSON pointer (RFC 6901) into a column that holds JSON: `/address/city`."""
    split: Annotated[str, Field(min_length=1)] | None = None
    """Delimiter of a text that holds several values: blanks around them and empty ones are cut."""
    cast: Cast | None = Field(default=None, alias="as")
    """Type to convert to; a value that does not convert goes to the dead letters. Without it a
    value keeps its type; exact numerics are numbers where a double holds them, else text."""
    default: Constant | tuple[Constant, ...] | None = None
    """What stands in for null. Without it the field is left out where the column is null."""


class BodyKind(StrEnum):
    """How a body is sent."""

    TEXT = "text"
    BINARY = "binary"


class BodySpec(Spec):
    """The item's content: exactly one of `column` and `expression`."""

    column: str | None = None
    """Column with the content; writing just its name is the short form, as text."""
    expression: str | None = None
    """CEL that yields the text."""
    kind: BodyKind = BodyKind.TEXT
    """`text` is sent as it is, `binary` compressed: for columns of bytes (PDF, images, …)."""


class ExtensionSpec(Spec):
    """The file extension, which tells the service how to read the content."""

    constant: str | None = None
    """Extension with its dot: `.html`; writing just this is the short form."""
    column: str | None = None
    """Column that holds it, with or without the dot."""


class GrantSpec(Spec):
    """Identities of one kind: exactly one of `column` and `constant`."""

    type: Literal["user", "group", "virtual_group"]
    """What the names stand for."""
    column: str | None = None
    """Column with a name or a list of names; null stands for nobody. Blank or padded texts are no
    names: the record is set aside, unless `split` cuts the blanks."""
    constant: str | None = None
    """A name that holds for every row."""
    json_pointer: str | None = Field(default=None, alias="json")
    """JSON pointer into a column that holds JSON."""
    split: Annotated[str, Field(min_length=1)] | None = None
    """Delimiter of a text that holds several names."""
    provider: str | None = None
    """Security provider that knows them; without it the first one of the source."""

    @property
    def identity_type(self) -> IdentityType:
        """Return the kind of identity in the domain's words."""
        return IdentityType["VIRTUAL_GROUP" if self.type == "virtual_group" else self.type.upper()]


class ColumnTypeSpec(Spec):
    """A type that records do not carry."""

    type: str
    """Type of Kafka Connect (`bytes`, `double`, `int64`, …), `decimal`, `array`, or the full name
    of a semantic type such as `io.debezium.time.MicroTimestamp`; writing just this is the short
    form."""
    scale: Annotated[int, Field(ge=-1_000, le=1_000)] | None = None
    """Places of a decimal behind its point."""
    items: str | None = None
    """Type of an array's elements; `scale` is theirs then."""


class PermissionsSpec(Spec):
    """Who may see the items. Whoever is neither allowed nor anonymous is denied."""

    allowed: tuple[GrantSpec, ...] = ()
    """Who may see an item; with nobody in it the item is denied to everybody."""
    denied: tuple[GrantSpec, ...] = ()
    """Who may not, whatever else is allowed."""
    anonymous: StrictBool = False
    """`true` shows every item to everybody who is not denied. Only ever written by hand here."""


def short(key: str) -> Any:
    """Return a validator that takes the short form of a part: `x` for `{key: x}`."""

    def expand(value: object) -> object:
        return {key: value} if isinstance(value, str) else value

    return expand


def _topics(value: object) -> object:
    """Take the short forms of topics: a name, or a list of names."""
    match value:
        case str():
            return {"names": [value]}
        case list() | tuple():
            return {"names": value}
        case _:
            return value


TopicsField: TypeAlias = Annotated[
    TopicsSpec, BeforeValidator(_topics, json_schema_input_type=str | list[str] | TopicsSpec)
]
ValueField: TypeAlias = Annotated[
    ValueSpec, BeforeValidator(short("column"), json_schema_input_type=str | ValueSpec)
]
BodyField: TypeAlias = Annotated[
    BodySpec, BeforeValidator(short("column"), json_schema_input_type=str | BodySpec)
]
ExtensionField: TypeAlias = Annotated[
    ExtensionSpec, BeforeValidator(short("constant"), json_schema_input_type=str | ExtensionSpec)
]

ColumnTypeField: TypeAlias = Annotated[
    ColumnTypeSpec, BeforeValidator(short("type"), json_schema_input_type=str | ColumnTypeSpec)
]


class MappingSpec(Spec):
    """How the rows of some topics become items of one target."""

    topics: TopicsField
    """Topic name, list of names, or `{pattern: …, exclude: […]}`."""
    format: Literal["debezium", "flattened", "upsert"] | None = None
    """What the topics' records are: change events, rows as ExtractNewRecordState leaves them, or
    plain whole rows. Without it what is unmistakable is recognised: change events, and rows with
    `__deleted` or `__op`."""
    encoding: Literal["avro", "json"] | None = None
    """How values are written. Without it each one shows: a JSON object begins with `{`."""
    key_encoding: Literal["avro", "json", "text", "integer"] | None = None
    """How keys are written. Without it each one shows, as values do; a key that is no JSON object
    but bare JSON, bare text or a bare integer (4 or 8 bytes) must be declared."""
    column_types: dict[str, ColumnTypeField] = Field(default_factory=dict)
    """Types by column, where records do not carry them: JSON without schemas, or Avro without
    Connect's metadata."""
    target: str
    """Which of `targets` the items go to."""
    id: str
    """Template of the document id over key columns: `kb://articles/{id}`. All key columns belong
    in it; `{$topic}` stands for the topic and is required where several topics are mapped."""
    full_before_images: bool = False
    """The topics' updates and deletes carry the whole old row (PostgreSQL: REPLICA IDENTITY FULL;
    MySQL: always). The id may then use any column: a row whose id changes moves its item."""
    may_be_left_out: tuple[str, ...] = ()
    """Columns of which an update may leave an unchanged value out as a plain null, though it does
    not look so: large values whose type hides that the connector has no marker for it, such as
    bytes written as base64. Their null in an update without the old row is not believed."""
    never_left_out: tuple[str, ...] = ()
    """Columns that never hold large values, though their type could: a null is null."""
    default_is_value: StrictBool | tuple[str, ...] = False
    """Columns whose default in a row is what the row holds, or `true` for all of them: the
    converter does not write it for null. Otherwise a nullable column's default is counted, and is
    not believed where it says who may see an item."""
    when: str | None = None
    """CEL condition: a row for which it is false has no item, one for which it turns false loses
    it."""
    title: ValueField | None = None
    """The item's title; without it the service shows the document id."""
    body: BodyField | None = None
    """The item's content."""
    file_extension: ExtensionField | None = None
    """File extension of the content, such as `.html`."""
    parent_id: str | None = None
    """Template of the document id of the parent; none where one of its columns is null."""
    fields: dict[str, ValueField] = Field(default_factory=dict)
    """Metadata by field name: lower-case letters, digits and `_`, beginning with a letter. Other
    names are made into such: `Due Date` is `due_date`; two that become one are refused."""
    permanent_id: StrictBool = False
    """Adds the field `permanentid`, made of the document id the way Coveo's own clients do, for
    usage analytics and machine learning."""
    permissions: PermissionsSpec | None = None
    """Who may see the items: required on a secured target, refused on any other."""
    partial_updates: StrictBool = False
    """Catalogs only, with `format: debezium`: an update whose event leaves out large values that
    did not change goes out as the other fields of its item. Without it such a record is set
    aside."""
    on_truncate: Literal["stop", "ignore", "delete_items"] = "stop"
    """What an emptied table does: `stop` holds the partition until somebody has decided,
    `ignore` goes on and leaves the items in the index. `delete_items` is refused as yet: it needs
    a list of the table's items, which is not kept."""
    delete_children: bool = False
    """A delete also removes every item whose id begins with the deleted id and `/`."""
