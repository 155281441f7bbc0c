"""Recorded cases, what each must lead to under a mapping, and how the two are compared.

A case is a folder `<topic>/<name>`: `records.jsonl` with its schemas, `about.json` (what happened
in the database), and for each configuration of this folder that it is meant for one file of
expectations: `operations.jsonl` for `mapping.yaml`, `operations.<other>.jsonl` for `<other>.yaml`.
Where `about.json` has a history of the rows, these follow from it (`derive.py`); the others were
written by hand.
"""

from __future__ import annotations

import base64
import difflib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from consumer import stations
from consumer.cli.explain import CapturedSchemas, explained
from consumer.config.load import Loaded, load_compiled
from consumer.domain.captures import record_of, schema_of
from consumer.domain.records import Record

FOLDER: Final = Path(__file__).parent
MAIN: Final = "mapping"
FOLDERS: Final = sorted(path.parent for path in FOLDER.glob("*/*/about.json"))

Json = dict[str, Any]

NOT_YET: Final[Mapping[str, str]] = {}
"""Expectations that are right and that the program does not meet yet, with the reason."""

NOT_YET_IN_ANY_ORDER: Final = {
    **dict.fromkeys(
        ("pg.public.pages/key-change", "mariadb.shop.products/key-change:alternative"),
        "the row keeps its id but changes its key and so its partition: needs the rows last seen",
    ),
    "spread.public.sales/by-column:rows": "the connector was told to give up the order of a key",
}
"""Cases whose end depends on which of their partitions is read first, with the reason."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One case under one configuration."""

    folder: Path
    mapping: str

    @property
    def name(self) -> str:
        """Return `<topic>/<case>`, and the configuration unless it is the main one."""
        case = f"{self.folder.parent.name}/{self.folder.name}"
        return case if self.mapping == MAIN else f"{case}:{self.mapping}"

    @property
    def path(self) -> Path:
        """Return the file of what is expected."""
        suffix = "" if self.mapping == MAIN else f".{self.mapping}"
        return self.folder / f"operations{suffix}.jsonl"

    def expected(self) -> list[Json]:
        """Return what the records must become."""
        return [json.loads(line) for line in _lines(self.path)]

    def actual(self) -> list[Json]:
        """Return what the program makes of the records."""
        return _actual(self)

    def translated(self) -> list[Json]:
        """Ask the program anew what it makes of the records."""
        known = {schema.ref: schema for schema in map(schema_of, _lines(self._schemas()))}
        translator = stations.translator(loaded(self.mapping), CapturedSchemas(known))
        outcomes = (explained(translator, record) for record in records(self.folder))
        return [json.loads(orjson.dumps(outcome)) for outcome in outcomes]

    def answers(self) -> list[Json]:
        """Return what the program makes of the records, details in the words expected of them."""
        return [*_with_expected_details(self.expected(), self.actual())]

    def difference(self) -> str:
        """Return a unified diff from what is expected to what is; empty if they agree."""
        expected, actual = _pretty(self.expected()), _pretty(self.answers())
        return "\n".join(
            difflib.unified_diff(expected, actual, "expected", "actual", n=8, lineterm="")
        )

    def _schemas(self) -> Path:
        return self.folder / "records.schemas.jsonl"


@cache
def _actual(one: Expectation) -> list[Json]:
    return one.translated()


def expectations() -> list[Expectation]:
    """Return all cases under all configurations that say something about them."""
    files = (path for folder in FOLDERS for path in sorted(folder.glob("operations*.jsonl")))
    return [Expectation(path.parent, _mapping_of(path.name)) for path in files]


@cache
def loaded(mapping: str) -> Loaded:
    """Return a configuration of this folder."""
    environ = {"COVEO_CDC__COVEO__API_KEY": "xx-not-a-real-key"}
    return load_compiled(FOLDER / f"{mapping}.yaml", environ)


def records(folder: Path) -> list[Record]:
    """Return the records of a case, partitions in the order of their timestamps."""
    return [record_of(line) for line in _lines(folder / "records.jsonl")]


def about(folder: Path) -> Json:
    """Return what happened in the database, with which versions and settings."""
    document: Json = json.loads((folder / "about.json").read_text("utf-8"))
    return document


def operations(outcomes: Iterable[Json]) -> Iterator[Json]:
    """Yield every operation of what records became."""
    for outcome in outcomes:
        yield from outcome.get("operations", ())


def _mapping_of(name: str) -> str:
    return name.removeprefix("operations").removesuffix("jsonl").strip(".") or MAIN


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def _with_expected_details(expected: Sequence[Json], actual: Sequence[Json]) -> Iterator[Json]:
    """Let a detail count as expected where it contains the words that are expected of it."""
    for number, outcome in enumerate(actual):
        wanted = expected[number].get("detail") if number < len(expected) else None
        if wanted is not None and wanted in outcome.get("detail", ""):
            yield {**outcome, "detail": wanted}
        else:
            yield outcome


def _pretty(outcomes: Sequence[Json]) -> list[str]:
    texts = (
        json.dumps(_inflated(each), indent=1, ensure_ascii=False, sort_keys=True)
        for each in outcomes
    )
    return [line for text in texts for line in text.splitlines()]


def _inflated(value: Any) -> Any:
    """Return a JSON value with compressed content as what was compressed: zlibs differ."""
    match value:
        case {"compressedBinaryData": str() as data}:
            plain = zlib.decompress(base64.b64decode(data)).hex()
            return {**value, "compressedBinaryData": plain}
        case dict():
            return {key: _inflated(each) for key, each in value.items()}
        case list():
            return [_inflated(each) for each in value]
        case _:
            return value
