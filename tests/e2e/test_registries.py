"""The registry does not answer, refuses, or has something else: what becomes of records."""

from __future__ import annotations

import json

import pytest

from tests.e2e.program import Program, wait_for
from tests.e2e.rows import row
from tests.e2e.stage import Stage, changed

pytestmark = pytest.mark.e2e

ROWS = [row(f"row-{number}", number) for number in range(20)]
CACHED = {"schema_registry.cache_directory": "schemas", "schema_registry.deadline_seconds": 0.5}


def held(program: Program, why: str) -> bool:
    """Return whether a partition waits for that reason."""
    return any(why in trouble["why"] for trouble in program.stuck("partition"))


def test_a_replay_reads_by_the_disks_schemas_while_the_registry_never_answers(stage: Stage) -> None:
    """Start and replay need no registry, not even one that refuses quickly."""
    stage.put(*ROWS)
    first = stage.running(changed(stage.configuration(), CACHED))
    stage.wait_for_versions(*ROWS)
    stage.wait_until_committed()
    assert first.stop() == 0
    stage.registry.hang()
    stage.group = f"{stage.group}-replay"
    replay = stage.running(changed(stage.configuration(), CACHED))
    stage.wait_until_committed()
    wait_for(lambda: replay.stuck() == [], "nothing is stuck")
    said = "schema_read_from_disk"
    wait_for(lambda: said in replay.output(), "it says by which schemas it reads")
    newer = row("row-0", 99)
    stage.put(newer)
    stage.wait_for_versions(newer, *ROWS[1:])
    assert replay.events("record_dead_lettered") == []
    assert "Traceback" not in replay.output()
    assert replay.stop() == 0


def test_a_damaged_disk_is_not_believed(stage: Stage) -> None:
    """Its records wait for the registry, as if the disk had nothing."""
    stage.put(*ROWS)
    first = stage.running(changed(stage.configuration(), CACHED))
    stage.wait_for_versions(*ROWS)
    assert first.stop() == 0
    for file in (stage.folder / "schemas").rglob("*.json"):
        file.write_text(file.read_text().replace("version", "reversion"))
    stage.registry.hang()
    stage.group = f"{stage.group}-replay"
    replay = stage.running(changed(stage.configuration(), CACHED))
    wait_for(lambda: held(replay, "not reachable"), "partitions are held, and it says why")
    assert sum(stage.committed()) == 0
    stage.registry.up()
    stage.wait_until_committed()


def test_a_wrong_password_holds_and_is_mended_without_a_restart(stage: Stage) -> None:
    """It says which key to look at, never what is in the file."""
    stage.registry.password = "swordfish-nobody-may-log"
    file = stage.folder / "password"
    file.write_text("hunter2-nobody-may-log", encoding="utf-8")
    who = {"schema_registry.basic": {"username": "e2e", "password_file": "password"}}
    stage.put(*ROWS)
    program = stage.running(changed(stage.configuration(), who))
    says = "the registry answered 401: check schema_registry.basic (username, password_file)"
    wait_for(lambda: held(program, says), "partitions are held, and it says what to check")
    assert sum(stage.committed()) == 0
    file.write_text(stage.registry.password, encoding="utf-8")
    stage.wait_for_versions(*ROWS)
    assert "nobody-may-log" not in program.output() + json.dumps(program.status())


@pytest.mark.parametrize(
    ("schema_type", "text"),
    [("PROTOBUF", 'syntax = "proto3"; message A { int32 x = 1; }'), ("JSON", '{"type":"object"}')],
)
def test_other_kinds_of_schemas_are_refused_at_the_first_record(
    stage: Stage, schema_type: str, text: str
) -> None:
    """With the id, the kind and what to do; the rows before and after it go on."""
    number = stage.registry.add_text(text, schema_type)
    stage.put(ROWS[0])
    stage.open.raw("other", b"\0" + number.to_bytes(4, "big") + b"\0\x08\x01")
    stage.put(*ROWS[1:])
    program = stage.running()
    stage.wait_for_versions(*ROWS)
    (letter,) = program.events("record_dead_lettered")
    assert letter["reason"] == "not_avro"
    says = f"schema id/{number} is of type {schema_type}, and only AVRO is read: give the connector"
    assert letter["message"].startswith(says)
    stage.wait_until_committed()
