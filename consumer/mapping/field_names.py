"""Names of fields: what is written becomes what the index has. Imports the standard library.

A field is called by lower-case letters, digits and `_`, and begins with a letter (reference
`push-api.md` §2.3); keys of an item ignore case, and some are the item's own (§2.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from consumer.mapping.problems import BadSpecError

RESERVED: Final = frozenset(
    {"compressedbinarydata", "compressedbinarydatafileid", "compressiontype", "data"}
    | {"documentid", "fileextension", "orderingid", "parentid", "permissions"}
)
"""Keys of an item that are not metadata, in lower case (reference `push-api.md` §2.1)."""

PERMANENT_ID: Final = "permanentid"

_FIELD: Final = re.compile(r"[a-z][a-z0-9_]*")
_OTHERS: Final = re.compile(r"[^a-z0-9_]+")


def field_name(written: str, taken: Mapping[str, str]) -> str:
    """Return the field that a name stands for: `Due Date` is `due_date`, `Größe` is `grosse`.

    `taken` has what was written for each field so far. Raises BadSpecError for a name that no
    field can have, that is a key of the item, or that stands for a field which is taken.
    """
    name = written if _FIELD.fullmatch(written) else _normalised(written)
    if written.lower() in RESERVED or name in RESERVED:
        msg = f"'{written}' is a key of the item itself; choose another name"
        raise BadSpecError(msg)
    if _FIELD.fullmatch(name) is None:
        msg = (
            f"'{written}' is no name of a field: those have lower-case letters, digits and '_', "
            "and begin with a letter"
        )
        raise BadSpecError(msg)
    if name in taken:
        msg = f"'{written}' is the field '{name}', which is there twice: {taken[name]} is it, too"
        raise BadSpecError(msg)
    return name


def _normalised(written: str) -> str:
    plain = unicodedata.normalize("NFKD", written.casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return _OTHERS.sub("_", letters).strip("_")
