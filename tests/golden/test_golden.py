"""Records of real databases: each leads to the operations that its statements call for.

What is expected is derived from `about.json`, which says what happened in the database, and from
what Debezium is known to do with it. `python -m tests.golden.refresh CASE` shows differences.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import chain, permutations
from pathlib import Path
from typing import Any

import pytest

from consumer.domain.records import TopicPartition
from tests.golden.cases import (
    FOLDERS,
    NOT_YET,
    NOT_YET_IN_ANY_ORDER,
    Expectation,
    Json,
    about,
    expectations,
    loaded,
    operations,
    records,
)
from tests.golden.sections import NOT_RECORDED, SECTIONS

MARKER = "__debezium_unavailable_value"
MARKER_FORMS = {
    "text": MARKER,
    "base64": "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ",
    "hex": MARKER.encode().hex(),
    "codes": str(list(MARKER.encode()))[1:-1],
    "uuid": "b68a35a7-17ad-35b3-af2a-ae46edb4545a",
}
"""As in reference `debezium.md` §2.2; the map's form holds the text."""

ANSWERS = [
    {"operations"},
    {"skipped"},
    {"poison", "detail"},
    {"poison", "detail", "operations"},
    {"held", "detail"},
]
EVERY_EXPECTATION = expectations()
Index = dict[tuple[str, str], Json]


def all_but(exceptions: Mapping[str, str]) -> list[Any]:
    """Return all expectations; the exceptions must fail, or they are none any more."""
    return [
        pytest.param(
            one,
            id=one.name,
            marks=pytest.mark.xfail(
                one.name in exceptions, strict=True, reason=exceptions.get(one.name, "")
            ),
        )
        for one in EVERY_EXPECTATION
    ]


@pytest.mark.parametrize("one", all_but(NOT_YET))
def test_records_become_what_their_statements_call_for(one: Expectation) -> None:
    """A change event is not a row; each oddity of Debezium is somebody's lost or leaked item."""
    assert one.difference() == ""


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_case_is_whole(folder: Path) -> None:
    """What is not written down cannot be checked: all files, one answer for each record."""
    names = {path.name for path in folder.iterdir()}
    assert names >= {"records.jsonl", "records.schemas.jsonl", "about.json"}
    mappings = {path.stem for path in folder.parents[1].glob("*.yaml")}
    mine = [each for each in EVERY_EXPECTATION if each.folder == folder]
    assert mine
    for one in mine:
        expected = one.expected()
        assert one.mapping in mappings
        assert len(expected) == len(records(folder))
        assert all(set(answer) - {"event"} in ANSWERS for answer in expected)


def test_cases_are_told_apart_by_their_ids() -> None:
    """An id is how documents and reports name a case; it says where the case lies."""
    ids = [about(folder)["id"] for folder in FOLDERS]
    assert ids == [f"{folder.parent.name}/{folder.name}" for folder in FOLDERS]
    assert len(set(ids)) == len(ids)


def test_each_section_of_the_reference_has_a_case_or_a_reason() -> None:
    """What is claimed to be supported is shown by a record of the real thing."""
    named = set(chain.from_iterable(about(folder)["section"] for folder in FOLDERS))
    assert named == SECTIONS.keys() - NOT_RECORDED.keys()
    assert all(about(folder)["section"] for folder in FOLDERS)


def test_each_exception_is_still_one() -> None:
    """A name that no case bears any more would hide nothing but itself."""
    assert {*NOT_YET, *NOT_YET_IN_ANY_ORDER} <= {one.name for one in EVERY_EXPECTATION}


@pytest.mark.parametrize("form", MARKER_FORMS.values(), ids=MARKER_FORMS)
def test_the_unavailable_marker_is_in_the_records_and_in_no_operation(form: str) -> None:
    """Pushed, it replaces a value that is still there; the index would hold it as content."""
    for one in EVERY_EXPECTATION:
        for operation in operations([*one.expected(), *one.actual()]):
            assert form not in json.dumps(operation), one.name


def test_every_item_of_a_secured_target_says_who_may_see_it() -> None:
    """Without permissions the service rejects it later; on an open target they mean nothing."""
    for one in EVERY_EXPECTATION:
        targets = loaded(one.mapping).settings.targets
        for operation in operations([*one.expected(), *one.actual()]):
            if operation["kind"] == "upsert":
                assert ("permissions" in operation["body"]) == targets[operation["target"]].secured
                assert '"allowAnonymous": true' not in json.dumps(operation)


def test_every_mapping_is_for_some_case() -> None:
    """A mapping that no record meets shows nothing."""
    for name in {one.mapping for one in EVERY_EXPECTATION}:
        folders = [one.folder for one in EVERY_EXPECTATION if one.mapping == name]
        topics = {record.tp.topic for folder in folders for record in records(folder)}
        for spec in loaded(name).settings.mappings:
            assert set(spec.topics.names or ()) <= topics


def place_of(operation: Json) -> tuple[str, str]:
    """Return target and document id."""
    return operation["target"], operation["body"]["documentId"]


def applied(index: Index, outcomes: Iterable[Json]) -> Index:
    """Return what an index becomes by these operations, one after the other."""
    after = dict(index)
    for operation in operations(outcomes):
        after.pop(place_of(operation), None)
        if operation["kind"] == "upsert":
            after[place_of(operation)] = operation["body"]
    return after


@pytest.mark.parametrize("one", all_but(NOT_YET_IN_ANY_ORDER))
def test_partitions_may_be_read_in_any_order(one: Expectation) -> None:
    """Kafka orders a partition only; what remains of a case must not depend on more (INV-5)."""
    outcomes = one.actual()
    by_partition: dict[TopicPartition, list[Json]] = {}
    for record, outcome in zip(records(one.folder), outcomes, strict=True):
        by_partition.setdefault(record.tp, []).append(outcome)
    stale: Index = {place_of(operation): {} for operation in operations(outcomes)}
    orders = permutations(by_partition.values())
    ends = [applied(stale, chain.from_iterable(order)) for order in orders]
    assert all(end == ends[0] for end in ends)


def items(*rows: tuple[int, str, float | None, int]) -> Index:
    """Return what the index holds of rows of `items`."""
    index: Index = {}
    for key, name, price, qty in rows:
        place = ("open", f"shop://pg.public.items/{key}")
        index[place] = {"documentId": place[1], "title": name, "qty": qty}
        index[place] |= {"in_stock": qty > 0, "price": price, "data": ""}
        if price is not None and price >= 2:
            allowed = [{"identity": name, "identityType": "User"}]
            who = {"allowAnonymous": False, "allowedPermissions": allowed, "deniedPermissions": []}
            place = ("closed", f"shop://priced/{key}")
            index[place] = {"documentId": place[1], "title": name, "price": price, "data": ""}
            index[place]["permissions"] = [who]
    return index


def test_all_cases_of_a_table_end_in_its_rows() -> None:
    """Index = SELECT, after twelve cases with swapped, moved, deleted and re-inserted keys."""
    cases = [one for one in EVERY_EXPECTATION if one.name.startswith("pg.public.items/")]
    read = [
        (record.tp.partition, record.offset, outcome)
        for one in cases
        for record, outcome in zip(records(one.folder), one.actual(), strict=True)
    ]
    read.sort(key=lambda each: each[:2])
    rows = [(30, "three", 3, 31), (2, "one", 1, 11), (5, "again", 5, 6), (1, "two", 2, 21)]
    assert len(cases) == 12
    assert applied({}, [outcome for *_, outcome in read]) == items(*rows, (7, "seven", 7, 8))
