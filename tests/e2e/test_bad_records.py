"""Records that cannot be used: set aside, or holding their own partition and no other."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import pytest

from emulator.calls import Endpoint
from emulator.faults import Status
from tests.e2e.program import Program, wait_for
from tests.e2e.rows import KEY_MARK, Written, partition_of, row
from tests.e2e.stage import Stage, changed, document_id

pytestmark = pytest.mark.e2e

GARBAGE = b"\xff" * 9


def poison(stage: Stage, name: str, table: str = "open") -> Written:
    """Write a record that names its schema and holds something else."""
    known = stage.table(table).value_id
    written = stage.table(table).raw(name, b"\0" + known.to_bytes(4, "big") + GARBAGE)
    stage.broker.flush()
    return written


def letters(stage: Stage) -> list[dict[str, Any]]:
    """Return the dead letters on disk."""
    files = (stage.folder / "dead-letters").glob("*.jsonl")
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def neighbour(name: str, *, same_partition: bool) -> str:
    """Return a row's name in the same partition as `name`, or in another one."""
    home = partition_of(f"{KEY_MARK}-{name}")
    names = (f"{name}-{number}" for number in range(100))
    return next(n for n in names if (partition_of(f"{KEY_MARK}-{n}") == home) is same_partition)


def held(stage: Stage, program: Program, at: Written, word: str, table: str = "open") -> str:
    """Wait until the record's partition is held for that reason; return what `/status` says."""
    what = f"partition {stage.table(table).topic}/{at.partition}"
    wait_for(lambda: [t for t in program.stuck(what) if word in t["why"]], f"{what}: {word}")
    (trouble,) = program.stuck(what)
    assert stage.committed(table)[at.partition] <= at.offset
    assert (program.get("/livez")[0], program.get("/readyz")[0]) == (200, 200)
    assert "Traceback" not in program.output()
    return f"{trouble['why']}; {trouble['to_do']}"


def test_an_undecodable_record_is_set_aside_and_the_next_ones_go_on(stage: Stage) -> None:
    """One bad record must not stop a table; its bytes are kept for whoever mends it."""
    before, after = row("a", 1), row(neighbour("a", same_partition=True), 2)
    stage.put(before)
    at = poison(stage, "bad")
    stage.put(after)
    program = stage.running()
    stage.wait_for_versions(before, after)
    stage.wait_until_committed()
    (letter,) = letters(stage)
    assert (letter["topic"], letter["partition"], letter["offset"]) == (stage.open.topic, *_at(at))
    assert base64.b64decode(letter["value"]).endswith(GARBAGE)
    assert (letter["reason"], bool(letter["message"])) == ("undecodable", True)
    (event,) = program.events("record_dead_lettered")
    assert event["position"] == f"{stage.open.topic}/{at.partition}@{at.offset}"
    assert 'cdc_dead_letters_total{reason="undecodable"} 1.0' in program.get("/metrics")[1]


def _at(written: Written) -> tuple[int, int]:
    return written.partition, written.offset


def test_on_a_secured_target_the_item_behind_an_undecodable_record_is_deleted(
    stage: Stage,
) -> None:
    """What cannot be read may have taken a right away (INV-6)."""
    kept, narrowed = row("kept", 1), row("narrowed", 2)
    stage.put(kept, narrowed, table="secured")
    stage.running()
    stage.wait_for_versions(kept, narrowed, table="secured")
    poison(stage, "narrowed", table="secured")
    stage.wait_for_versions(kept, table="secured")
    stage.wait_until_committed("secured")
    assert [letter["reason"] for letter in letters(stage)] == ["undecodable"]


def test_without_a_place_for_dead_letters_only_that_partition_holds(stage: Stage) -> None:
    """Nothing is thrown away unasked; a place for it is all that it takes to go on."""
    behind = row(neighbour("bad", same_partition=True), 1)
    elsewhere = row(neighbour("bad", same_partition=False), 2)
    at = poison(stage, "bad")
    stage.put(behind, elsewhere)
    configuration = stage.configuration()
    place = configuration.pop("dead_letters")
    program = stage.running(configuration)
    stage.wait_for_versions(elsewhere)
    said = held(stage, program, at, "dead_letter")
    assert "undecodable" in said
    assert "dead_letters" in said
    assert program.stop() == 0
    assert stage.committed()[at.partition] == at.offset
    stage.running(changed(stage.configuration(), {"dead_letters": place}))
    stage.wait_for_versions(elsewhere, behind)


def test_a_key_that_cannot_be_read_holds_a_secured_partition(stage: Stage) -> None:
    """Nobody can tell which item may have to disappear, so nothing behind it is shown."""
    topic = stage.secured.topic
    value = b"\0" + stage.secured.value_id.to_bytes(4, "big") + GARBAGE
    at = Written(1, stage.broker.append(topic, 1, GARBAGE, value))
    stage.broker.flush()
    program = stage.running()
    said = held(stage, program, at, "dead_letter", table="secured")
    assert "on a secured target" in said
    assert program.stop() == 0
    assert stage.committed("secured")[1] == at.offset


@pytest.mark.parametrize(
    ("key", "wrong", "close"),
    [
        ("title", "titel", "title"),
        ("id", "e2e://rows/{idd}", "id"),
        ("when", "row.publishd", "published"),
    ],
)
def test_a_mapping_that_does_not_fit_the_rows_holds_and_names_close_matches(
    stage: Stage, key: str, wrong: str, close: str
) -> None:
    """Going on would blank a field in every item; the right name is one letter away."""
    wanted, other = row("a", 1), row("b", 2)
    stage.put(wanted)
    stage.put(other, table="secured")
    configuration = stage.configuration()
    configuration["mappings"][0][key] = wrong
    program = stage.running(configuration)
    stage.wait_for_versions(other, table="secured")
    at = Written(partition_of(wanted["id"]), 0)
    said = held(stage, program, at, "mapping")
    assert f"schema id/{stage.open.key_id if key == 'id' else stage.open.value_id}" in said
    assert f"'{close}'" in said
    assert "correct the mapping and restart" in said
    assert program.stop() == 0
    assert stage.committed()[at.partition] == 0
    stage.running()
    stage.wait_for_versions(wanted)


@pytest.mark.slow
def test_an_unknown_schema_id_holds_its_partition_until_the_registry_knows_it(
    stage: Stage,
) -> None:
    """A producer can be ahead of a replicated registry; its records are no poison."""
    unknown = stage.registry.next_id()
    elsewhere = row(neighbour("early", same_partition=False), 2)
    early = row("early", 1)
    stage.open.value_id, known = unknown, stage.open.value_id
    stage.open.parsed[unknown] = stage.open.parsed[known]
    at = stage.open.put(early)
    stage.open.value_id = known
    stage.put(elsewhere)
    program = stage.running()
    stage.wait_for_versions(elsewhere)
    said = held(stage, program, at, f"id/{unknown}")
    assert "404" in said
    assert "schema" in said
    assert stage.registry.add_as(known) == unknown
    stage.wait_for_versions(elsewhere, early)
    assert document_id(early) in stage.versions()
    stage.wait_until_committed()


def test_a_batch_that_coveo_refuses_is_split_until_the_culprit_is_alone(stage: Stage) -> None:
    """The others of its batch are not to blame, and the table goes on."""
    names = (f"row-{number}" for number in itertools.count())
    together = itertools.islice((n for n in names if partition_of(f"{KEY_MARK}-{n}") == 0), 4)
    rows = [row(name, number) for number, name in enumerate(together)]
    refusal = Status(400, "INVALID_BATCH", "an item is wrong")
    stage.index.fault(refusal, Endpoint.PUSH_BATCH, count=3)  # of four, of two, of one
    stage.put(*rows)
    program = stage.running(changed(stage.configuration(), {"windows.linger_seconds": 1.0}))
    wait_for(lambda: len(stage.versions()) == 3, "three of four are indexed")
    stage.wait_until_committed()
    (letter,) = letters(stage)
    assert letter["reason"] == "invalid_batch"
    assert len(program.events("batch_refused")) == 3
    assert program.stuck() == []
