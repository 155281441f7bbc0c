"""The commands as an operator types them: output, messages, exit codes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from consumer.__main__ import ExitCode, main

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "demo" / "coveo-cdc.yaml"


@pytest.fixture(autouse=True)
def api_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration's configuration needs a key file from the environment."""
    key = tmp_path / "api-key"
    key.write_text("xx-not-a-real-key\n")
    monkeypatch.setenv("COVEO_CDC__COVEO__API_KEY_FILE", str(key))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command; return exit code, standard output and standard error."""
    code = 0
    try:
        main(arguments)
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_check_says_what_is_read_and_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is connected an operator sees what the file means."""
    code, out, _ = run(capsys, "check", "--config", str(CONFIG))
    assert code == ExitCode.OK
    assert "reads kb.public.articles\n" in out
    assert "writes to knowledge-base: source demo-knowledge-base, secured\n" in out
    assert "writes to people: source demo-people, open to everybody\n" in out


def test_check_says_what_a_null_can_mean(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No event tells it, and what is declared wrongly blanks a field or sets rows aside."""
    text = CONFIG.read_text().replace(
        "    title: title\n", "    title: title\n    never_left_out: [rating]\n", 1
    )
    declared = tmp_path / "declared.yaml"
    declared.write_text(
        text.replace(
            "{id}\n    when: row.active", "{id}\n    full_before_images: true\n    when: row.active"
        )
    )
    code, out, err = run(capsys, "check", "--config", str(declared))
    assert (code, err) == (ExitCode.OK, "")
    bare = "in an update without its old row"
    assert (
        f"kb.public.articles to knowledge-base: {bare} one of rating is null, any other null is "
        "judged by its type\n"
    ) in out
    assert f"article_translations to knowledge-base: {bare} a null is judged by its type\n" in out
    assert "kb.public.authors to people: updates come with their old rows" in out


def test_check_names_every_problem_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One run, all errors, exit code 2, no traceback."""
    text = CONFIG.read_text().replace("linger_seconds:", "linger_secods:")
    broken = tmp_path / "broken.yaml"
    broken.write_text(text.replace("secured: false", "secured: perhaps"))
    code, _, err = run(capsys, "check", "--config", str(broken))
    assert code == ExitCode.CONFIG
    assert "linger_seconds" in err
    assert "targets.people.secured" in err
    assert "Traceback" not in err
    line = 1 + text[: text.index("linger_secods")].count("\n")
    assert f":{line}" in err


def test_check_refuses_settings_that_lose_records(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Auto-commit moves offsets past records that nobody accepted."""
    unsafe = tmp_path / "unsafe.yaml"
    added = "kafka:\n  settings: {enable.auto.commit: true}\n"
    text = (
        CONFIG.read_text().replace("kafka:\n", added, 1).replace("id: kb://articles/{id}", "id: x")
    )
    unsafe.write_text(text)
    code, _, err = run(capsys, "check", "--config", str(unsafe))
    assert code == ExitCode.CONFIG
    line = 1 + text[: text.index("enable.auto.commit")].count("\n")
    assert f"unsafe.yaml:{line}: kafka.settings.enable.auto.commit" in err
    assert "mappings[0].id" in err


def demo_capture(tmp_path: Path, count: int) -> Path:
    """Return a capture of the first streamed articles of the demonstration, with schemas."""
    data = ROOT / "demo" / "data"
    with gzip.open(data / "kb.events.jsonl.gz", "rt", encoding="utf-8", newline="\n") as lines:
        chosen = [line for line in lines if json.loads(line)["topic"] == "kb.public.articles"]
    records = tmp_path / "some.jsonl"
    records.write_text("".join(chosen[-count:]), encoding="utf-8")
    (tmp_path / "some.schemas.jsonl").write_bytes((data / "kb.schemas.jsonl").read_bytes())
    return records


def test_explain_shows_operations_of_captured_records(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A mapping can be tried on real records without Kafka, registry or Coveo."""
    capture = demo_capture(tmp_path, 40)
    code, out, _ = run(capsys, "explain", "--config", str(CONFIG), "--records", str(capture))
    assert code == ExitCode.OK
    lines = [json.loads(line) for line in out.splitlines()]
    assert len(lines) == 40
    assert {line["position"].split("/")[0] for line in lines} == {"kb.public.articles"}
    upserts = [
        operation
        for line in lines
        for operation in line.get("operations", [])
        if operation["kind"] == "upsert"
    ]
    assert upserts
    assert all("permissions" in operation["body"] for operation in upserts)


def test_explain_names_what_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without its schema a record cannot be read; that is said, not guessed."""
    capture = demo_capture(tmp_path, 1)
    (tmp_path / "some.schemas.jsonl").write_text("")
    code, out, _ = run(capsys, "explain", "--config", str(CONFIG), "--records", str(capture))
    assert code == ExitCode.OK
    assert json.loads(out)["held"] == "schema"


def test_explain_needs_no_schemas_where_records_have_their_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """JSON brings them along, or has none; an Avro record in the same capture still says so."""
    golden = ROOT / "tests" / "golden"
    texts = [
        (golden / case / "records.jsonl").read_text("utf-8")
        for case in ("json.public.items/insert", "flatboth.public.items/delete",
                     "flat.public.items/delete", "flatmarked.public.items/delete")
    ]  # fmt: skip
    capture = tmp_path / "mixed.jsonl"
    capture.write_text("".join(texts), "utf-8")
    config = str(golden / "mapping.yaml")
    code, out, _ = run(capsys, "explain", "--config", config, "--records", str(capture))
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == ExitCode.OK
    assert [line.get("event", line.get("held")) for line in lines] == [
        "create", "create", "delete", "tombstone", "schema", "schema",
    ]  # fmt: skip


def test_explain_shows_what_poison_does_to_a_secured_target(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Its item is deleted; where the key does not say which one, the partition waits."""
    capture = demo_capture(tmp_path, 1)
    record = {**json.loads(capture.read_text()), "value": "AA=="}
    capture.write_text(f"{json.dumps(record)}\n{json.dumps({**record, 'key': None})}\n")
    code, out, _ = run(capsys, "explain", "--config", str(CONFIG), "--records", str(capture))
    assert code == ExitCode.OK
    poison, held = map(json.loads, out.splitlines())
    assert poison["poison"] == "unknown_framing"
    assert [each["kind"] for each in poison["operations"]] == ["delete"]
    assert held["held"] == "dead_letter"
    assert "no key" in held["detail"]


def test_explain_tells_which_line_is_not_a_record(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A damaged capture is the operator's to mend."""
    capture = demo_capture(tmp_path, 1)
    capture.write_text(capture.read_text() + "{}\n")
    code, _, err = run(capsys, "explain", "--config", str(CONFIG), "--records", str(capture))
    assert code == ExitCode.CONFIG
    assert f"{capture}:2" in err


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "check",
        "doctor",
        "fields plan",
        "fields apply",
        "explain",
        "capture",
        "support-bundle",
    ],
)  # fmt: skip
def test_help_of_each_command_shows_an_example(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Nobody should have to guess the first invocation."""
    code, out, _ = run(capsys, *command.split(), "--help")
    assert code == ExitCode.OK
    assert f"coveo-cdc {command} --config" in out


def test_wrong_usage_is_exit_code_two(capsys: pytest.CaptureFixture[str]) -> None:
    """The same code as a wrong configuration: somebody must change something."""
    code, _, err = run(capsys, "check", "--confg", "x")
    assert code == ExitCode.CONFIG
    assert "--confg" in err


def test_a_missing_configuration_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the first mistake of all."""
    code, _, err = run(capsys, "run", "--config", "no-such-file.yaml")
    assert code == ExitCode.CONFIG
    assert "no-such-file.yaml" in err
    assert "Traceback" not in err
