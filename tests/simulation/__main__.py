"""`python -m tests.simulation --seed S --steps N [--mutant M] [--story]`."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import Simulation


def main() -> int:
    """Run one seed; exit 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="break the product on purpose")
    parser.add_argument("--story", action="store_true", help="tell more of what happened")
    arguments = parser.parse_args()
    began = time.perf_counter()
    mutate = MUTANTS[arguments.mutant].apply if arguments.mutant else None
    report = Simulation(arguments.seed, mutate).run(arguments.steps, 400 if arguments.story else 60)
    took = time.perf_counter() - began
    sys.stdout.write(report.situations.table() + "\n")
    sys.stdout.write(
        f"seed {report.seed}: {report.steps} steps, {report.records} records,"
        f" {report.seconds:.0f} virtual seconds, trace {report.trace:08x},"
        f" {took:.1f} s, {report.steps / took:.0f} steps/s\n"
    )
    if report.violation is None:
        return 0
    sys.stdout.write("\n".join(report.story) + f"\n\nVIOLATED {report.violation}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
