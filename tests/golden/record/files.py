"""The files of a case: `records.jsonl`, `records.schemas.jsonl` and `about.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from demo.record.capture import Record, fetch_schemas, write_lines
from tests.golden.record.scenario import Case, Json

GOLDEN: Final = Path(__file__).resolve().parents[1]
_WRITTEN: Final = ("records.jsonl", "records.schemas.jsonl", "about.json")


def write(about: Json, case: Case, records: list[Record], registry_url: str) -> None:
    """Write a case; what else its folder holds (what it must lead to) stays."""
    folder = GOLDEN / case.topics[0] / case.name
    for name in _WRITTEN:
        (folder / name).unlink(missing_ok=True)
    write_lines(folder / "records.jsonl", [record.line() for record in records])
    write_lines(folder / "records.schemas.jsonl", fetch_schemas(registry_url, records))
    text = json.dumps(about, indent=1, ensure_ascii=False) + "\n"
    (folder / "about.json").write_text(text, encoding="utf-8")
