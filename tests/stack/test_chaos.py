"""Thousands of random transactions while everything around is killed, stopped and brought back.

`CHAOS_SEED=7 CHAOS_TRANSACTIONS=50000` before the command plays another, or a longer, one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

import pytest

from tests.stack.chaos import Chaos
from tests.stack.conftest import SceneMaker
from tests.stack.places import Part
from tests.stack.random_changes import KINDS
from tests.stack.random_tables import random_tables

pytestmark = pytest.mark.stack

Record = Callable[[str, object], None]

SEED: Final = int(os.environ.get("CHAOS_SEED", "1"))
TRANSACTIONS: Final = 10_000
ROUNDS: Final = {Part.POSTGRES: 3, Part.MARIADB: 2}
"""How often each kind of trouble happens."""


@pytest.mark.slow
@pytest.mark.parametrize("part", ROUNDS)
def test_the_index_is_the_database_whatever_is_killed_meanwhile(
    make_scene: SceneMaker, record_property: Record, part: Part
) -> None:
    """The promise of the whole product, where nobody chose the rows, the order or the moments."""
    transactions = int(os.environ.get("CHAOS_TRANSACTIONS", TRANSACTIONS))
    play(
        make_scene, record_property, part, seed=SEED, transactions=transactions, rounds=ROUNDS[part]
    )


@pytest.mark.nightly
@pytest.mark.parametrize("part", ROUNDS)
@pytest.mark.parametrize("seed", range(SEED + 1, SEED + 4))
def test_other_seeds_and_more_transactions(
    make_scene: SceneMaker, record_property: Record, seed: int, part: Part
) -> None:
    """What happens once in a hundred thousand changes happens every night."""
    transactions = int(os.environ.get("CHAOS_TRANSACTIONS", "40000"))
    much = {"seed": seed, "transactions": transactions, "rounds": 8}
    play(make_scene, record_property, part, **much)


def play(
    make_scene: SceneMaker,
    record_property: Record,
    part: Part,
    *,
    seed: int,
    transactions: int,
    rounds: int,
) -> None:
    """Play one, and look at everything that it leaves."""
    began = time.monotonic()
    tables = tuple(random_tables(part))
    scene = make_scene(part, *(table.indexed() for table in tables))
    chaos = Chaos.of(scene, tables, seed)
    try:
        chaos.play(transactions, rounds)
        assert "cdc_ledger_difference_records 0.0" in scene.product.program.get("/metrics")[1]
        assert scene.product.stop() == 0
        record_property(f"chaos, {part}", chaos.report(seed, time.monotonic() - began))
        scene.assert_committed_to_the_ends()
        assert_nothing_went_wrong(chaos)
        assert_enough_happened(chaos, rounds)
    finally:
        chaos.troubles.close()


def assert_nothing_went_wrong(chaos: Chaos) -> None:
    """See what no comparison of an index with a table can show."""
    product, journal = chaos.scene.product, chaos.scene.product.index.world.journal
    assert product.dead_letters() == []
    assert not any("Traceback" in program.output() for program in product.programs)
    assert chaos.revealed() == []
    assert journal.rejected == {}
    assert journal.violation_count == 0
    shown = {version for _, version in chaos.pushes()}
    assert shown <= chaos.writer.lasting, "what was rolled back was shown"


def assert_enough_happened(chaos: Chaos, rounds: int) -> None:
    """See that nothing of this was too easy."""
    happened, keys = chaos.troubles.counts(), chaos.writer.changes.keys
    assert [name for name in chaos.troubles.names() if happened[name] < rounds] == []
    assert min(chaos.writer.kinds[kind] for kind in KINDS) > 0
    assert chaos.writer.undone
    assert {name: len(table.live) for name, table in keys.items()} == chaos.rows()
    assert min(chaos.repeats().values()) >= 0, "records are missing in Kafka"
    assert sum(chaos.repeats().values()) > 0, "killing Connect repeated nothing"
