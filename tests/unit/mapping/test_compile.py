"""Mappings checked at start: alone, side by side, all problems at once."""

from __future__ import annotations

import dataclasses
import re

import pytest

from consumer.domain.events import ColumnPlan
from consumer.mapping.catalog import Destination
from consumer.mapping.compile import compile_mappings
from consumer.mapping.problems import MappingErrors
from consumer.mapping.spec import MappingSpec
from tests.unit.mapping.making import ALLOWED, DESTINATIONS, compiled, route_of, spec


def refusal(*specs: MappingSpec) -> str:
    """Return what is said about mappings that cannot be compiled."""
    with pytest.raises(MappingErrors) as caught:
        compiled(*specs)
    return str(caught.value)


def test_all_problems_are_found_at_once_each_with_its_path() -> None:
    """Nobody wants to mend a file one error at a time."""
    message = refusal(
        spec(id="articles", when="x", fields={"data": "a", "b": {"column": "b", "json": "b"}}),
        spec(target="opne", topics=[], body={"column": "a", "expression": "row.a"}),
        spec(target="closed", parent_id="{x}", file_extension="html", title={"json": "/a"}),
    )
    paths = [line.partition(": ")[0] for line in message.splitlines()]
    assert paths == [
        "mappings[0].id",
        "mappings[0].when",
        "mappings[0].fields.data",
        "mappings[0].fields.b",
        "mappings[1].topics",
        "mappings[1].body",
        "mappings[1].target",
        "mappings[2].title",
        "mappings[2].file_extension",
        "mappings[2].parent_id",
        "mappings[2]",
    ]
    assert "did you mean 'open'" in message


def test_secured_target_needs_permissions_and_no_other_may_have_them() -> None:
    """One would be dropped by the service, the other shown to everybody."""
    assert "must say who may see it" in refusal(spec(target="closed"))
    assert "show the items to everybody" in refusal(spec(permissions=ALLOWED))


@pytest.mark.parametrize(
    "permissions",
    [
        {},
        {"denied": ALLOWED["allowed"]},
        {"allowed": [{"type": "user"}]},
        {"allowed": [{"type": "user", "column": "a", "constant": "b"}]},
        {"allowed": [{"type": "user", "constant": " "}]},
        {"allowed": [{"type": "user", "constant": "a "}]},
        {"allowed": [{"type": "user", "constant": "a\0"}]},
        {"allowed": [{"type": "user", "constant": "a", "split": ","}]},
    ],
)
def test_permissions_that_name_nobody_are_refused(permissions: dict[str, object]) -> None:
    """Such a mapping was not meant."""
    assert "mappings[0].permissions" in refusal(spec(target="closed", permissions=permissions))


@pytest.mark.parametrize("name", ["Data", "permissions", "DOCUMENTID", "orderingId", "parentid"])
def test_reserved_field_is_refused_whatever_its_case(name: str) -> None:
    """The service reads keys without regard to case."""
    assert "key of the item itself" in refusal(spec(fields={name: "a"}))


@pytest.mark.parametrize("name", ["1a", "9-a", "名前", "-", " ", ""])
def test_field_that_no_index_has_is_refused(name: str) -> None:
    """Fields are lower-case letters, digits and `_`; what begins otherwise is not guessed at."""
    assert f"mappings[0].fields.{name}" in refusal(spec(fields={name: "a"}))


def test_fields_that_differ_in_case_only_are_refused() -> None:
    """The service would keep one of them, nobody knows which."""
    assert "there twice" in refusal(spec(fields={"a": "a", "A": "b"}))
    assert "there twice" in refusal(spec(title="a", fields={"title": "b"}))


@pytest.mark.parametrize(
    ("one", "other"), [("Due Date", "due_date"), ("a-b", "a b"), ("Größe", "GROSSE")]
)
def test_fields_that_become_one_are_refused_with_both_names(one: str, other: str) -> None:
    """The second would replace the first, in every item."""
    said = refusal(spec(fields={one: "a", other: "b"}))
    assert f"'{one}'" in said
    assert f"'{other}'" in said


def test_a_field_beside_the_permanent_id_is_refused() -> None:
    """There is one id."""
    said = refusal(spec(permanent_id=True, fields={"PermanentId": "a"}))
    assert "'permanent_id' is it, too" in said


@pytest.mark.parametrize("more", [{"default": "x"}, {"split": ";"}])
def test_a_dictionary_has_neither_default_nor_delimiter(more: dict[str, str]) -> None:
    """They would be a text in a dictionary field."""
    said = refusal(spec(fields={"a": {"column": "a", "as": "dictionary", **more}}))
    assert "as: dictionary" in said


@pytest.mark.parametrize("topics", [["a", "b"], {"pattern": "a.*"}])
def test_several_topics_need_the_topic_in_the_id(topics: object) -> None:
    """Their rows can have the same keys."""
    assert "{$topic}" in refusal(spec(topics=topics))
    assert compiled(spec(topics=topics, id="kb://{$topic}/{id}")).fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kb://a/{id}", "kb://a/{id}"),
        ("kb://a/{id}", "kb://a/{x}"),
        ("kb://a{id}", "kb://ab{id}"),
        ("kb://{id}/a", "kb://b/{id}"),
        ("kb://a/{id}", "kb://{x}/{id}"),
        ("kb://{$topic}/{id}", "kb://a/{id}"),
    ],
)
def test_ids_that_could_meet_are_refused(one: str, other: str) -> None:
    """The rows of one mapping would overwrite those of the other."""
    assert "same id" in refusal(spec(topics="a", id=one), spec(topics="b", id=other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kb://a/{id}", "kb://b/{id}"),
        ("kb://a/{id}", "kb://a/{id}/x"),
        ("kb://a/{id}", "kb://a/{id}?x"),
        ("kb://{$topic}/{id}", "kb://{$topic}/{id}"),
        ("kb://a,{id}", "kb://{id}"),
    ],
)
def test_ids_that_cannot_meet_are_accepted(one: str, other: str) -> None:
    """A check that refuses too much would be switched off by its users."""
    assert compiled(spec(topics="a", id=one), spec(topics="b", id=other)).targets


def test_same_ids_in_different_targets_are_accepted() -> None:
    """Each source has its own items."""
    assert compiled(spec(), spec(target="closed", permissions=ALLOWED)).targets


def test_patterns_with_different_beginnings_cannot_meet() -> None:
    """A topic of one cannot be a topic of the other, so neither can the ids."""
    one = spec(topics={"pattern": r"a\..*"}, id="kb://{$topic}/{id}")
    other = spec(topics={"pattern": r"b\..*"}, id="kb://{$topic}/{id}")
    assert compiled(one, other).targets
    assert "same id" in refusal(one, one)


def test_children_of_a_delete_must_not_be_rows_of_another_mapping() -> None:
    """Topics share no order: the delete could come after the child was written again."""
    parent = spec(topics="a", id="kb://a/{id}", delete_children=True)
    child = spec(topics="b", id="kb://a/{x}/b/{id}")
    assert "mappings[0].delete_children" in refusal(parent, child)
    assert compiled(parent, spec(topics="b", id="kb://ab/{id}")).targets


def test_mappings_of_one_topic_agree_on_its_key() -> None:
    """A topic has one key, and an id must hold all of it."""
    assert "other key columns" in refusal(spec(), spec(id="x://{id}/{lang}"))
    pattern = spec(topics={"pattern": "kb.*"}, id="x://{$topic}/{other}")
    assert "other key columns" in refusal(spec(), pattern)
    assert compiled(spec(), spec(id="x://{slug}", full_before_images=True)).targets


def test_route_plans_the_columns_of_all_its_mappings_once() -> None:
    """Whatever two mappings share is decoded once."""
    one = spec(title="a", when="row.b", fields={"x": {"expression": "row.c"}})
    by_row = spec(id="x://{slug}", full_before_images=True, title="a")
    used = frozenset("abc")
    alone = ColumnPlan(("b", "a", "c"), ("id",), left_out=used, defaults=used)
    assert route_of(one).plan == alone
    used |= {"slug"}
    both = dataclasses.replace(
        alone, before=True, exact_columns=("slug",), left_out=used, defaults=used
    )
    assert route_of(one, by_row).plan == both


def test_unmapped_topic_has_no_route() -> None:
    """A pattern subscribes to topics that exclusions take out again."""
    assert compiled(spec()).route("kb.public.authors") is None


def test_fingerprint_changes_with_the_mapping_and_with_nothing_else() -> None:
    """A new one means that items in the index may look different from now on."""
    plain = compiled(spec()).fingerprint
    assert compiled(spec()).fingerprint == plain
    assert compiled(spec(title="t")).fingerprint != plain
    other = compile_mappings([spec()], {**DESTINATIONS, "more": Destination(secured=True)})
    assert other.fingerprint == plain
    assert re.fullmatch(r"[0-9a-f]{16}", plain)


def test_nothing_mapped_is_refused() -> None:
    """A program that reads everything and does nothing is a mistake."""
    assert "nothing is mapped" in refusal()
