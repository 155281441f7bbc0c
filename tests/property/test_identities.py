"""Whatever identities are made of: valid JSON of a size known beforehand, or PoisonError."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.identities import (
    Alias,
    DisableIdentity,
    EncodedIdentity,
    Identity,
    IdentityOperation,
    MapIdentity,
    PutIdentity,
    encode_identity,
    identity_batch,
    identity_batch_bytes,
)
from consumer.domain.access import IdentityType
from consumer.domain.errors import PoisonError

TEXT = st.text(st.characters(exclude_categories=()), max_size=6)
IDENTITIES = st.builds(
    Identity, TEXT, st.sampled_from(IdentityType), st.dictionaries(TEXT, TEXT, max_size=2)
)
SEVERAL = st.lists(IDENTITIES, max_size=3).map(tuple)
ALIASES = st.lists(st.builds(Alias, IDENTITIES, st.none() | TEXT), max_size=3).map(tuple)
OPERATIONS: st.SearchStrategy[IdentityOperation] = st.one_of(
    st.builds(PutIdentity, IDENTITIES, SEVERAL, SEVERAL),
    st.builds(MapIdentity, IDENTITIES, ALIASES, SEVERAL),
    st.builds(DisableIdentity, IDENTITIES),
)


def made(operation: IdentityOperation) -> EncodedIdentity | None:
    """Return what would be sent, if anything; the reason must be one of the closed set."""
    try:
        return encode_identity(operation)
    except PoisonError as poison:
        ItemFlaw(poison.reason)
        return None


@given(st.lists(OPERATIONS, max_size=5))
def test_a_batch_of_anything_is_json_of_the_size_that_was_foretold(
    operations: list[IdentityOperation],
) -> None:
    """One entry that is not would spoil the others; one byte too many is refused as a whole."""
    encoded = [each for each in map(made, operations) if each is not None]
    body = identity_batch(encoded)
    assert len(body) == identity_batch_bytes(encoded)
    read = json.loads(body)
    assert list(read) == ["members", "mappings", "deleted"]
    assert sum(map(len, read.values())) == len(encoded)
    assert all(entry["identity"]["name"].strip() for each in read.values() for entry in each)
