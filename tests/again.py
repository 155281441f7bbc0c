"""A second try for what failed in CI beside real clocks: `python -m tests.again`.

A broker, a browser or a process that is ten seconds late on a loaded machine says nothing of the
program. So the few tests that failed among them run once more, by themselves, and both outcomes
are printed. Nothing else gets a second try: a test that is the same each time, a promise (kills,
random transactions), or more failures than an accident makes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
FAILED: Final = ROOT / ".pytest_cache/v/cache/lastfailed"
BESIDE_REAL_CLOCKS: Final = (
    "tests/browser/",
    "tests/cluster/",
    "tests/contract/",
    "tests/e2e/",
    "tests/stack/",
)
PROMISES: Final = ("tests/e2e/test_kills.py", "tests/stack/test_chaos.py")
MOST: Final = 3
"""A machine under load makes one or two late; more are a fault."""


def may_run_again(failed: Collection[str]) -> bool:
    """Return whether these tests, by their ids, get a second try."""
    return len(failed) <= MOST and all(
        each.startswith(BESIDE_REAL_CLOCKS) and not each.startswith(PROMISES) for each in failed
    )


def main() -> int:
    """Run what failed last once more; return 0 only if all of it passes now."""
    failed = sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []
    if not failed:
        sys.stderr.write("nothing is known to have failed: there is nothing to run again\n")
        return 1
    for each in failed:
        sys.stdout.write(f"failed at first: {each}\n")
    if not may_run_again(failed):
        sys.stdout.write("no second try for these\n")
        return 1
    sys.stdout.flush()
    return int(pytest.main(["-m", "", "-p", "no:randomly", *failed]))


if __name__ == "__main__":
    sys.exit(main())
