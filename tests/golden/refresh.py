"""Show where recorded cases lead elsewhere than expected: `python -m tests.golden.refresh CASE …`.

CASE is `<topic>/<case>`, a part of it, or nothing for all. Nothing is written but with `--derive`,
which works out what the recorded rows call for, where a case tells them, and with `--write`, which
asks for each difference of the others: an expectation follows from what happened in the database,
not from what the program makes of it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from tests.golden.cases import FOLDERS, NOT_YET, Expectation, Json, about, expectations
from tests.golden.derive import derived


def main(arguments: Sequence[str]) -> int:
    """Print a diff for each expectation that is not met; return 1 if any remains."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.refresh", description=__doc__)
    parser.add_argument("case", nargs="*", help="<topic>/<case>, or a part of it; default: all")
    parser.add_argument("--write", action="store_true", help="offer to write what the program says")
    parser.add_argument("--derive", action="store_true", help="write what the rows call for")
    options = parser.parse_args(arguments)
    if options.derive:
        _derive(options.case)
    chosen = [one for one in expectations() if _is_meant(one, options.case)]
    if not chosen:
        parser.error("no such case")
    remaining = [one for one in chosen if _show(one, may_write=options.write)]
    return 1 if remaining else 0


def _is_meant(one: Expectation, cases: Sequence[str]) -> bool:
    return not cases or any(case in one.name for case in cases)


def _derive(cases: Sequence[str]) -> None:
    for folder in FOLDERS:
        for configuration in about(folder).get("configurations", ()):
            one = Expectation(folder, configuration)
            if _is_meant(one, cases):
                _write(one, derived(folder, configuration))


def _write(one: Expectation, outcomes: Sequence[Json]) -> None:
    lines = (json.dumps(outcome, ensure_ascii=False) + "\n" for outcome in outcomes)
    one.path.write_text("".join(lines), encoding="utf-8")


def _show(one: Expectation, *, may_write: bool) -> bool:
    """Print a difference, with the statements behind it; return whether it remains."""
    difference = one.difference()
    if not difference:
        return False
    known = NOT_YET.get(one.name)
    _say(f"== {one.name}" + (f" (known: {known})" if known else ""))
    _say(difference)
    by_hand = "configurations" not in about(one.folder)
    if (
        may_write
        and by_hand
        and known is None
        and input(f"write {one.path.name}? [y/N] ").lower() == "y"
    ):
        _write(one, one.answers())
        return False
    return known is None


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
