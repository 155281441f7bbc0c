"""Documents say what the code does: both ways, and every link leads somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
import typer.core
import typer.main

from consumer.cli.commands import commands
from consumer.observe import events
from consumer.observe.catalogue import CATALOGUE
from consumer.observe.reference import rendered
from consumer.pipeline.contract import Wait
from tests.architecture.tree import ROOT, modules
from tests.docs.pages import anchors, blocks, first_column, links, pages, prose, resolve, section

TARGET = re.compile(r"^([a-z][a-z-]*):[^=].*?## (.+)$", re.MULTILINE)
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
EXPORTED_BY_OTHERS = re.compile(r"cdc_[a-z_]+?(?:_bucket|_sum|_count)$")


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    """A reader who is sent away must arrive."""
    broken = []
    for target in links(pages()[page]):
        path, anchor = resolve(page, target)
        if not path.exists() or (anchor and anchor not in anchors(path.read_text("utf-8"))):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", pages())
def test_every_row_of_a_table_has_a_cell_for_each_column(page: str) -> None:
    """A row that slipped in from another table says something false, or is cut off."""
    wrong = []
    for table in re.findall(r"(?:^\|.*\n)+", prose(pages()[page]), re.MULTILINE):
        head, *rows = table.splitlines()
        wrong += [row for row in rows if _cells(row) != _cells(head)]
    assert wrong == []


def _cells(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row))


def test_every_page_is_linked_from_another() -> None:
    """A page that nobody is led to is read by nobody."""
    linked = {
        resolve(page, link)[0].resolve() for page, text in pages().items() for link in links(text)
    }
    lonely = [p for p in pages() if p != "README.md" and (ROOT / p).resolve() not in linked]
    assert [page for page in lonely if page.startswith("docs/")] == []


def test_the_metrics_page_is_what_the_catalogue_says() -> None:
    """`make docs` writes it."""
    assert pages()["docs/metrics.md"] == rendered()


def test_every_metric_that_a_page_names_exists() -> None:
    """A rule that is copied from a page must find its series."""
    known = {metric.exposed_name for metric in CATALOGUE}
    texts = {**pages(), "docs/metrics.md": rendered().partition("## Not there yet")[0]}
    named = {
        name
        for text in texts.values()
        for name in re.findall(r"\bcdc_[a-z_]+", text)
        if not EXPORTED_BY_OTHERS.match(name)
    }
    assert named - known == set()


def test_every_make_target_in_a_page_exists_and_every_target_is_explained() -> None:
    """A command is copied before it is understood."""
    targets = dict(TARGET.findall(MAKEFILE))
    named = {
        target
        for text in pages().values()
        for command in re.findall(r"(?:^|`)make ([a-z][a-z -]*)", text, re.MULTILINE)
        for target in command.split()
    }
    assert named - set(targets) == set()
    assert set(targets) - named - {"help"} == set()


def test_the_readme_s_commands_are_the_project_s() -> None:
    """Setting up, seeing it work, testing: each is one line that can be pasted."""
    lines = [line for block in blocks(pages()["README.md"], "sh") for line in block.splitlines()]
    for command in ("make setup", "make demo", "make test"):
        assert command in lines
    programs = {line.split()[0] for line in lines}
    assert programs <= {"git", "make", "coveo-cdc"}


def test_help_names_every_exit_code() -> None:
    """Whoever writes a script asks the program first."""
    epilog = typer.main.get_command(commands).epilog
    assert epilog is not None
    assert {int(code) for code in re.findall(r"\b(\d+) ", epilog)} == exit_codes()


def exit_codes() -> set[int]:
    """Return every number that the consumer's code names an exit code."""
    return {
        value
        for module in modules("consumer")
        for node in ast.walk(module.tree)
        if "exit" in _name(node).lower()
        for assigned in (node.body if isinstance(node, ast.ClassDef) else [node])
        if isinstance(assigned, ast.Assign) and isinstance(assigned.value, ast.Constant)
        if isinstance(value := assigned.value.value, int)
    }


def _name(node: ast.AST) -> str:
    """Return the name that a class or an assignment gives, else nothing."""
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return node.name if isinstance(node, ast.ClassDef) else ""


def test_exit_codes_are_documented() -> None:
    """Scripts and supervisors decide by them."""
    documented = {int(code) for code in first_column(section("docs/errors.md", "Exit codes"))}
    assert exit_codes() == documented


def words_of(enum_name: str, package: str) -> Iterator[str]:
    """Yield the values of an enumeration, without importing what an edge needs."""
    for module in modules(f"consumer/{package}"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node.name == enum_name:
                yield from (
                    statement.value.value
                    for statement in node.body
                    if isinstance(statement, ast.Assign)
                    and isinstance(statement.value, ast.Constant)
                    and isinstance(statement.value.value, str)
                )


def every_command(group: typer.core.TyperGroup) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Yield each command with its name as it is typed, those of groups in two words."""
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from ((f"{name} {below}", one) for below, one in every_command(command))
        else:
            assert isinstance(command, typer.core.TyperCommand)
            yield name, command


def test_commands_and_options_are_documented() -> None:
    """Both ways, with every spelling of an option."""
    group = typer.main.get_command(commands)
    assert isinstance(group, typer.core.TyperGroup)
    said = {
        name: sorted(spelling for option in command.params for spelling in option.opts)
        for name, command in every_command(group)
    }
    documented = {
        name: sorted(re.findall(r"`(--?[a-z-]+)`", section("docs/commands.md", f"`{name}`")))
        for name in re.findall(r"^## `([a-z -]+)`$", pages()["docs/commands.md"], re.MULTILINE)
    }
    assert said == documented


@pytest.mark.parametrize(
    ("heading", "enum", "package"),
    [
        ("Why an attempt fails", "Reason", "coveo"),
        ("Why records are skipped", "SkipReason", "domain"),
        ("Why a partition waits", "Wait", "pipeline"),
        ("Why a value is lost", "Loss", "decode"),
        ("Why a value is doubtful", "DoubtKind", "domain"),
        ("What a header tells of a changed key", "OtherKey", "decode"),
    ],
)
def test_every_reason_is_documented_and_exists(heading: str, enum: str, package: str) -> None:
    """A label in a graph at night is looked up in exactly one table."""
    documented = first_column(section("docs/errors.md", heading))
    assert sorted(words_of(enum, package)) == sorted(documented)


def test_every_reason_for_a_dead_letter_is_documented_and_exists() -> None:
    """It comes from the schema, decoding, mapping, our own checks, or a refusal by Coveo."""
    documented = set(first_column(section("docs/errors.md", "Why a record is set aside")))
    enums = [("PoisonReason", "decode"), ("Reason", "mapping"), ("ItemFlaw", "coveo")]
    plain = (re.findall(r"\breason(?:, \w+)? = \"(\w+)\"", m.text) for m in modules("consumer"))
    raised = {word for enum in enums for word in words_of(*enum)} | {w for ws in plain for w in ws}
    assert raised - documented == set()
    refused = set(words_of("Reason", "coveo"))
    assert documented - raised - refused == set()


def test_every_format_and_encoding_is_documented() -> None:
    """Words that a mapping may say, and what they mean: both ways."""
    formats, _, encodings = section("docs/mapping.md", "Other shapes of records").partition("###")
    assert sorted(first_column(formats)) == sorted(words_of("RecordFormat", "domain"))
    words = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", encodings, re.MULTILINE))
    assert re.findall(r"`(\w+)`", words["key_encoding"]) == [*words_of("Encoding", "domain")]
    assert words["key_encoding"].startswith(words["encoding"])


def test_every_trouble_has_its_runbook_section() -> None:
    """`/status` names the section; it must be there."""
    there = anchors(pages()["docs/runbook.md"])
    waits = {f"partition-waits-{wait.value.replace('_', '-')}" for wait in Wait}
    source = (ROOT / "consumer/observe/status.py").read_text("utf-8")
    named = set(re.findall(r"\"([a-z]+(?:-[a-z]+)+)\"", source)) | {"ledger"}
    assert {"target-blocked", "commits-fail", "quota-spent"} <= named
    assert waits | named <= there


def test_every_line_of_the_log_is_documented() -> None:
    """Both ways: names in the code against the table."""
    source = (ROOT / "consumer/observe/events.py").read_text("utf-8")
    logs = (ROOT / "consumer/observe/logging.py").read_text("utf-8")
    literal = set(re.findall(r"Event\(\s*\"([a-z_]+)\"", source + logs))
    literal |= set(re.findall(r"name, level = \"([a-z_]+)\"", source))
    literal |= {f"batch_{word}" for word in re.findall(r"return \"([a-z]+)\"", source)}
    literal |= {f"partitions_{word}" for word in ("assigned", "revoked", "lost")}
    literal |= set(words_of("HazardKind", "domain"))
    documented = set(first_column(section("docs/errors.md", "Lines of the log")))
    assert literal == documented
    assert callable(events.batch_resolved)


def test_the_architecture_names_every_invariant() -> None:
    """INV-1 to INV-6 mean the same in code, tests and documents."""
    used = {
        name
        for module in modules("consumer", "tests")
        for name in re.findall(r"INV-\d", module.text)
    }
    defined = set(re.findall(r"\*\*(INV-\d)\*\*", pages()["docs/architecture.md"]))
    assert used <= defined


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    """A number in a comment must lead to its page."""
    files = sorted((ROOT / "docs/adr").glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    listed = re.findall(r"adr/(\d{4})-", pages()["docs/index.md"])
    assert [int(number) for number in listed] == list(range(1, len(files) + 1))
    assert all(path.read_text("utf-8").startswith(f"# {int(path.name[:4])}. ") for path in files)
