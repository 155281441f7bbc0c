"""Who may see an item, from columns: denied unless the row says otherwise (INV-6).

Imports the domain only. Three rules hold whatever a mapping says: a null column adds nobody; an
item that nobody is allowed to see is denied to all; anonymous access is never computed, it is only
ever the word `anonymous: true` in the configuration.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from consumer.domain.access import (
    DENIED_TO_ALL,
    PermissionLevel,
    Permissions,
    PermissionSet,
    SecurityIdentity,
    is_name,
)
from consumer.domain.errors import PoisonError
from consumer.domain.events import Row, Value
from consumer.mapping.fields import compile_pick, one_of
from consumer.mapping.part import Part, Read, Scope, constant, then
from consumer.mapping.problems import BadSpecError, Findings, Path
from consumer.mapping.reasons import Reason
from consumer.mapping.spec import GrantSpec, PermissionsSpec

_Identities = tuple[SecurityIdentity, ...]


def compile_permissions(spec: PermissionsSpec, path: Path, found: Findings) -> Part[Permissions]:
    """Compile the permissions; what is wrong with a part of them is noted in `found`."""
    allowed = _grants(spec.allowed, (*path, "allowed"), found)
    denied = _grants(spec.denied, (*path, "denied"), found)
    if not spec.allowed and not spec.anonymous:
        message = "nobody is allowed, so that no item could ever be seen; name 'allowed'"
        found.add(path, message, (*path, "allowed"), (*path, "anonymous"))
    columns = tuple(name for part in (*allowed, *denied) for name in part.columns)

    def bind(scope: Scope) -> Read[Permissions]:
        let_in = tuple(part.bind(scope) for part in allowed)
        keep_out = tuple(part.bind(scope) for part in denied)

        def read(row: Row) -> Permissions:
            inside = _gather(let_in, row)
            outside = _gather(keep_out, row)
            if not inside and not spec.anonymous:
                return DENIED_TO_ALL
            one_set = PermissionSet(inside, outside, allow_anonymous=spec.anonymous)
            return Permissions((PermissionLevel((one_set,)),))

        return read

    return Part(columns, bind)


def _gather(reads: Iterable[Read[_Identities]], row: Row) -> _Identities:
    """Return every identity once, in the order of the mapping."""
    return tuple(dict.fromkeys(identity for read in reads for identity in read(row)))


def _grants(
    specs: tuple[GrantSpec, ...], path: Path, found: Findings
) -> tuple[Part[_Identities], ...]:
    parts = []
    for number, spec in enumerate(specs):
        with found.at(*path, number):
            parts.append(_grant(spec, denies=path[-1] == "denied"))
    return tuple(parts)


def _grant(spec: GrantSpec, *, denies: bool) -> Part[_Identities]:
    one_of(spec, "column", "constant")
    if spec.constant is not None:
        if spec.json_pointer is not None or spec.split is not None:
            msg = "'json' and 'split' go with 'column' only"
            raise BadSpecError(msg)
        if not is_name(spec.constant):
            msg = "an identity needs a name, without blanks around it or control characters in it"
            raise BadSpecError(msg)
        return constant((SecurityIdentity(spec.constant, spec.identity_type, spec.provider),))
    pick = compile_pick(spec.column or "", spec.json_pointer, spec.split)
    return then(pick, partial(_identities, spec=spec, denies=denies))


def _identities(value: Value, spec: GrantSpec, *, denies: bool) -> _Identities:
    """Make identities of a column's value. Raises PoisonError('permission_value').

    Whatever cannot be read as names is refused, a blank or padded text as well: it could be meant
    to keep somebody out, and would match nobody. A null inside a list adds nobody where it would
    allow; where it would deny, somebody may be missing, so the row is refused.
    """
    if value is None:
        return ()
    names = []
    for one in value if isinstance(value, list) else [value]:
        match one:
            case str() if is_name(one):
                names.append(one)
            case int() if not isinstance(one, bool) and one.bit_length() <= 64:
                names.append(str(one))
            case None if not denies:
                pass
            case _:
                raise PoisonError(
                    Reason.PERMISSION_VALUE,
                    f"column '{spec.column}' should name a {spec.type}, but holds something else, "
                    "perhaps a blank or padded name: 'split' cuts blanks, and leaves out what is "
                    "empty",
                )
    return tuple(SecurityIdentity(name, spec.identity_type, spec.provider) for name in names)
