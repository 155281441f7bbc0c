"""What each kind of record does to an item."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import (
    UNAVAILABLE,
    ChangeEvent,
    ControlKind,
    ControlRecord,
    Event,
    Op,
    Tombstone,
    Truncate,
    Value,
)
from consumer.domain.operations import DeleteItem, DocumentId, SkipReason, TargetId, UpsertItem
from tests.unit.mapping.making import ALLOWED, SOURCE, change, operations, route_of, spec

OPEN = TargetId("open")
ONE = DocumentId("kb://articles/1")
BY_SLUG = spec(id="kb://p/{slug}", full_before_images=True, when="row.live == true", title="t")


def gone(document_id: str) -> DeleteItem:
    """Return a plain delete."""
    return DeleteItem(OPEN, DocumentId(document_id))


@pytest.mark.parametrize("op", [Op.CREATE, Op.UPDATE, Op.READ])
def test_row_becomes_an_item(op: Op) -> None:
    """Inserts, updates and snapshot rows all carry the whole row."""
    route = route_of(spec(title="t"))
    mapped = operations(route, change(route, op, {"id": 1, "t": "T"}))
    assert mapped == (UpsertItem(OPEN, ONE, {"title": "T"}),)


def test_delete_and_tombstone_both_delete_and_the_tombstone_only_confirms() -> None:
    """Either can be missing: a crash loses the tombstone, compaction the delete."""
    route = route_of(spec())
    assert operations(route, change(route, Op.DELETE, None, {"id": 1})) == (gone(ONE),)
    assert operations(route, Tombstone((1,))) == (DeleteItem(OPEN, ONE, confirms=True),)


def test_row_that_leaves_the_filter_is_deleted() -> None:
    """What `when` excludes has no business in the index."""
    route = route_of(spec(when="row.live"))
    assert operations(route, change(route, Op.UPDATE, {"id": 1, "live": False})) == (gone(ONE),)


def test_excluded_row_is_deleted_though_its_body_is_unavailable() -> None:
    """The delete needs the id and the condition, nothing else of the row."""
    route = route_of(spec(when="row.live", body="b"))
    event = change(route, Op.UPDATE, {"id": 1, "live": False, "b": UNAVAILABLE})
    assert operations(route, event) == (gone(ONE),)


def test_unavailable_condition_is_poison() -> None:
    """Neither showing nor deleting would be known to be right."""
    route = route_of(spec(when="row.live"))
    with pytest.raises(PoisonError, match="column 'live'"):
        route.map(change(route, Op.UPDATE, {"id": 1, "live": UNAVAILABLE}))


@pytest.mark.parametrize("use", ["title", "body"])
@pytest.mark.parametrize(
    "value", [UNAVAILABLE, [UNAVAILABLE], {"a": {"b": UNAVAILABLE}}, [{"a": [UNAVAILABLE]}]]
)
def test_what_is_unavailable_is_never_shown(use: str, value: Value) -> None:
    """Nor is a list or structure of which a part is: text made of it would say so to everybody."""
    route = route_of(spec(**{use: "v"}))
    with pytest.raises(PoisonError, match="column 'v'") as caught:
        route.map(change(route, Op.UPDATE, {"id": 1, "v": value}))
    assert caught.value.reason == "unavailable_value"


def test_a_part_of_what_is_unavailable_is_not_shown_either() -> None:
    """Whichever part is asked for, and however it is asked for."""
    row: Mapping[str, Value] = {"id": 1, "v": {"a": "x", "b": [UNAVAILABLE]}}
    fields = {"column": "v", "json": "/a"}, {"expression": "row.v.a"}, {"column": "v", "as": "json"}
    for field in fields:
        route = route_of(spec(fields={"x": field}))
        with pytest.raises(PoisonError, match="column 'v'"):
            route.map(change(route, Op.UPDATE, row))


def test_a_key_that_was_left_out_names_no_item() -> None:
    """Neither the item nor its delete: on a secured target the partition holds."""
    route = route_of(spec(target="closed", permissions=ALLOWED))
    event = change(route, Op.DELETE, None, {"id": UNAVAILABLE})
    with pytest.raises(PoisonError, match="column 'id'"):
        route.map(event)
    with pytest.raises(PoisonError, match="column 'id'"):
        route.deletes((UNAVAILABLE,), event, route.secured_targets)


def test_an_old_id_that_was_left_out_is_poison() -> None:
    """Oracle's old rows are full of markers: the old item could not be deleted."""
    route = route_of(BY_SLUG)
    row: Mapping[str, Value] = {"slug": "new", "live": True}
    old: Mapping[str, Value] = {"slug": UNAVAILABLE, "live": True}
    for op, after in ((Op.UPDATE, row), (Op.DELETE, None)):
        with pytest.raises(PoisonError, match="column 'slug'"):
            route.map(change(route, op, after, old))
    other = change(route, Op.UPDATE, {**row, "t": "T"}, {**row, "t": UNAVAILABLE})
    assert operations(route, other) == (UpsertItem(OPEN, DocumentId("kb://p/new"), {"title": "T"}),)


def test_delete_of_a_moved_row_deletes_its_old_id() -> None:
    """The row lives on under its new key; its insert brings the new item."""
    route = route_of(spec())
    event = dataclasses.replace(change(route, Op.DELETE, None, {"id": 1}), key_moved=True)
    assert operations(route, event) == (gone(ONE),)


def test_delete_takes_children_only_if_asked_to() -> None:
    """By URI prefix it could remove other rows' items."""
    route = route_of(spec(delete_children=True))
    event = change(route, Op.DELETE, None, {"id": 1})
    assert operations(route, event) == (DeleteItem(OPEN, ONE, children=True),)


def test_record_without_key_is_poison() -> None:
    """There is no id to address the item by."""
    route = route_of(spec())
    event = dataclasses.replace(change(route, Op.CREATE, {"id": 1}), key=None)
    with pytest.raises(PoisonError) as caught:
        route.map(event)
    assert caught.value.reason == "key_missing"


def test_insert_without_row_is_poison() -> None:
    """Some connectors look the row up later and find nothing."""
    route = route_of(spec())
    event = dataclasses.replace(change(route, Op.UPDATE, {"id": 1}), after=None)
    with pytest.raises(PoisonError) as caught:
        route.map(event)
    assert caught.value.reason == "after_image_missing"


def test_truncate_stops_unless_told_otherwise() -> None:
    """A million items must not silently outlive their table."""
    with pytest.raises(ConfigError, match="emptied"):
        route_of(spec()).map(Truncate(SOURCE))
    ignoring = route_of(spec(on_truncate="ignore"))
    assert ignoring.map(Truncate(SOURCE)) is SkipReason.TRUNCATE_IGNORED


@pytest.mark.parametrize("kind", list(ControlKind))
def test_control_record_is_skipped_under_its_own_name(kind: ControlKind) -> None:
    """Every skip is intended and counted by its reason."""
    assert route_of(spec()).map(ControlRecord(kind)) is SkipReason(kind.value)


def test_changed_id_deletes_the_old_item_and_pushes_the_new_one() -> None:
    """Without the delete a renamed page would be found twice."""
    route = route_of(BY_SLUG)
    before: Mapping[str, Value] = {"slug": "old", "live": True, "t": "T"}
    event = change(route, Op.UPDATE, {**before, "slug": "new"}, before)
    upsert = UpsertItem(OPEN, DocumentId("kb://p/new"), {"title": "T"})
    assert operations(route, event) == (gone("kb://p/old"), upsert)


def test_unchanged_id_is_only_pushed() -> None:
    """A delete and an upsert of one id in one batch are undefined."""
    route = route_of(BY_SLUG)
    row: Mapping[str, Value] = {"slug": "s", "live": True}
    mapped = operations(route, change(route, Op.UPDATE, row, row))
    assert [type(operation) for operation in mapped] == [UpsertItem]


def test_excluded_row_whose_id_changed_loses_both_items() -> None:
    """Either could be in the index."""
    route = route_of(BY_SLUG)
    event = change(route, Op.UPDATE, {"slug": "b", "live": False}, {"slug": "a", "live": True})
    assert operations(route, event) == (gone("kb://p/a"), gone("kb://p/b"))


def test_excluded_row_without_id_does_nothing() -> None:
    """It never had an item, so there is nothing to delete and nothing wrong."""
    route = route_of(BY_SLUG)
    never = {"slug": None, "live": False}
    assert route.map(change(route, Op.UPDATE, never, never)) is SkipReason.NOT_MAPPED
    assert route.map(change(route, Op.DELETE, None, never)) is SkipReason.NOT_MAPPED


def test_missing_before_image_is_poison() -> None:
    """The promise of `full_before_images` is broken; an orphan may stay behind."""
    route = route_of(BY_SLUG)
    row: Mapping[str, Value] = {"slug": "a", "live": True}
    for op, after in ((Op.UPDATE, row), (Op.DELETE, None)):
        event = dataclasses.replace(change(route, op, after, {"slug": "a"}), before=None)
        with pytest.raises(PoisonError) as caught:
            route.map(event)
        assert caught.value.reason == "before_image_missing"


def test_deleted_row_without_id_column_is_poison() -> None:
    """Its before-image holds the key only: which item to delete is not known."""
    route = route_of(spec(id="kb://p/{slug}", full_before_images=True))
    with pytest.raises(PoisonError, match="is null"):
        route.map(change(route, Op.DELETE, None, {"slug": None}))


def test_tombstone_says_nothing_where_the_row_makes_the_id() -> None:
    """Its delete had the row and did the work."""
    assert route_of(BY_SLUG).map(Tombstone(())) is SkipReason.TOMBSTONE


def test_safe_deletes_touch_only_the_targets_asked_for() -> None:
    """A poisoned record removes what may have been narrowed, and nothing else."""
    secured = spec(target="closed", id="kb://secret/{id}", permissions=ALLOWED)
    route = route_of(spec(), secured)
    closed = TargetId("closed")
    assert route.secured_targets == {closed}
    deletes = route.deletes((1,), None, route.secured_targets)
    assert deletes == (DeleteItem(closed, DocumentId("kb://secret/1")),)


def doomed(event: Event | None) -> list[str]:
    """Return the ids that are deleted for a poisoned record of `BY_SLUG`."""
    made = route_of(BY_SLUG).deletes((), event, frozenset({OPEN}))
    return [delete.document_id for delete in made]


def by_slug(op: Op, after: Value, before: Value = None) -> ChangeEvent:
    """Return a change of a row's slug."""
    images = ({"slug": slug, "live": True} for slug in (after, before))
    return change(route_of(BY_SLUG), op, *images)


def test_safe_delete_takes_the_ids_from_the_row_where_the_row_makes_the_id() -> None:
    """Only the item failed: both of its ids are known, and one of them is in the index."""
    assert doomed(by_slug(Op.UPDATE, "new", "old")) == ["kb://p/old", "kb://p/new"]
    assert doomed(by_slug(Op.UPDATE, "same", "same")) == ["kb://p/same"]
    assert doomed(by_slug(Op.CREATE, "new")) == ["kb://p/new"]
    assert doomed(by_slug(Op.DELETE, None, "old")) == ["kb://p/old"]
    assert doomed(Tombstone(())) == []


def test_no_item_has_an_id_that_cannot_be_made() -> None:
    """What is left is the other image's."""
    impossible: tuple[Value, ...] = (None, ["a"], float("inf"))
    for slug in impossible:
        assert doomed(by_slug(Op.UPDATE, slug, "old")) == ["kb://p/old"]


@pytest.mark.parametrize(
    "event",
    [
        None,
        dataclasses.replace(by_slug(Op.UPDATE, "new"), before=None),
        by_slug(Op.UPDATE, UNAVAILABLE, "old"),
        by_slug(Op.DELETE, None, None),
    ],
)
def test_safe_delete_of_an_unknown_id_is_poison(event: Event | None) -> None:
    """The partition holds rather than leave an item that may have been narrowed."""
    with pytest.raises(PoisonError):
        doomed(event)
