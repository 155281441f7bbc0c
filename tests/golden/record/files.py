"""The files of a case: `records.jsonl`, `records.schemas.jsonl` and `about.json`.

What a case must lead to stands in the order of its records, and which partition a key falls into
changes from one registry to the next. So lines written by hand move with the records they are for.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Final, TypeAlias

from demo.record.capture import Record, write_lines
from tests.golden.record.registry import fetch_schemas
from tests.golden.record.scenario import Case, Json
from tests.golden.skeleton import skeletons

GOLDEN: Final = Path(__file__).resolve().parents[1]
_WRITTEN: Final = ("records.jsonl", "records.schemas.jsonl", "about.json")

_Name: TypeAlias = tuple[str, str, str, int]
"""What a record is told apart by: topic, key, op, and which one of these it is."""


def write(about: Json, case: Case, records: list[Record], registry_url: str) -> None:
    """Write a case; what else its folder holds stays, in the order of the records."""
    folder = GOLDEN / case.topics[0] / case.name
    before = _names(folder)
    for name in _WRITTEN:
        (folder / name).unlink(missing_ok=True)
    write_lines(folder / "records.jsonl", [record.line() for record in records])
    write_lines(folder / "records.schemas.jsonl", fetch_schemas(registry_url, records))
    text = json.dumps(about, indent=1, ensure_ascii=False) + "\n"
    (folder / "about.json").write_text(text, encoding="utf-8")
    _reorder(folder, before)


def _names(folder: Path) -> list[_Name]:
    if not (folder / "records.jsonl").exists():
        return []
    seen: Counter[tuple[str, str, str]] = Counter()
    names = []
    for one in skeletons(folder):
        key = json.dumps(one.key_data, default=repr, sort_keys=True)
        seen[one.topic, key, one.op] += 1
        names.append((one.topic, key, one.op, seen[one.topic, key, one.op]))
    return names


def _reorder(folder: Path, before: list[_Name]) -> None:
    """Move expectations with their records; if those are others, leave them to be looked at."""
    after = _names(folder)
    if sorted(before) != sorted(after):
        return
    for path in folder.glob("operations*.jsonl"):
        lines = path.read_text("utf-8").split("\n")[:-1]
        if len(lines) != len(before):
            continue
        line_of = dict(zip(before, lines, strict=True))
        path.write_text("".join(f"{line_of[name]}\n" for name in after), encoding="utf-8")
