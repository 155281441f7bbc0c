"""What is compared is told only while both sides are right: a check names all it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

import pytest
import yaml

from consumer.config.document import parse
from consumer.domain.problems import Path, spell
from tests.property.damage import RIGHT
from tests.property.test_config_damage import problems

WRONG: Final[Any] = [[{}]]
"""Nothing in a configuration may be this."""

NOTES: Final = ("mappings", 4)
PAGES: Final = ("mappings", 5)
IDS: Final[list[Path]] = [
    (*one, key) for one in (NOTES, PAGES) for key in ("topics", "target", "id")
]

CHECKS: Final[Mapping[str, tuple[dict[Path, Any], Path, list[Path]]]] = {
    "source used twice": (
        {("targets", "spare", "source"): "acme-kb"},
        ("targets", "spare", "source"),
        [("targets", "spare", "source"), ("targets", "kb", "source")],
    ),
    "budget below a window": (
        {("windows", "max_bytes"): 200_000_000},
        ("budgets", "total_bytes"),
        [("budgets", "total_bytes"), ("windows", "max_bytes"), ("targets",)],
    ),
    "effects end before requests": (
        {("coveo", "request_deadline_seconds"): 60},
        ("coveo", "max_effect_seconds"),
        [("coveo", "max_effect_seconds"), ("coveo", "request_deadline_seconds")],
    ),
    "two places for letters": (
        {("dead_letters", "directory"): "letters"},
        ("dead_letters",),
        [("dead_letters", "directory"), ("dead_letters", "topic")],
    ),
    "letters that a mapping reads": (
        {("dead_letters", "topic"): "kb.notes"},
        ("dead_letters", "topic"),
        [("dead_letters", "topic"), (*NOTES, "topics")],
    ),
    "letters among heartbeats": (
        {("kafka", "heartbeat_topics"): ["kb.dead-letters"]},
        ("dead_letters", "topic"),
        [("dead_letters", "topic"), ("kafka", "heartbeat_topics")],
    ),
    "undeclared target": (
        {(*NOTES, "target"): "nobody"}, (*NOTES, "target"), [(*NOTES, "target"), ("targets",)],
    ),
    "secured without permissions": (
        {("mappings", 7, "permissions"): None},
        ("mappings", 7),
        [("mappings", 7, "permissions"), ("mappings", 7, "target"),
         ("targets", "people", "secured")],
    ),
    "permissions without secured": (
        {(*NOTES, "permissions"): {"anonymous": True}},
        (*NOTES, "permissions"),
        [(*NOTES, "permissions"), (*NOTES, "target"), ("targets", "kb", "secured")],
    ),
    "nobody allowed": (
        {("mappings", 7, "permissions", "anonymous"): False},
        ("mappings", 7, "permissions"),
        [("mappings", 7, "permissions", "anonymous")],
    ),
    "ids that meet": ({(*PAGES, "id"): "kb://notes/{x}"}, (*PAGES, "id"), IDS),
    "other key columns": (
        {(*PAGES, "topics"): "kb.notes", (*PAGES, "id"): "kb://pages/{other}",
         (*PAGES, "full_before_images"): False},
        (*PAGES, "id"),
        [*((*one, key) for one in (NOTES, PAGES) for key in ("topics", "id")),
         (*PAGES, "full_before_images")],
    ),
    "children of another mapping": (
        {(*NOTES, "delete_children"): True, (*PAGES, "id"): "kb://notes/{x}/{y}"},
        (*NOTES, "delete_children"),
        [*IDS, (*NOTES, "delete_children")],
    ),
    "column that nothing uses": (
        {(*NOTES, "never_left_out"): ["y"]},
        (*NOTES, "never_left_out"),
        [(*NOTES, key) for key in (
            "never_left_out", "when", "title", "body", "fields", "permissions", "parent_id")],
    ),
    "left out always and never": (
        {(*NOTES, "title"): "t", (*NOTES, "never_left_out"): ["t"],
         (*NOTES, "may_be_left_out"): ["t"]},
        (*NOTES, "never_left_out"),
        [(*NOTES, "never_left_out"), (*NOTES, "may_be_left_out")],
    ),
    "two who ask": (
        {("schema_registry", "bearer_token_file"): "registry"},
        ("schema_registry", "bearer_token_file"),
        [("schema_registry", "basic"), ("schema_registry", "bearer_token_file")],
    ),
    "key without a certificate": (
        {("schema_registry", "tls"): {"key_password_file": "registry"}},
        ("schema_registry", "tls", "key_password_file"),
        [("schema_registry", "tls", "key_password_file"),
         ("schema_registry", "tls", "certificate_file")],
    ),
    "header that is set by itself": (
        {("schema_registry", "headers"): {"Host": "x"}},
        ("schema_registry", "headers", "Host"),
        [("schema_registry", "headers", "Host")],
    ),
    "addresses of two APIs": (
        {("schema_registry", "url"): "http://a,http://a/apis/registry/v3"},
        ("schema_registry", "url"),
        [("schema_registry", "url"), ("schema_registry", "api")],
    ),
    "context without Confluent's API": (
        {("schema_registry", "api"): "apicurio-v3", ("schema_registry", "context"): ".x"},
        ("schema_registry", "context"),
        [("schema_registry", key) for key in ("context", "api", "url")],
    ),
    "TLS file that is none": (
        {("schema_registry", "tls"): {"ca_file": "no-registry"}},
        ("schema_registry", "tls"),
        [("schema_registry", "tls", "ca_file")],
    ),
    "several topics without the topic": (
        {(*NOTES, "topics"): ["kb.notes", "kb.more"]},
        (*NOTES, "id"),
        [(*NOTES, "topics"), (*NOTES, "id")],
    ),
}  # fmt: skip


def told(changes: Mapping[Path, Any]) -> list[Path]:
    """Return where the problems stand of the right configuration with some changes."""
    tree = parse(RIGHT).tree
    for path, value in changes.items():
        node = tree
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = deepcopy(value)
    return [problem.path for problem in problems(yaml.safe_dump(tree), {})]


@pytest.mark.parametrize("name", CHECKS.keys())
def test_a_check_finds_what_it_is_for(name: str) -> None:
    """Otherwise it would prove nothing that it is silent below."""
    changes, path, _ = CHECKS[name]
    assert told(changes) == [path]


def cases() -> Iterator[Any]:
    """Yield each check with each of its premises."""
    for name, (_, _, premises) in CHECKS.items():
        for premise in premises:
            yield pytest.param(name, premise, id=f"{name}: {spell(premise)}")


@pytest.mark.parametrize(("name", "premise"), [*cases()])
def test_a_check_is_silent_while_a_premise_is_wrong(name: str, premise: Path) -> None:
    """Once that is mended there may be nothing left to tell."""
    changes, _, _ = CHECKS[name]
    found = told(changes | {premise: WRONG})
    assert len(found) == 1
    assert found[0][: len(premise)] == premise


BESIDE: Final[Mapping[str, tuple[dict[Path, Any], Path]]] = {
    "two places for letters": ({}, ("dead_letters", "x")),
    "secured without permissions": ({}, ("mappings", 7, "x")),
    "nobody allowed": ({}, ("mappings", 7, "permissions", "denied")),
    "permissions without secured": ({}, (*NOTES, "permissions", "denied")),
    "budget below a window": ({}, ("targets", "kb", "x")),
    "no key": ({("coveo", "api_key_file"): None}, ("coveo", "x")),
}


@pytest.mark.parametrize("name", BESIDE.keys())
def test_a_check_is_told_beside_what_it_does_not_rest_on(name: str) -> None:
    """Where a check stands is a section; what else is wrong in it is another mistake."""
    changes, beside = BESIDE[name]
    checked, path, _ = CHECKS.get(name, ({}, ("coveo",), []))
    assert sorted(told(checked | changes | {beside: 5}), key=str) == sorted([path, beside], key=str)


@pytest.mark.parametrize("name", ["ids that meet", "children of another mapping"])
def test_two_targets_that_are_not_known_are_not_the_same_one(name: str) -> None:
    """What stands in for both is alike, and means nothing."""
    changes, _, _ = CHECKS[name]
    wrong = [(*NOTES, "target"), (*PAGES, "target")]
    assert [path[:3] for path in told(changes | dict.fromkeys(wrong, WRONG))] == wrong
