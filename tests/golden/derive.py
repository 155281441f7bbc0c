"""What a case must lead to, worked out from the history of its rows and the mapping alone.

Each record of a row is one step of that row's history, in order: an insert, update or read becomes
the item of the row as a SELECT showed it, a delete or a tombstone the delete of the item.

Two lists of `about.json` say where that is not so. `expect` names a kind of record by its letter
(`u`, `T` for tombstones, `?` for what is no change event; `u2` is the second update) and says what
it becomes. `differs` says which field does not hold what the database does, and why.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from tests.golden import identifiers, rules
from tests.golden.skeleton import TOMBSTONE, Skeleton, fields, semantic_name, skeletons

Json: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, str | None]

FOLDER: Final = Path(__file__).parent
_EVENTS: Final = {"c": "create", "u": "update", "r": "read", "d": "delete", TOMBSTONE: "tombstone"}
_PLACEHOLDER: Final = re.compile(r"\{(.+?)\}")


def derived(folder: Path, configuration: str) -> list[Json]:
    """Return what each record of a case must become."""
    about = json.loads((folder / "about.json").read_text("utf-8"))
    case = _Case(about, _mappings(configuration))
    expected = [case.outcome(record) for record in skeletons(folder)]
    case.check_all_told()
    return expected


@cache
def _mappings(configuration: str) -> Sequence[Json]:
    document = yaml.safe_load((FOLDER / f"{configuration}.yaml").read_text("utf-8"))
    mappings: Sequence[Json] = document["mappings"]
    return mappings


@dataclass(frozen=True, slots=True)
class _State:
    """A row as it was for a while, and its columns' types."""

    row: Row
    kinds: Mapping[str, str]


@dataclass(slots=True)
class _Story:
    """One row's states: the one that is told, those to come, and those that may come again."""

    now: _State | None
    then: list[_State | None] = field(default_factory=list)
    again: list[_State | None] = field(default_factory=list)
    was_read: bool = False

    def read(self) -> _State | None:
        """Return the state that a snapshot finds: the second one may find a later state."""
        if self.was_read and self.then and self.then[0] is not None:
            self.now = self.then.pop(0)
        self.was_read = True
        return self.now

    def write(self) -> _State | None:
        """Return the next state that is one."""
        self.then = self.then or [*self.again]
        while self.then and self.then[0] is None:
            self.then.pop(0)
        self.now = self.then.pop(0) if self.then else self.now
        return self.now

    def delete(self) -> None:
        """Take note that the row is gone."""
        self.then = self.then[1:] if self.then[:1] == [None] else self.then


@dataclass(slots=True)
class _Table:
    """The history of a table."""

    key: tuple[str, ...]
    columns: Mapping[str, str]
    stories: dict[tuple[str, ...], _Story]

    @classmethod
    def of(cls, history: Json, *, replays: bool) -> _Table:
        """Read it from `about.json`."""
        table = cls(tuple(history["key"]), {**history["columns"]}, {})
        kinds = history["columns"]
        for key, row in history["before"].items():
            table.story(key, kinds).now = _State(row, kinds)
        for number, step in enumerate(history["steps"]):
            kinds = history["altered"].get(str(number), kinds)
            table.columns = {**table.columns, **kinds}
            for key, row in step.items():
                state = None if row is None else _State(row, kinds)
                table.story(key, kinds or table.columns).then.append(state)
        for story in table.stories.values() if replays else ():
            story.again = [*story.then]
        return table

    def story(self, key: str, kinds: Mapping[str, str]) -> _Story:
        """Return the story of a row."""
        pairs = zip(self.key, json.loads(key), strict=True)
        found = tuple(identifiers.identifier(kinds[name], text) for name, text in pairs)
        return self.stories.setdefault(found, _Story(None))


class _Case:
    """What is known of a case, and how far its rows' stories have been told."""

    def __init__(self, about: Json, mappings: Sequence[Json]) -> None:
        self._settings = about["settings"]
        self._tables = {
            name: _Table.of(each, replays=about.get("replays", False))
            for name, each in about["history"].items()
        }
        self._expect = about.get("expect", {})
        self._differs = about.get("differs", [])
        self._mappings = mappings
        self._seen: Counter[str] = Counter()
        self._table_of: dict[tuple[str, bytes | None], str] = {}

    def outcome(self, record: Skeleton) -> Json:
        """Return what a record becomes."""
        self._seen[record.op] += 1
        state = self._advance(record)
        for name in (f"{record.op}{self._seen[record.op]}", record.op, "*"):
            if name in self._expect:
                return dict(self._expect[name])
        assert state is not None, f"{record.op} of {record.topic}: no row tells of it"
        key, after = state
        operations = [self._operation(each, record, key, after) for each in self._of(record.topic)]
        return {"event": _EVENTS[record.op], "operations": operations}

    def check_all_told(self) -> None:
        """Fail if the database did something that no record tells."""
        for name, table in self._tables.items():
            left = {
                key: story.then
                for key, story in table.stories.items()
                if any(story.then) and not story.again
            }
            assert not left, f"{name}: no record tells of {left}"

    def _advance(self, record: Skeleton) -> tuple[_Named, _State | None] | None:
        """Return the row that a record is about, and its state after it."""
        table = self._tables.get(self._table_name(record))
        if table is None:
            return None
        texts = _key_texts(record, table)
        if texts is None or texts not in table.stories:
            return None
        story = table.stories[texts]
        named = dict(zip(table.key, texts, strict=True))
        match record.op:
            case "r":
                return named, story.read()
            case "c" | "u":
                return named, story.write()
            case _:
                story.delete()
                return named, None

    def _table_name(self, record: Skeleton) -> str:
        """Return the table of a record; a tombstone's is that of the record before with its key."""
        place = record.topic, record.key
        if record.op == TOMBSTONE:
            return self._table_of.get(place, record.table)
        return self._table_of.setdefault(place, record.table)

    def _of(self, topic: str) -> Iterator[Json]:
        for mapping in self._mappings:
            topics = mapping["topics"]
            if topic in (topics if isinstance(topics, list) else [topics]):
                yield mapping

    def _operation(
        self, mapping: Json, record: Skeleton, key: _Named, state: _State | None
    ) -> Json:
        table = self._tables[self._table_name(record)]
        document_id = _PLACEHOLDER.sub(
            lambda found: _part(found[1], record, key, state, table), mapping["id"]
        )
        if state is None:
            body: Json = {"documentId": document_id, "deleteChildren": False}
            return {"target": mapping["target"], "kind": "delete", "body": body}
        body = {"documentId": document_id, "data": ""}
        for name, spec in _specs(mapping):
            value = self._value(spec, table, state)
            if value is not None:
                body[name] = value
        for name, value in self._differences(record, state.row, table):
            body.pop(name, None)
            body |= {} if value is None else {name: value}
        return {"target": mapping["target"], "kind": "upsert", "body": body}

    def _value(self, spec: Any, table: _Table, state: _State) -> Any:
        column, cast = (spec, None) if isinstance(spec, str) else (spec["column"], spec.get("as"))
        name = _own_name(column, table)
        return rules.field(state.kinds[name], state.row.get(name), cast, self._settings)

    def _differences(self, record: Skeleton, row: Row, table: _Table) -> Iterator[tuple[str, Any]]:
        key = [row[name] for name in table.key]
        for each in self._differs:
            if each.get("key", key) == key and record.op in each.get("op", record.op):
                yield each["field"], each.get("is")


_Named: TypeAlias = dict[str, str]


def _specs(mapping: Json) -> Iterator[tuple[str, Any]]:
    """Yield what of an item comes from columns."""
    if "title" in mapping:
        yield "title", mapping["title"]
    if "body" in mapping:
        yield "data", mapping["body"]
    yield from mapping.get("fields", {}).items()


def _part(name: str, record: Skeleton, key: _Named, state: _State | None, table: _Table) -> str:
    if name == "$topic":
        return record.topic
    if name.startswith("__dbz__"):  # no column of a table: a transform put it into the key
        return identifiers.encoded(str(record.key_data[name]))
    column = _own_name(name, table)
    if column in key:
        return identifiers.encoded(key[column])
    assert state is not None
    return identifiers.encoded(identifiers.identifier(state.kinds[column], state.row[column] or ""))


def _own_name(column: str, table: _Table) -> str:
    """Return the database's name of a column that Avro made the connector rename."""
    if column in table.columns:
        return column
    (own,) = [name for name in table.columns if column in _adjusted(name)]
    return own


def _adjusted(name: str) -> tuple[str, str]:
    """Return a name as `field.name.adjustment.mode` `avro` and `avro_unicode` write it."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    coded = re.sub(r"^[0-9]|[^A-Za-z0-9]", lambda found: f"_u{ord(found[0]):04x}", name)
    return f"_{plain}" if plain[:1].isdigit() else plain, coded


def _field_name(column: str, types: Mapping[str, Any]) -> str | None:
    """Return what a column is called in a record's schema, if it is there."""
    return next((each for each in (column, *_adjusted(column)) if each in types), None)


def _key_texts(record: Skeleton, table: _Table) -> tuple[str, ...] | None:
    schema, row = record.row()
    if row is None:
        return None
    types = fields(schema)
    columns = [_field_name(name, types) for name in table.key]
    named = [name for name in columns if name is not None]
    if len(named) < len(columns):
        return None
    return tuple(_raw_text(types[name], row[name]) for name in named)


def _raw_text(schema: Any, raw: Any) -> str:  # noqa: PLR0911 - one case per kind
    """Return a key column's raw value as `identifiers.identifier` would write it."""
    name = semantic_name(schema).rpartition(".")[2]
    match name, raw:
        case "Date", int():
            return identifiers.day(raw)
        case "MicroTimestamp", int():
            return identifiers.moment(raw)
        case "MicroTime", int():
            return identifiers.time_of_day(raw)
        case "ZonedTimestamp", str():
            return identifiers.identifier("timestamp", raw.removesuffix("Z").replace("T", " "))
        case "VariableScaleDecimal", dict():
            return identifiers.decimal(raw["value"], raw["scale"])
        case "Decimal", bytes():
            return identifiers.decimal(raw, int(schema["scale"]))
        case _, bytes():
            return raw.hex()
        case _, bool():
            return "true" if raw else "false"
        case _:
            return str(raw)
