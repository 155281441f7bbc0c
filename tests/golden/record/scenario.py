"""Scenarios: what is asked of a database and its connector, and what of it is kept as a case.

A file `scenarios/<name>.yaml` is one connector: its settings, its tables and their first rows, and
cases, which happen in this order. `repeat` makes tables and cases of one pattern: once for each of
its `with`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

FOLDER: Final = Path(__file__).resolve().parents[1] / "scenarios"
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or several with their types: the statements that make it, rows included."""

    sql: tuple[str, ...]
    key: tuple[str, ...] = ("id",)
    """The columns that tell its rows apart, for the history."""
    show: Mapping[str, str] = field(default_factory=dict)
    """Column → SQL of its text in the history, where a cast to text says too little."""


@dataclass(frozen=True, slots=True)
class Case:
    """Statements, and the topics in which their records are looked for.

    Without `sql` it shows what the case before led to in other topics, or the snapshot.
    """

    name: str
    topics: tuple[str, ...]
    """The first is the folder; records of all are captured together."""
    says: str
    section: tuple[str, ...]
    sql: tuple[Any, ...] = ()
    """Statements, or actions: see `steps.py`."""
    tables: tuple[str, ...] = ()
    """Whose history is kept; by default the topic's own. Without any there is none."""
    records: int | None = None
    """How many records are kept, of those that go on and on; of others that many must come."""
    configurations: tuple[str, ...] = ()
    """The configurations under which it leads to something; by default the scenario's."""
    expect: Mapping[str, Json] = field(default_factory=dict)
    """What else than the rows' items a kind of record leads to: see `tests/golden/derive.py`."""
    differs: tuple[Json, ...] = ()
    replays: bool = False
    """Whether what happens comes more than once, from the beginning each time."""
    """What Debezium does not carry as the database holds it: see `tests/golden/derive.py`."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One connector on a database of its own."""

    name: str
    database: str
    """`postgres` or `mariadb`."""
    settings: Mapping[str, str | None]
    tables: Mapping[str, Table]
    cases: tuple[Case, ...]
    catalog: str
    """The database's name on its server; by default the scenario's."""
    converter: str = "apicurio"
    partitions: int = 1
    configurations: tuple[str, ...] = ()
    waits: bool = True
    """Whether the first snapshot is over before the first case begins."""
    marker: str = ""
    """The topic of marker rows, if the settings move it."""
    prelude: tuple[str, ...] = ()
    """Statements of the database's owner (`postgres`, `root`) before anything else."""
    creates: tuple[str, ...] = ()
    """Topics that must be there before the connector is, with one partition."""
    drops: tuple[str, ...] = ()
    """Topics whose records no case need claim."""

    def marker_topic(self) -> str:
        """Return the topic in which a marker row arrives."""
        middle = "public" if self.database == "postgres" else self.catalog
        return self.marker or f"{self.name}.{middle}.golden_marker"

    def tables_of(self, case: Case) -> dict[str, Table]:
        """Return the tables whose rows the case is about."""
        own = case.topics[0].rpartition(".")[2]
        names = case.tables or ((own,) if own in self.tables else ())
        return {name: self.tables[name] for name in names if name in self.tables}


def load(path: Path) -> Scenario:
    """Read a scenario."""
    document = yaml.safe_load(path.read_text("utf-8"))
    parts = [document, *_repeated(document.pop("repeat", None))]
    tables = {k: _table(v) for part in parts for k, v in part.pop("tables", {}).items()}
    cases = tuple(_case(each) for part in parts for each in part.pop("cases", ()))
    settings = document.pop("settings", {})
    catalog = document.pop("catalog", path.stem)
    rest = {name: _tuple(each) for name, each in document.items()}
    return Scenario(
        name=path.stem, tables=tables, cases=cases, settings=settings, catalog=catalog, **rest
    )


def scenarios() -> list[Scenario]:
    """Return all scenarios, by name."""
    return [load(path) for path in sorted(FOLDER.glob("*.yaml"))]


def _repeated(document: Json | None) -> list[Json]:
    """Return tables and cases once for each of `with`, whose words stand for `%name%`."""
    if document is None:
        return []
    texts = document.pop("with")
    return [_filled(document, each) for each in texts]


def _filled(value: Any, texts: Mapping[str, str]) -> Any:
    match value:
        case str():
            for name, text in texts.items():
                value = value.replace(f"%{name}%", str(text))
            return value
        case list():
            return [_filled(each, texts) for each in value]
        case dict():
            return {_filled(name, texts): _filled(each, texts) for name, each in value.items()}
        case _:
            return value


def _table(document: Any) -> Table:
    if isinstance(document, list):
        return Table(tuple(document))
    return Table(**{name: _tuple(each) for name, each in document.items()})


def _case(document: Json) -> Case:
    topic = document.pop("topic")
    topics = tuple(topic) if isinstance(topic, list) else (topic,)
    return Case(topics=topics, **{name: _tuple(each) for name, each in document.items()})


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
