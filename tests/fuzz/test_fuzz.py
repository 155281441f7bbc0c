"""Hostile and broken input: every record has a typed answer, and no record ends the process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.mutants import MUTANTS
from tests.fuzz.nasty import NASTY

ROOT = Path(__file__).parents[2]
INPUTS = 12_000
NIGHTLY_INPUTS = 400_000
MET = {
    "operations", "held: schema", "held: mapping", "held: dead_letter", "poison: unknown_framing",
    "poison: bad_schema", "poison: undecodable", "poison: trailing_bytes", "poison: not_avro",
    "poison: not_an_envelope", "poison: unavailable_value", "poison: null_key",
    "poison: ambiguous_default", "poison: document_id", "skipped: tombstone", "skipped: signal",
    "skipped: heartbeat", "skipped: null_key_tombstone", "skipped: transaction",
}  # fmt: skip
"""Answers that a run must have given: a fuzzer that reaches one guard only shows little."""

REFUSED = {
    "recursion": "bad_schema",
    "items_of_no_bytes": "bad_schema",
    "records_of_no_bytes": "bad_schema",
    "items_that_grow_in_memory": "undecodable",
    "block_count_beyond_the_payload": "undecodable",
    "negative_block_count": "undecodable",
    "length_beyond_the_payload": "undecodable",
    "negative_length": "undecodable",
    "varint_without_end": "undecodable",
    "union_index_below_zero": "undecodable",
    "union_index_too_high": "undecodable",
    "no_utf_8": "undecodable",
    "trailing_bytes": "trailing_bytes",
    "cut_off": "undecodable",
}


def run(module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a module in a process of its own."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def fuzzed(*arguments: object) -> dict[str, int]:
    """Return the counts of answers. Fails with the end of what the fuzzer said."""
    done = run("tests.fuzz", *arguments)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-3_000:]}"
    return dict(json.loads(done.stdout))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_every_input_has_a_typed_answer_within_bounds(seed: int) -> None:
    """One record that ends the process would end it again at every start."""
    counts = fuzzed("--seed", seed, "--inputs", INPUTS)
    assert sum(counts.values()) == INPUTS
    assert counts.keys() >= MET
    assert counts["operations"] < INPUTS / 2
    assert counts["skipped: not_mapped"] < INPUTS / 50


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(100, 110))
def test_many_more_inputs_have_a_typed_answer(seed: int) -> None:
    """Rare combinations need many tries."""
    fuzzed("--seed", seed, "--inputs", NIGHTLY_INPUTS)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_guard_that_is_taken_away_is_missed(name: str) -> None:
    """A fuzzer that an unguarded decoder survives proves nothing about a guarded one."""
    assert run("tests.fuzz", "--inputs", INPUTS, "--mutant", name).returncode != 0


def test_what_is_made_to_end_a_decoder_is_refused_for_its_reason() -> None:
    """Deep recursion, over-long blocks, trailing bytes: each has ended somebody's consumer."""
    done = run("tests.fuzz.nasty", *NASTY)
    assert done.returncode == 0, done.stderr[-3_000:]
    assert dict(zip(NASTY, done.stdout.split(), strict=True)) == REFUSED


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded and crashes told as there")
def test_without_our_guards_the_same_inputs_do_harm() -> None:
    """The guards cost time for each payload; they stay as long as the library needs them."""
    assert run("tests.fuzz.nasty", "--bare", "recursion").returncode == -signal.SIGSEGV
    harm = {
        "items_of_no_bytes": "MemoryError",
        "items_that_grow_in_memory": "MemoryError",
        "union_index_below_zero": "read",
        "trailing_bytes": "read, bytes left",
    }
    done = run("tests.fuzz.nasty", "--bare", *harm)
    assert done.stdout.splitlines() == [*harm.values()]
