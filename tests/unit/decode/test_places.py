"""Where in its source's log a change lies, by connector (reference `debezium.md` §1.8)."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.envelope import source_info
from consumer.domain.events import SourcePosition

POSTGRES = {
    "connector": "postgresql", "name": "kb", "db": "kb", "snapshot": "false",
    "sequence": '["35252432","35247584"]', "lsn": 35247584, "txId": 77,
}  # fmt: skip
MARIADB = {
    "connector": "mariadb", "name": "shop", "db": "app", "snapshot": "false",
    "file": "binlog.000012", "pos": 893265, "row": 1, "server_id": 4, "gtid": "0-1-3334",
}  # fmt: skip
SQL_SERVER = {
    "connector": "sqlserver", "name": "erp", "db": "sales", "snapshot": "false",
    "commit_lsn": "00000027:00000ac0:0002", "change_lsn": "00000027:00000ac0:0001",
}  # fmt: skip
ORACLE = {
    "connector": "oracle", "name": "hr", "db": "ORCL", "snapshot": "false",
    "commit_scn": "2868546", "scn": "2868544",
}  # fmt: skip

PLACES = [
    (POSTGRES, (("postgresql", "kb"), (35252432, 35247584))),
    (POSTGRES | {"sequence": '[null,"35247584"]'}, (("postgresql", "kb"), (0, 35247584))),
    (MARIADB, (("mariadb", "shop", 4, "binlog"), (12, 893265, 1))),
    (SQL_SERVER, (("sqlserver", "erp", "sales"), ("00000027:00000ac0:0002",))),
    (ORACLE, (("oracle", "hr", "ORCL"), (2868546,))),
]


@pytest.mark.parametrize(("source", "expected"), PLACES)
def test_a_streamed_change_has_the_place_that_its_stream_is_ordered_by(
    source: dict[str, Any], expected: tuple[Any, Any]
) -> None:
    """Two servers, files of another name and other databases count for themselves."""
    assert source_info(source).position == SourcePosition(*expected)


@pytest.mark.parametrize("snapshot", ["true", "first", "last", "incremental", True])
@pytest.mark.parametrize("source", [POSTGRES, MARIADB])
def test_rows_of_a_snapshot_have_no_place(source: dict[str, Any], snapshot: object) -> None:
    """They all carry the snapshot's own, between changes that go on."""
    assert source_info(source | {"snapshot": snapshot}).position is None


@pytest.mark.parametrize("snapshot", [None, False, "false"])
def test_old_ways_to_say_that_it_is_no_snapshot_are_known(snapshot: object) -> None:
    """Null and booleans come from old releases and other converters."""
    assert source_info(POSTGRES | {"snapshot": snapshot}).position is not None


UNKNOWN = [
    POSTGRES | {"sequence": "[null,null]"},
    POSTGRES | {"sequence": None},
    POSTGRES | {"sequence": '["1","' + "9" * 5_000 + '"]'},
    POSTGRES | {"sequence": 7},
    MARIADB | {"file": "binlog"},
    MARIADB | {"pos": None},
    MARIADB | {"row": "1"},
    SQL_SERVER | {"commit_lsn": None},
    SQL_SERVER | {"commit_lsn": "somebody's name"},
    ORACLE | {"commit_scn": "1, 2"},
    {"connector": "mongodb", "snapshot": "false"},
    {"connector": ["postgresql"], "snapshot": "false"},
    {},
]


@pytest.mark.parametrize("source", UNKNOWN)
def test_what_is_not_said_clearly_is_no_place(source: dict[str, Any]) -> None:
    """No place says nothing; a guessed one would raise false alarms, or show what is no number."""
    assert source_info(source).position is None
