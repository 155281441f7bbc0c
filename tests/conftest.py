"""What every test gets: hypothesis profiles, and the time of each tier at the end of a run."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pytest

# `ci` is what `make test` means: the same examples on every machine. `dev` looks for new ones.
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", max_examples=100, deadline=None)
settings.register_profile("nightly", max_examples=5_000, deadline=None)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"),
)


def tier_of(nodeid: str) -> str:
    """Return the folder under `tests/` that a test belongs to."""
    parts = PurePosixPath(nodeid.split("::", maxsplit=1)[0]).parts
    return parts[1] if len(parts) > 2 else "tests"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print tests and seconds of each tier (added up over all workers), above the last line."""
    seconds: defaultdict[str, float] = defaultdict(float)
    tests: defaultdict[str, int] = defaultdict(int)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if not hasattr(report, "duration"):
                continue
            seconds[tier_of(report.nodeid)] += report.duration
            tests[tier_of(report.nodeid)] += report.when == "call"
    terminalreporter.section("time of each tier")
    for tier in sorted(seconds, key=lambda name: -seconds[name]):
        terminalreporter.write_line(f"{tier:<14}{tests[tier]:>6} tests {seconds[tier]:>9.1f} s")
    for report in terminalreporter.stats.get("passed", []):
        for name, figures in report.user_properties:  # what `record_property` was given
            terminalreporter.write_line(f"{name}: {figures}")
