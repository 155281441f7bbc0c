"""Configuration: what was written comes back, and nothing that is written can crash loading."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from consumer.config.document import Document, parse
from consumer.config.load import load, load_compiled
from consumer.config.problems import ConfigErrors, Report
from consumer.config.sections import validated
from consumer.domain.problems import Path as KeyPath
from consumer.parts import edge_problems
from tests.property.damage import RIGHT

words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=8)
leaves = st.one_of(st.none(), st.booleans(), st.integers(-(2**60), 2**60), words)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=8,
)
SECTIONS = ["kafka", "coveo", "targets", "mappings", "windows", "topics", "id", "fields", "when"]
odd = st.recursive(
    st.one_of(leaves, st.sampled_from(["kb://{id}", "row.a", "a.b"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(SECTIONS), inner, max_size=4),
    ),
    max_leaves=10,
)


@given(st.dictionaries(words, trees, max_size=4))
def test_document_reads_back_what_was_written(tree: dict[str, Any]) -> None:
    """The reader is our own over PyYAML's parser; JSON is YAML 1.2, which it reads."""
    document = parse(json.dumps(tree, ensure_ascii=False))
    assert not document.problems
    assert document.tree == tree


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    """A file that is no YAML is an operator's mistake, not a traceback."""
    document = parse(text)
    assert document.problems or document.line(()) or not document.tree


@given(odd, st.dictionaries(st.sampled_from(["COVEO_CDC__KAFKA__X", "COVEO_CDC__"]), words))
def test_any_tree_and_environment_end_in_problems(tree: Any, environ: dict[str, str]) -> None:
    """Whatever stands where, the answer is a list; none of these is a whole configuration."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.yaml"
        path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
        with pytest.raises(ConfigErrors) as caught:
            load(path, environ)
        assert caught.value.problems


EXAMPLE: Final = Path(__file__).parents[2] / "schemas" / "mapping.example.yaml"


def full() -> Any:
    """Return a configuration with every key of a mapping in it."""
    tree = parse(RIGHT).tree
    tree["mappings"].append(parse(EXAMPLE.read_text(encoding="utf-8")).tree)
    return tree


def places(node: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of everything below a node."""
    steps = node if isinstance(node, dict) else range(len(node) if isinstance(node, list) else 0)
    for step in steps:
        yield (*path, step)
        yield from places(node[step], (*path, step))


PLACES: Final = sorted(places(full()), key=str)


def put(tree: Any, path: KeyPath, value: Any) -> None:
    """Replace what stands at a path, if it still leads anywhere."""
    for step in path[:-1]:
        tree = tree[step]
    tree[path[-1]] = value


@given(st.lists(st.tuples(st.sampled_from(PLACES), trees), min_size=1, max_size=3))
def test_whatever_is_wrong_is_told_and_something_stands_in_for_it(
    junk: list[tuple[KeyPath, Any]],
) -> None:
    """Otherwise the rest would wait for a second round; and no check may trip over a stand-in."""
    tree = full()
    for path, value in junk:
        with suppress(LookupError, TypeError):
            put(tree, path, value)
    text = yaml.safe_dump(tree, allow_unicode=True)
    with suppress(ConfigErrors), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "c.yaml"
        file.write_text(text, encoding="utf-8")
        load_compiled(file, {}, edge_problems)
    assert validated(tree, Report(Path("c.yaml"), Document(tree))).mappings


@pytest.mark.parametrize("path", PLACES, ids=str)
def test_something_stands_in_for_whatever_is_missing(path: KeyPath) -> None:
    """Each key by itself, also those that a later model may make required."""
    tree = full()
    holder = tree
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    assert validated(tree, Report(Path("c.yaml"), Document(tree))).mappings
