"""Coveo says no: wrong key, source, organization. Said once, and gone on when mended."""

from __future__ import annotations

import pytest

from tests.e2e.index import API_KEY
from tests.e2e.program import Program, wait_for
from tests.e2e.rows import row
from tests.e2e.stage import Stage, changed

pytestmark = pytest.mark.e2e

ROWS = [row(f"row-{number}", number) for number in range(20)]


def blocked(stage: Stage, program: Program, reason: str) -> str:
    """Wait until the target `open` is blocked and was tried again; return what `/status` says."""
    wait_for(lambda: program.stuck("target open"), "the target is blocked")
    tried = len(stage.requests("create_file"))
    wait_for(lambda: len(stage.requests("create_file")) > tried + 1, "it is tried now and then")
    lines = [one for one in program.events("target_blocked") if one["target"] == "open"]
    assert [(line["level"], line["reason"]) for line in lines] == [("error", reason)]
    assert program.events("batch_blocked") == []
    assert (program.get("/livez")[0], program.get("/readyz")[0]) == (200, 200)
    assert "Traceback" not in program.output()
    assert sum(stage.committed()) == 0
    (trouble,) = program.stuck("target open")
    assert trouble["runbook"] == "target-blocked"
    return f"{trouble['why']}; {trouble['to_do']}"


def test_a_wrong_key_blocks_until_its_file_is_corrected(stage: Stage) -> None:
    """A key expires at night; exchanging its file must be enough, without a restart."""
    stage.key_file.write_text("xx-an-old-key\n", encoding="utf-8")
    stage.put(*ROWS)
    program = stage.running()
    said = blocked(stage, program, "unauthorized")
    assert "401" in said
    assert "replace it" in said
    assert "xx-an-old-key" not in program.output() + said
    stage.key_file.write_text(f"{API_KEY}\n", encoding="utf-8")
    stage.wait_for_versions(*ROWS)
    stage.wait_until_committed()
    wait_for(lambda: program.events("target_resumed"), "it says that it goes on")
    assert program.stuck() == []


def test_a_source_that_does_not_exist_blocks_only_its_target_until_it_does(stage: Stage) -> None:
    """A source is provisioned some minutes after it was made; other targets do not wait for it."""
    stage.put(*ROWS)
    stage.put(*ROWS, table="secured")
    later = f"{stage.open.topic}-later"
    configuration = changed(stage.configuration(), {"targets.open.source": later})
    program = stage.running(configuration)
    said = blocked(stage, program, "source_does_not_exist")
    assert "412" in said
    assert "source id" in said
    stage.wait_for_versions(*ROWS, table="secured")
    stage.index.add_source(later, secured=False)
    stage.sources["open"] = later
    stage.wait_for_versions(*ROWS)
    stage.wait_until_committed()


def test_a_wrong_organization_blocks_and_names_the_setting(stage: Stage) -> None:
    """It can only be mended by a restart, so it must say which setting to correct."""
    stage.put(*ROWS)
    wrong = {"coveo.organization": "other", "shutdown": {"drain_seconds": 0.2}}
    program = stage.running(changed(stage.configuration(), wrong))
    said = blocked(stage, program, "not_found")
    assert "organization id or the base URL is wrong" in said
    assert program.stop() == 0
    assert sum(stage.committed()) == 0
    stage.running()
    stage.wait_for_versions(*ROWS)
