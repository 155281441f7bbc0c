"""How mappings get on with each other: ids that could meet, keys that two of them see differently.

Imports the domain only. Where topics are patterns, the checks are cautious: what could happen for
some topic is refused, so that a topic that turns up later cannot break anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

from consumer.mapping.collide import can_lie_below, can_meet
from consumer.mapping.prepare import Prepared
from consumer.mapping.problems import Findings, Path, spell
from consumer.mapping.reading import differences


def check_together(mappings: Sequence[Prepared], found: Findings) -> None:
    """Note every pair of mappings that cannot be used side by side."""
    for one, other in combinations(mappings, 2):
        _check_ids(one, other, found)
        _check_keys(one, other, found)
        _check_readings(one, other, found)
    for parent, child in permutations(mappings, 2):
        _check_children(parent, child, found)


def _check_ids(one: Prepared, other: Prepared, found: Findings) -> None:
    if one.target == other.target and can_meet(one.id, one.topics, other.id, other.topics):
        found.add(
            (*other.path, "id"),
            f"it could give the same id as {spell(one.path)} in target '{one.target}', and then "
            "the rows of one would overwrite and delete those of the other; begin them with "
            "different text",
            *_parts(one, other, "topics", "target", "id"),
        )


def _check_keys(one: Prepared, other: Prepared, found: Findings) -> None:
    if one.by_image or other.by_image or not one.topics.may_share_a_topic_with(other.topics):
        return
    if set(one.key_columns) != set(other.key_columns):
        found.add(
            (*other.path, "id"),
            f"{spell(one.path)} is for the same topic and names other key columns; all key columns "
            "belong in the id (columns outside the key need 'full_before_images')",
            *_parts(one, other, "topics", "id", "full_before_images"),
        )


def _check_readings(one: Prepared, other: Prepared, found: Findings) -> None:
    if one.topics.may_share_a_topic_with(other.topics):
        for key in differences(one.reading, other.reading):
            found.add(
                (*other.path, key),
                f"{spell(one.path)} is for the same topic and says otherwise about its records; "
                "say it in one of them, or the same in both",
                *_parts(one, other, "topics", key),
            )


def _check_children(parent: Prepared, child: Prepared, found: Findings) -> None:
    """Refuse deletes that would take another mapping's items with them.

    Topics share no order: such a delete may come after the child's row was written again, and the
    child's own records delete it anyhow.
    """
    if not parent.children or parent.target != child.target:
        return
    if can_lie_below(child.id, child.topics, parent.id, parent.topics):
        found.add(
            (*parent.path, "delete_children"),
            f"its deletes could remove items of {spell(child.path)}, whose rows may still be "
            "there; leave them to that mapping, whose own records delete them",
            *_parts(parent, child, "topics", "target", "id", "delete_children"),
        )


def _parts(one: Prepared, other: Prepared, *keys: str) -> tuple[Path, ...]:
    """Return where both mappings say what a check compares."""
    return tuple((*mapping.path, key) for mapping in (one, other) for key in keys)
