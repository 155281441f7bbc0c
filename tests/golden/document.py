"""What of Debezium is supported, with proofs: `python -m tests.golden.document FILE`.

Made from `handled.yaml` (what becomes of what), the cases (says, what they lead to) and the
mutants; docs/debezium.md is this page, which a test compares.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.golden.cases import FOLDER, FOLDERS, Json, about, expectations
from tests.golden.mutants import MUTANTS
from tests.golden.sections import NOT_RECORDED, SECTIONS

HANDLED: Final[Mapping[str, Any]] = yaml.safe_load((FOLDER / "handled.yaml").read_text("utf-8"))

_TOP: Final = """\
# What Debezium sends, and what becomes of it

Every statement of a section is proved by records of a real stack ({versions}):
{cases} cases, each with what happened in the database, the bytes that arrived, and the operations
that must follow. Sections are numbered as in the comments of the code. The page is made by
`make docs`; a case is recorded by `python -m tests.golden.record` and checked by `make test`. For
each section named mutants of the code turn its cases red: `make mutants`.

What a row becomes is decided by the [mapping](mapping.md), what a value becomes by its
[type](types.md), what cannot be lost by [delivery](delivery.md). Nothing is dropped silently: each
record leads to operations, is skipped under a name, is set aside with a reason, or holds its
partition ([errors](errors.md)).

| section | statements | cases |
| --- | --- | --- |
"""


def rendered() -> str:
    """Return the page."""
    return "".join([_top(), *map(_section, SECTIONS), _notes(), _differences(), _all_cases()])


def cases_of(text: str) -> list[str]:
    """Return the cases that a note links to."""
    return re.findall(r"\]\(([^)]+)\)", text)


def _top() -> str:
    abouts = [about(folder) for folder in FOLDERS]
    pairs = sorted({f"{each['database']} with Debezium {each['debezium']}" for each in abouts})
    top = _TOP.format(versions=", ".join(pairs), cases=len(FOLDERS))
    counts = Counter(section for each in abouts for section in each["section"])
    lines = [
        f"| [{_title(number)}](#{_anchor(number)}) | {len(HANDLED.get(number, ()))} "
        f"| {counts[number]} |\n"
        for number in SECTIONS
    ]
    return top + "".join(lines)


def _section(number: str) -> str:
    text = f"\n## {_title(number)}\n\n"
    if number in NOT_RECORDED:
        return f"{text}No case: {NOT_RECORDED[number]}.\n"
    text += "| what Debezium sends | what becomes of it | proved by |\n| --- | --- | --- |\n"
    for each in HANDLED[number]:
        links = ", ".join(map(_link, each["cases"]))
        text += f"| {_cell(each['what'])} | {_cell(each['fate'])} | {links} |\n"
    named = [f"`{one.name}` ({one.why})" for one in MUTANTS if one.section == number]
    return f"{text}\nRed with {'; '.join(named)}.\n"


def _notes() -> str:
    lines = [f"- {_LINK.sub(_in_tree, each)}\n" for each in HANDLED["notes"]]
    return "\n## Where Debezium surprises\n\n" + "".join(lines)


def _differences() -> str:
    """Return what the records do not carry as the database holds it, whatever is done with them."""
    found: dict[str, dict[str, None]] = {}
    for folder in FOLDERS:
        for each in about(folder).get("differs", ()):
            found.setdefault(each["why"], {})[_name(folder)] = None
    rows = [f"| {_cell(why)} | {', '.join(map(_link, names))} |\n" for why, names in found.items()]
    head = (
        "\n## What arrives otherwise than it is in the database\n\n"
        "No consumer can repair it: nothing in the record shows it.\n\n"
        "| what | seen in |\n| --- | --- |\n"
    )
    return head + "".join(rows)


def _all_cases() -> str:
    fates = _fates()
    head = (
        "\n## All cases\n\nWith what each leads to under all of its mappings.\n\n"
        "| case | what happened | sections | leads to |\n| --- | --- | --- | --- |\n"
    )
    return head + "".join(_row(folder, fates[_name(folder)]) for folder in FOLDERS)


def _row(folder: Path, fates: Sequence[str]) -> str:
    told = about(folder)
    cells = [_link(told["id"]), _cell(told["says"]), ", ".join(told["section"]), "; ".join(fates)]
    return f"| {' | '.join(cells)} |\n"


@cache
def _fates() -> Mapping[str, Sequence[str]]:
    found: dict[str, Counter[str]] = {}
    for one in expectations():
        counts = found.setdefault(_name(one.folder), Counter())
        counts.update(fate for outcome in one.expected() for fate in _fates_of(outcome))
    return {name: [_counted(*each) for each in counts.items()] for name, counts in found.items()}


def _fates_of(outcome: Json) -> Iterator[str]:
    yield from (_OPERATIONS[each["kind"]] for each in outcome.get("operations", ()))
    if "skipped" in outcome:
        yield f"skipped as `{outcome['skipped']}`"
    if "poison" in outcome:
        yield f"set aside as `{outcome['poison']}`"
    if "held" in outcome:
        yield "held"


def _counted(fate: str, count: int) -> str:
    return f"{count} {fate if count == 1 else _PLURALS.get(fate, fate)}"


def _name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _link(case: str) -> str:
    return f"[`{case}`]({_TREE}{case}/about.json)"


def _in_tree(found: re.Match[str]) -> str:
    return f"]({_TREE}{found[1]}/about.json)"


def _title(number: str) -> str:
    return f"{number} {SECTIONS[number]}"


def _anchor(number: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", _title(number).lower())
    return kept.replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_TREE: Final = "../tests/golden/"
_LINK: Final = re.compile(r"\]\(([^)]+)\)")
_OPERATIONS: Final = {"upsert": "item", "delete": "delete"}
_PLURALS: Final = {"item": "items", "delete": "deletes"}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(rendered(), encoding="utf-8")
