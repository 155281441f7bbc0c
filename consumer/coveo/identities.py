"""Security identities as the exact bytes that are sent, checked for all that is documented. Pure.

Forms: docs/78, docs/55. A push replaces an identity with all its members; a delete disables it
(docs/42, docs/84).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, assert_never

import orjson

from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.limits import MAX_CONTAINER_BYTES, MAX_ITEM_BYTES
from consumer.domain.access import IdentityType
from consumer.domain.errors import PoisonError
from consumer.domain.operations import JsonValue


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, group or virtual group; `additional_info` is part of what tells it apart."""

    name: str = field(repr=False)
    type: IdentityType
    additional_info: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Alias:
    """The same person under a name of another provider, which ours cascades to."""

    identity: Identity
    provider: str | None = None
    """`None` where ours cascades to one only."""


@dataclass(frozen=True, slots=True)
class PutIdentity:
    """An identity with all its members, and the groups that it declares itself to be in.

    Those must be the same in every push of the identity (docs/55).
    """

    identity: Identity
    members: tuple[Identity, ...] = ()
    granted: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class MapIdentity:
    """An identity with all its aliases."""

    identity: Identity
    aliases: tuple[Alias, ...]
    granted: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class DisableIdentity:
    """An identity that grants nothing any more."""

    identity: Identity


IdentityOperation = PutIdentity | MapIdentity | DisableIdentity


class IdentityList(StrEnum):
    """The lists of a batch of identities."""

    MEMBERS = "members"
    MAPPINGS = "mappings"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class EncodedIdentity:
    """An operation as it is sent: alone, or as an entry of one of the lists of a batch."""

    list: IdentityList
    payload: bytes = field(repr=False)


_TYPES: Final = {
    IdentityType.USER: "USER",
    IdentityType.GROUP: "GROUP",
    IdentityType.VIRTUAL_GROUP: "VIRTUAL_GROUP",
}
"""Identities are spelled otherwise than in an item's permissions (docs/78, docs/240)."""


def encode_identity(operation: IdentityOperation) -> EncodedIdentity:
    """Return an operation as it will be sent. Raises PoisonError for what cannot be."""
    subject = _identity(operation.identity)
    match operation:
        case PutIdentity(_, members, granted):
            made: dict[str, JsonValue] = {
                "identity": subject,
                "members": [_identity(each) for each in members],
                "wellKnowns": _granted(granted),
            }
            return EncodedIdentity(IdentityList.MEMBERS, _dump(made))
        case MapIdentity(_, aliases, granted):
            made = {
                "identity": subject,
                "mappings": [_alias(each) for each in aliases],
                "wellKnowns": _granted(granted),
            }
            return EncodedIdentity(IdentityList.MAPPINGS, _dump(made))
        case DisableIdentity():
            return EncodedIdentity(IdentityList.DELETED, _dump({"identity": subject}))
        case _:
            assert_never(operation)


def identity_batch(operations: Iterable[EncodedIdentity]) -> bytes:
    """Return one batch body (docs/55), all three lists in it.

    Raises ValueError for one that no container holds: ask `identity_batch_bytes` before.
    """
    lists: dict[IdentityList, list[bytes]] = {each: [] for each in IdentityList}
    for operation in operations:
        lists[operation.list].append(operation.payload)
    parts = (b'"%s":[%s]' % (each.encode(), b",".join(lists[each])) for each in IdentityList)
    body = b"{%s}" % b",".join(parts)
    if len(body) > MAX_CONTAINER_BYTES:
        msg = f"a batch of {len(body)} bytes, a container holds {MAX_CONTAINER_BYTES}"
        raise ValueError(msg)
    return body


def identity_batch_bytes(operations: Sequence[EncodedIdentity]) -> int:
    """Return the exact size of their batch."""
    counts = dict.fromkeys(IdentityList, 0)
    for operation in operations:
        counts[operation.list] += 1
    commas = sum(max(count - 1, 0) for count in counts.values())
    return _EMPTY_BYTES + commas + sum(len(each.payload) for each in operations)


def _identity(identity: Identity) -> dict[str, JsonValue]:
    if not identity.name.strip():
        msg = "an identity has no name"
        raise PoisonError(ItemFlaw.IDENTITY, msg)
    if not all(identity.additional_info):
        msg = "an identity's additional info has a key without a name"
        raise PoisonError(ItemFlaw.IDENTITY, msg)
    made: dict[str, JsonValue] = {"name": identity.name, "type": _TYPES[identity.type]}
    if identity.additional_info:
        made["additionalInfo"] = dict(identity.additional_info)
    return made


def _alias(alias: Alias) -> dict[str, JsonValue]:
    made = _identity(alias.identity)
    if alias.provider is None:
        return made
    if not alias.provider.strip():
        msg = "an alias is of a provider without a name"
        raise PoisonError(ItemFlaw.IDENTITY, msg)
    return made | {"provider": alias.provider}


def _granted(granted: Iterable[Identity]) -> JsonValue:
    groups: list[JsonValue] = []
    for each in granted:
        if each.type is IdentityType.USER:
            msg = "an identity can declare itself to be in groups only, not in a user (docs/42)"
            raise PoisonError(ItemFlaw.IDENTITY, msg)
        groups.append(_identity(each))
    return groups


def _dump(made: dict[str, JsonValue]) -> bytes:
    try:
        payload = orjson.dumps(made)
    except orjson.JSONEncodeError:
        # Everything else was checked, so this is text with lone surrogates. The cause is cut off:
        # it has the text.
        msg = "a text is not valid Unicode"
        raise PoisonError(ItemFlaw.TEXT, msg) from None
    if len(payload) > MAX_ITEM_BYTES:
        msg = f"the identity has {len(payload)} bytes, at most {MAX_ITEM_BYTES} can be sent"
        raise PoisonError(ItemFlaw.IDENTITY_TOO_LARGE, msg)
    return payload


_EMPTY_BYTES: Final = len(identity_batch(()))
