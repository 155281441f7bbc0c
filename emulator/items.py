"""One item as pushed: what its shape must be. Imports: content, jsontext, rejections, switches.

The rules are those of docs.coveo.com/en/78, 162 and 164. Checks here need nothing but the item;
those that need the source or a file container are in `admission`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.content import Compression, compression_named
from emulator.jsontext import DuplicateKeys, lowered
from emulator.rejections import BadItemError, Reason
from emulator.switches import ContentKey, DictionaryMetadata, Leniency, Switches

_CONTENT_KEYS = ("data", "compressedbinarydata", "compressedbinarydatafileid")
_RESERVED = frozenset(
    (*_CONTENT_KEYS, "documentid", "compressiontype", "fileextension", "parentid", "permissions")
) | {"orderingid"}
_STRING_KEYS = (*_CONTENT_KEYS, "fileextension", "parentid", "compressiontype")
_PLAIN = (str, int, float)
# scheme://hier-part, both mandatory; what may stand inside is not documented further.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^?#\s]+(\?[^#\s]*)?(#\S*)?")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """An item of the right shape, not yet admitted.

    `body` is the item as sent, encoded again. `comparable` leaves out what differs between two
    pushes of the same content.
    """

    document_id: str
    body: bytes
    comparable: bytes
    title: str | None
    permissions: list[Any] | None
    inline: str | None
    content_file: str | None
    compression: Compression


def is_uri(document_id: str) -> bool:
    """Whether the id looks like `scheme://hier-part[?query][#fragment]` (docs/78)."""
    return _URI.fullmatch(document_id) is not None


def document_id_of(raw: object) -> str | None:
    """Return the id of an entry, whatever else is wrong with it."""
    if not isinstance(raw, dict):
        return None
    for key, value in raw.items():
        if key.lower() == "documentid" and isinstance(value, str) and value:
            return value
    return None


def required_document_id(fields: dict[str, Any]) -> str:
    """Return the id of an entry with lower-case keys; raises BadItemError(MISSING_DOCUMENT_ID)."""
    document_id = fields.get("documentid")
    if not isinstance(document_id, str) or not document_id:
        raise BadItemError(Reason.MISSING_DOCUMENT_ID, "documentId must be a non-empty string")
    return document_id


def read_object(raw: object) -> dict[str, Any]:
    """Return an entry with lower-case keys; it must be an object without repeated keys."""
    if not isinstance(raw, dict):
        raise BadItemError(Reason.NOT_AN_OBJECT, "an entry must be a JSON object")
    fields = lowered(raw)
    if fields is None or isinstance(raw, DuplicateKeys):
        raise BadItemError(Reason.DUPLICATE_KEYS, "a key occurs twice (keys are case-insensitive)")
    return fields


def read_item(
    raw: object,
    switches: Switches,
    document_id: str | None = None,
    compression: Compression | None = None,
) -> Draft:
    """Check an item's shape; raises BadItemError with the first thing that is wrong.

    For a single push the request's own document id and compression type win over the body's.
    """
    fields = read_object(raw)
    assert isinstance(raw, dict)
    chosen = document_id or required_document_id(fields)
    _check_reserved(fields)
    _check_content(fields, switches)
    for name, value in fields.items():
        if name not in _RESERVED and not isinstance(value, _PLAIN):
            _check_metadata(name, value, switches)
    title = fields.get("title")
    body = _encode(raw)
    return Draft(
        chosen,
        body,
        _comparable(raw, fields, body),
        title if isinstance(title, str) else None,
        fields.get("permissions"),
        fields.get("compressedbinarydata"),
        fields.get("compressedbinarydatafileid"),
        compression or _compression(fields),
    )


def _check_reserved(fields: dict[str, Any]) -> None:
    for name in _STRING_KEYS:
        value = fields.get(name)
        if value is not None and not isinstance(value, str):
            raise BadItemError(Reason.WRONG_TYPE, f"{name} must be a string")
    extension = fields.get("fileextension")
    if extension is not None and _EXTENSION.fullmatch(extension) is None:
        raise BadItemError(Reason.WRONG_TYPE, "fileExtension must be a dot and letters or digits")
    permissions = fields.get("permissions")
    if permissions is not None and not isinstance(permissions, list):
        raise BadItemError(Reason.WRONG_TYPE, "permissions must be an array")


def _check_content(fields: dict[str, Any], switches: Switches) -> None:
    given = [name for name in _CONTENT_KEYS if fields.get(name) is not None]
    if len(given) > 1:
        raise BadItemError(Reason.AMBIGUOUS_CONTENT, f"only one of {', '.join(given)} may be given")
    if not given and switches.content_key is ContentKey.REQUIRED:
        message = "one of data, compressedBinaryData, compressedBinaryDataFileId must be given"
        raise BadItemError(Reason.MISSING_CONTENT, message)


def _check_metadata(name: str, value: object, switches: Switches) -> None:
    if value is None:
        if switches.null_metadata is Leniency.REJECT:
            raise BadItemError(Reason.NULL_METADATA, f"{name} is null")
        return
    if isinstance(value, list):
        inside: list[Any] = value
    elif switches.dictionary_metadata is DictionaryMetadata.ONE_LEVEL and isinstance(value, dict):
        inside = list(value.values())
    else:
        raise BadItemError(Reason.NESTED_METADATA, f"{name} is an object")
    for inner in inside:
        if inner is not None and not isinstance(inner, _PLAIN):
            raise BadItemError(Reason.NESTED_METADATA, f"{name} holds an object or an array")


def _compression(fields: dict[str, Any]) -> Compression:
    named = fields.get("compressiontype")
    if named is None:
        return Compression.ZLIB
    compression = compression_named(named)
    if compression is None:
        raise BadItemError(Reason.INVALID_COMPRESSION, f"compressionType '{named}' is unknown")
    return compression


def _encode(raw: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(raw)
    except TypeError as error:
        # The exact parser reads integers of any size, an index field holds 64 bits at most.
        raise BadItemError(Reason.NUMBER_OUT_OF_RANGE, str(error)) from error


def _comparable(raw: dict[str, Any], fields: dict[str, Any], body: bytes) -> bytes:
    if fields.get("compressedbinarydatafileid") is None:
        return body
    rest = {key: value for key, value in raw.items() if key.lower() != "compressedbinarydatafileid"}
    return orjson.dumps(rest)
