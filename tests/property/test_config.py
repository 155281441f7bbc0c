"""Configuration: what was written comes back, and nothing that is written can crash loading."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from consumer.config.document import parse
from consumer.config.load import load
from consumer.config.problems import ConfigErrors

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
