"""Whatever the mapping gives: valid JSON, distinct keys, sizes known beforehand, or PoisonError."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consumer.coveo import payload
from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.targets import TargetTraits
from consumer.domain.access import (
    IdentityType,
    PermissionLevel,
    Permissions,
    PermissionSet,
    SecurityIdentity,
)
from consumer.domain.errors import PoisonError
from consumer.domain.fates import BatchOperation
from consumer.domain.operations import (
    Content,
    DeleteItem,
    DocumentId,
    EncodedOperation,
    JsonValue,
    Operation,
    OperationKind,
    TargetId,
    UpsertItem,
)
from consumer.domain.records import TopicPartition
from consumer.pipeline.batcher import ENVELOPE_BYTES

KB = TargetId("kb")
TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(["", "data", "Data", "a"])
SCALARS: st.SearchStrategy[JsonValue] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2)
)
IDS = (TEXT | st.from_regex(r"[a-z]{1,3}://[a-z0-9/%]{0,6}", fullmatch=True)).map(DocumentId)
IDENTITIES = st.builds(SecurityIdentity, TEXT, st.sampled_from(IdentityType), st.none() | TEXT)
SETS = st.builds(
    PermissionSet,
    st.lists(IDENTITIES, max_size=2).map(tuple),
    st.lists(IDENTITIES, max_size=2).map(tuple),
    st.booleans(),
)
LEVELS = st.builds(PermissionLevel, st.lists(SETS, max_size=2).map(tuple), st.none() | TEXT)
WILD = st.builds(
    UpsertItem,
    st.just(KB),
    IDS,
    st.dictionaries(TEXT, VALUES, max_size=4),
    st.none() | st.builds(Content, st.none() | TEXT, st.none() | st.binary(max_size=30)),
    st.none() | TEXT | st.just(".txt"),
    st.none() | IDS,
    st.none() | st.builds(Permissions, st.lists(LEVELS, max_size=3).map(tuple)),
)

GOOD_TEXT = st.text(st.characters(codec="utf-8"))
GOOD_IDS = st.from_regex(r"[a-z]{1,3}://[a-z0-9/]{1,6}(\?q=%2F)?", fullmatch=True).map(DocumentId)
GOOD_SCALARS: st.SearchStrategy[JsonValue] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    GOOD_TEXT,
)
DICTIONARIES = st.dictionaries(
    st.from_regex(r"[a-z]{1,4}", fullmatch=True), GOOD_SCALARS, max_size=3
)
GOOD_NAMES = GOOD_TEXT.map(lambda text: f"n{text}")
GOOD_SETS = st.builds(
    PermissionSet,
    st.lists(st.builds(SecurityIdentity, GOOD_NAMES, st.sampled_from(IdentityType))).map(tuple),
)
GOOD_LEVELS = st.builds(PermissionLevel, st.lists(GOOD_SETS, min_size=1, max_size=2).map(tuple))
SOUND = st.builds(
    UpsertItem,
    st.just(KB),
    GOOD_IDS,
    st.dictionaries(
        st.from_regex(r"[b-z_]{1,4}", fullmatch=True).filter(lambda k: k != "data"),
        GOOD_SCALARS | st.lists(GOOD_SCALARS, max_size=3) | DICTIONARIES,
        max_size=4,
    ),
    st.none() | st.builds(Content, GOOD_TEXT) | st.builds(Content, st.none(), st.binary()),
    st.none() | st.just(".txt"),
    st.none() | GOOD_IDS,
    st.none() | st.builds(Permissions, st.lists(GOOD_LEVELS, min_size=1, max_size=3).map(tuple)),
)
ITEMS = SOUND | WILD
DELETES = st.builds(DeleteItem, st.just(KB), IDS | GOOD_IDS, st.booleans(), st.booleans())


def distinct(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """Refuse keys that the service would call duplicates."""
    folded = [key.lower() for key, _ in pairs]
    assert len(set(folded)) == len(folded)
    return dict(pairs)


@given(SOUND)
def test_a_sound_item_is_always_sent_whole(item: UpsertItem) -> None:
    """Local checks must refuse nothing that the service documents as good."""
    secured = item.permissions is not None
    made = payload.encode(item, TargetTraits(KB, "src", secured))
    read = json.loads(made.payload, object_pairs_hook=distinct)
    wanted = {name for name, value in item.metadata.items() if value is not None}
    extra = {"documentId", "permissions" if secured else "documentId"}
    extra |= {"parentId"} if item.parent_id else set()
    extra |= {"fileExtension"} if item.file_extension else set()
    binary = item.content is not None and item.content.binary is not None
    extra |= {"compressedBinaryData", "compressionType"} if binary else {"data"}
    assert set(read) == wanted | extra
    assert all(is_metadata(value) for key, value in read.items() if key != "permissions")


@given(WILD | DELETES, st.booleans())
def test_anything_else_is_valid_json_with_distinct_keys_or_poison(
    operation: Operation,
    secured: bool,  # noqa: FBT001
) -> None:
    """One that is not would make the service refuse the whole batch it is in."""
    made = encoded_or_reason(operation, TargetTraits(KB, "src", secured))
    if isinstance(made, ItemFlaw):
        return
    read = json.loads(made.payload, object_pairs_hook=distinct)
    assert read["documentId"] == operation.document_id == made.document_id
    if made.kind is OperationKind.UPSERT:
        assert ("data" in read) != ("compressedBinaryData" in read)
        assert ("permissions" in read) == secured


def is_metadata(value: object) -> bool:
    """Return whether the service documents such a value."""
    values = value if isinstance(value, list) else [value]
    if isinstance(value, dict):
        values = [*value.values()]
    return all(isinstance(each, str | int | float | bool) for each in values)


@given(st.lists(st.tuples(st.sampled_from(OperationKind), st.binary(max_size=20).map(bytes.hex))))
def test_the_size_of_a_body_is_known_before_it_is_built(
    parts: list[tuple[OperationKind, str]],
) -> None:
    """The hard cap is checked before an operation is added, on what is really sent."""
    operations = [
        BatchOperation(DocumentId(str(n)), kind, json.dumps(text).encode(), tp(), 1)
        for n, (kind, text) in enumerate(parts)
    ]
    body = payload.body(operations)
    counts = Counter(each.kind for each in operations)
    upserts, deletes, partials = (counts[kind] for kind in OperationKind)
    total = sum(len(each.payload) for each in operations)
    assert len(body) == payload.body_size_bytes(upserts, deletes, total, partials)
    counted = ENVELOPE_BYTES + total + len(parts) * payload.BODY_OPERATION_BYTES
    spare = 3 + len(',"partialUpdate":[]')
    assert counted - spare <= len(body) <= counted
    read = json.loads(body)
    assert sum(map(len, read.values())) == len(parts)


def tp() -> TopicPartition:
    """Return some partition."""
    return TopicPartition("t", 0)


@given(ITEMS)
def test_encoding_depends_on_nothing_but_the_item(item: UpsertItem) -> None:
    """A retry, and a replay after a crash, must send the same bytes."""
    traits = TargetTraits(KB, "src", item.permissions is not None)
    assert encoded_or_reason(item, traits) == encoded_or_reason(item, traits)


def encoded_or_reason(operation: Operation, traits: TargetTraits) -> EncodedOperation | ItemFlaw:
    """Return what would be sent, or why nothing is; the reason must be one of the closed set."""
    try:
        return payload.encode(operation, traits)
    except PoisonError as poison:
        return ItemFlaw(poison.reason)
