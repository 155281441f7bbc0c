"""Record cases from a real stack: `python -m tests.golden.record --stack COMMAND [CASE …]`.

CASE is `<topic>/<case>`, or the name of a scenario; default: all. Their scenarios are run whole.
COMMAND is asked for `up`, whose output says where everything is; `--endpoints FILE` is that output.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.golden.record.recorder import Recorder
from tests.golden.record.scenario import Scenario, scenarios


def main(arguments: Sequence[str]) -> int:
    """Record, and tell what was not as a scenario says; return 1 if anything was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.record", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--stack", metavar="COMMAND", help="the stack's command, installed")
    where.add_argument("--endpoints", type=Path, metavar="FILE", help="what `up` printed, as JSON")
    parser.add_argument("case", nargs="*", help="<topic>/<case> or a scenario; default: all")
    options = parser.parse_args(arguments)
    chosen = [one for one in scenarios() if _is_meant(one, options.case)]
    if not chosen:
        parser.error("no such case")
    endpoints = _endpoints(options.stack, options.endpoints)
    complaints = []
    for scenario in chosen:
        began = time.monotonic()
        wanted = frozenset() if scenario.name in options.case else frozenset(options.case)
        found = Recorder(scenario, endpoints).record(wanted)
        complaints += [f"{scenario.name}: {line}" for line in found]
        _say(f"{scenario.name}: {len(scenario.cases)} cases, {time.monotonic() - began:.0f} s")
    _say("".join(f"{line}\n" for line in complaints), end="")
    return 1 if complaints else 0


def _is_meant(scenario: Scenario, cases: Sequence[str]) -> bool:
    own = {f"{case.topics[0]}/{case.name}" for case in scenario.cases}
    return not cases or scenario.name in cases or not own.isdisjoint(cases)


def _endpoints(command: str | None, file: Path | None) -> dict[str, str]:
    if file is not None:
        text = file.read_text("utf-8")
    else:
        up = [*shlex.split(command or ""), "up"]
        text = subprocess.run(up, stdout=subprocess.PIPE, text=True, check=True).stdout
    endpoints: dict[str, str] = json.loads(text)
    return endpoints


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
