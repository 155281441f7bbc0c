"""Identity bodies and batch files to operations. Imports: batchfiles, identities, rejections.

Shapes are those of Coveo's OpenAPI document and docs.coveo.com/en/55, 78 and 84; what official
clients send differently is taken as well: bare `deleted` elements, and types in either spelling.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from emulator.batchfiles import BadBatchError, sections
from emulator.identities import Named, Relations
from emulator.jsontext import lowered
from emulator.kinds import KINDS, kind_named
from emulator.rejections import BadItemError, Reason


class IdentityAction(StrEnum):
    """What a call does with one identity; the emulator's own words."""

    PUT_MEMBERS = "PUT_MEMBERS"
    PUT_MAPPINGS = "PUT_MAPPINGS"
    DISABLE = "DISABLE"
    DISABLE_OLDER_THAN = "DISABLE_OLDER_THAN"
    BATCH_FILE = "BATCH_FILE"


@dataclass(frozen=True, slots=True)
class IdentityStep:
    """One identity and what is to become of it."""

    action: IdentityAction
    named: Named
    relations: Relations = field(default_factory=Relations)


@dataclass(frozen=True, slots=True)
class RefusedIdentity:
    """An entry of a batch that came to nothing."""

    action: IdentityAction
    name: str | None
    reason: Reason
    detail: str


_SECTIONS = {
    "members": IdentityAction.PUT_MEMBERS,
    "mappings": IdentityAction.PUT_MAPPINGS,
    "deleted": IdentityAction.DISABLE,
}


def read_identity(raw: object, action: IdentityAction) -> IdentityStep:
    """Read the body of a single call; raises BadItemError."""
    fields = _object(raw, "the body")
    if action is IdentityAction.DISABLE and "identity" not in fields and "name" in fields:
        # The Java client leaves the wrapping out.
        return IdentityStep(action, _named(fields, "the identity"))
    named = _named(_object(fields.get("identity"), "identity"), "identity")
    if action is IdentityAction.DISABLE:
        return IdentityStep(action, named)
    well_knowns = _list(fields, "wellknowns")
    if action is IdentityAction.PUT_MEMBERS:
        return IdentityStep(action, named, Relations(_list(fields, "members"), (), well_knowns))
    mappings = _list(fields, "mappings", aliases=True)
    return IdentityStep(action, named, Relations((), mappings, well_knowns))


def read_identity_batch(content: bytes) -> list[IdentityStep | RefusedIdentity]:
    """Read a batch file; raises BadItemError(BATCH_FILE_INVALID) if it is not one at all.

    Deletions come last, as in the file; an entry that is wrong is refused alone.
    """
    try:
        found = sections(content, tuple(_SECTIONS))
    except BadBatchError as error:
        raise BadItemError(Reason.BATCH_FILE_INVALID, str(error)) from error
    return [
        _entry(one, action)
        for section, action in zip(found, _SECTIONS.values(), strict=True)
        for one in section
    ]


def _entry(raw: object, action: IdentityAction) -> IdentityStep | RefusedIdentity:
    try:
        return read_identity(raw, action)
    except BadItemError as error:
        return RefusedIdentity(action, _name_of(raw), error.reason, error.detail)


def _name_of(raw: object) -> str | None:
    identity = raw.get("identity", raw) if isinstance(raw, dict) else None
    name = identity.get("name") if isinstance(identity, dict) else None
    return name if isinstance(name, str) else None


def _list(fields: dict[str, Any], name: str, *, aliases: bool = False) -> tuple[Named, ...]:
    raw = [] if fields.get(name) is None else fields[name]
    if not isinstance(raw, list):
        raise _bad(detail=f"{name} must be an array")
    entries = [_named(_object(one, f"an entry of {name}"), name, aliases=aliases) for one in raw]
    return tuple(dict.fromkeys(entries))


def _named(fields: dict[str, Any], where: str, *, aliases: bool = False) -> Named:
    name, kind = fields.get("name"), fields.get("type")
    if not isinstance(name, str) or not name:
        raise _bad(detail=f"name must be a non-empty string in {where}")
    known = kind_named(kind) if isinstance(kind, str) else None
    if known is None:
        raise _bad(detail=f"the type of '{name}' is none of {', '.join(KINDS)}")
    provider = fields.get("provider") if aliases else None
    if provider is not None and not isinstance(provider, str):
        raise _bad(detail=f"the provider of '{name}' must be a string")
    return Named(name, known, _info(fields, name), provider or None)


def _info(fields: dict[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    info = fields.get("additionalinfo") or {}
    if not isinstance(info, dict) or not all(isinstance(one, str) for one in info.values()):
        raise _bad(detail=f"additionalInfo of '{name}' must be an object of strings")
    return tuple(sorted(info.items()))


def _object(raw: object, what: str) -> dict[str, Any]:
    fields = lowered(raw) if isinstance(raw, dict) else None
    if fields is None:
        raise _bad(detail=f"{what} must be an object without repeated keys")
    return fields


def _bad(detail: str) -> BadItemError:
    return BadItemError(Reason.INVALID_IDENTITY, detail)
