"""`python -m tests.fuzz --seed S --inputs N`: exits 0 if every input had a typed answer.

A process of its own, since a decoder can end one: by a segmentation fault, by taking all memory,
by never coming back. Memory is bounded where the system can do it (Linux).
"""

from __future__ import annotations

import argparse
import json
import sys

from tests.fuzz import mutants
from tests.fuzz.corpus import specimens
from tests.fuzz.mutate import Mutator
from tests.fuzz.target import answers, bound_memory

WARMING = 200


def main() -> int:
    """Run, print the answers as JSON, and tell what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--mutant", choices=sorted(mutants.MUTANTS), help="take a guard away")
    options = parser.parse_args()
    if options.mutant:
        mutants.MUTANTS[options.mutant]()
    corpus = specimens()
    answers(Mutator(corpus, seed=0).inputs(WARMING))
    if sys.platform == "linux":
        bound_memory()
    counts = answers(Mutator(corpus, options.seed).inputs(options.inputs))
    print(json.dumps(counts.most_common(), indent=0))  # noqa: T201 - that is what it is for
    return 0


if __name__ == "__main__":
    sys.exit(main())
