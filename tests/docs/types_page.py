"""The table in docs/types.md, made from that of the code, its tests and the recorded cases.

Run as a module it writes the page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from consumer.decode.logical import LOGICAL_TYPES
from tests.golden.cases import FOLDERS
from tests.unit.decode.test_logical import CASES

_MAX_CASES: Final = 3

_BEGIN: Final = "<!-- the table is generated -->\n"
_END: Final = "<!-- up to here -->\n"
_COLUMNS: Final = """\
| type | Avro | in an item | example | special values | recorded in |
| --- | --- | --- | --- | --- | --- |
"""


def rendered(page: str) -> str:
    """Return the page with the table as it must be now."""
    before, _, rest = page.partition(_BEGIN)
    _, _, behind = rest.partition(_END)
    recorded = _recorded()
    rows = "".join(_row(name, recorded.get(name, [])) for name in LOGICAL_TYPES)
    return before + _BEGIN + _COLUMNS + rows + _END + behind


def _row(name: str, cases: list[str]) -> str:
    type_ = LOGICAL_TYPES[name]
    _, raw, decoded = CASES[name]
    example = f"`{_shown(raw)}` → `{_shown(decoded)}`"
    shown = ", ".join(f"`{case}`" for case in cases[:_MAX_CASES])
    cells = (f"`{name}`", type_.avro, type_.said.becomes, example, type_.said.special, shown)
    return f"| {' | '.join(cells)} |\n"


def _shown(value: Any) -> str:
    """Return a value as JSON; bytes in hexadecimal digits."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else f"0x{value.hex()}"


def _recorded() -> dict[str, list[str]]:
    """Return the cases by the types that their schemas name, one case of each topic."""
    found: dict[str, dict[str, str]] = {}
    for folder in FOLDERS:
        lines = (folder / "records.schemas.jsonl").read_text("utf-8").splitlines()
        names = {name for line in lines for name in _names(json.loads(line).get("schema"))}
        topic = folder.parent.name
        for name in names & LOGICAL_TYPES.keys():
            found.setdefault(name, {}).setdefault(topic, f"{topic}/{folder.name}")
    return {name: [*cases.values()] for name, cases in found.items()}


def _names(node: Any) -> Iterator[str]:
    match node:
        case dict():
            yield from (text for key, text in node.items() if key == "connect.name")
            for each in node.values():
                yield from _names(each)
        case list():
            for each in node:
                yield from _names(each)
        case _:
            pass


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(rendered(path.read_text("utf-8")), encoding="utf-8")
