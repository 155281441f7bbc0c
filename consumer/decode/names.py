"""Whether a schema can be the one that a record was written with, by its name. Imports the domain.

An id that is looked up in the wrong id space, or in another registry, finds a schema all the same:
a table's key schema for its values, or another table's, with the same columns but for their names
(seen: globalId 7 and contentId 7 of one registry, reference `debezium.md` §8.3). The payload can
then be read to its last byte. Debezium names its records `<topic>.Envelope`, `<topic>.Value` and
`<topic>.Key`; a name that is none of these says nothing, and is not objected to.

Transforms change topics after schemas got their names (RegexRouter), or topics and names alike
(ByLogicalTableRouter), so another topic in a name is no evidence by itself. It is if the consumer
knows that topic for another table's, or if the row says that it is of another table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from consumer.decode.avro_types import AvroType, Struct, without_null
from consumer.decode.rows import plain
from consumer.domain.errors import ConfigError
from consumer.domain.schemas import SchemaRef

_ROLES: Final = {True: frozenset({"Key"}), False: frozenset({"Envelope", "Value"})}
_ALL_ROLES: Final = _ROLES[True] | _ROLES[False]
_ADJUSTED: Final = re.compile(r"_u[0-9a-f]{4}|[^A-Za-z0-9]", re.ASCII)
_CURE: Final = (
    "the id was most likely looked up where it means another schema: see 'Wrong schema' in"
    " docs/registries.md for schema_registry.url and payload_ids. Where a transform gives such"
    " names on purpose, set schema_registry.check_names to false"
)


class Owner(NamedTuple):
    """The table that a schema's name is about, where that is not the record's topic."""

    folded: str
    shown: str


class Names:
    """Checks the names of schemas against the topics of their records."""

    def __init__(self, mapped_topics: Iterable[str]) -> None:
        """Keep the topics whose tables are known."""
        self._mapped = frozenset(map(_folded, mapped_topics))

    def foreign_owner(
        self, root: AvroType, ref: SchemaRef, topic: str, *, is_key: bool
    ) -> Owner | None:
        """Return whose schema this is, if not the topic's; `check_table` has to be asked then.

        Raises ConfigError: it cannot be the schema of this topic's keys, or of its values.
        """
        struct = without_null(root)
        if not isinstance(struct, Struct):
            return None
        name = struct.traits.connect_name or struct.name
        owner, _, role = name.rpartition(".")
        if role not in _ALL_ROLES:
            return None
        folded = _folded(owner)
        own = folded == _folded(topic)
        if role not in _ROLES[is_key] or (not own and folded in self._mapped):
            raise _implausible(ref, name, f"no {_side(is_key)} of topic '{plain(topic)}' has")
        return None if own else Owner(folded, plain(name))


def check_table(owner: Owner, ref: SchemaRef, table: str) -> None:
    """Raise ConfigError if a row's own table is not the one that its schema is named after."""
    folded = _folded(table)
    if folded and not owner.folded.endswith(folded):
        # Which one is not shown: in a misread payload it could be anybody's data.
        raise _implausible(ref, owner.shown, "is another table than the one its row is of")


def misfit(owner: Owner, ref: SchemaRef, topic: str, error: Exception) -> ConfigError:
    """Return the error for a record that does not fit a schema which is named after another table.

    Such a schema may well be the topic's, renamed by a transform; but where it does not even fit,
    a wrong id is likelier than a wrong mapping, or than a broken record as the first of all.
    """
    return _implausible(
        ref, owner.shown, f"is not topic '{plain(topic)}', and does not fit ({error})"
    )


def _folded(name: str) -> str:
    """Return a name without what the adjustment of names for Avro may have put into it.

    It replaces characters by `_` or, `avro_unicode`, by `_uXXXX`, where even `_` becomes `_u005f`.
    """
    return _ADJUSTED.sub("", name).lower()


def _side(is_key: bool) -> str:  # noqa: FBT001 - one word of a message
    return "key" if is_key else "value"


def _implausible(ref: SchemaRef, name: str, why: str) -> ConfigError:
    message = f"schema {ref} is named '{plain(name)}', which {why}: {_CURE}"
    return ConfigError(message)
