"""Operations → the exact bytes that are sent, checked for all that is documented. Imports domain.

The service accepts much that it loses later, seen only in its logs; so everything that can be
known beforehand is refused here, one operation at a time, before it could spoil a batch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, assert_never

import orjson

from consumer.coveo import partial
from consumer.coveo.content import EncodedContent, content_of
from consumer.coveo.exchange import PushDelete, PushItem, SingleCall
from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.limits import (
    MAX_CATALOG_ITEM_BYTES,
    MAX_FILE_ID_CHARACTERS,
    MAX_ITEM_BYTES,
)
from consumer.coveo.metadata import metadata_of
from consumer.coveo.permissions import permissions_of
from consumer.coveo.targets import TargetTraits
from consumer.domain.errors import FatalError, PoisonError
from consumer.domain.fates import BatchOperation
from consumer.domain.operations import (
    Content,
    DeleteItem,
    DocumentId,
    EncodedOperation,
    JsonValue,
    Operation,
    OperationKind,
    SourceKind,
    TargetId,
    UpdateItem,
    UpsertItem,
)

_REFERENCE: Final = b',"compressedBinaryDataFileId":"'

MAX_REFERENCE_BYTES: Final = len(_REFERENCE) + MAX_FILE_ID_CHARACTERS + len(b'"')
"""Most bytes by which a payload grows when it refers to a container."""

_HEAD: Final = b'{"addOrUpdate":['
_MIDDLE: Final = b'],"delete":['
_PARTIALS: Final = b'],"partialUpdate":['
_TAIL: Final = b"]}"

BODY_ENVELOPE_BYTES: Final = len(_HEAD) + len(_MIDDLE) + len(_TAIL)
"""Bytes of a body without operations."""

BODY_OPERATION_BYTES: Final = 1
"""Bytes of a body for each operation besides its payload. Counting it for all is at most two bytes
too many: the first operation of either list has no comma."""

# scheme "://" hier-part [query] [fragment] (docs/78), of the characters of RFC 3986 §2.
_URI: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://"
    r"(?:[A-Za-z0-9._~:@!$&'()*+,;=/\[\]-]|%[0-9A-Fa-f]{2})+"
    r"(?:\?(?:[A-Za-z0-9._~:@!$&'()*+,;=/?\[\]-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:\#(?:[A-Za-z0-9._~:@!$&'()*+,;=/?\[\]-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
_FILE_EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]+", re.ASCII)  # Coveo's specification of 2017


def encode(operation: Operation, traits: TargetTraits) -> EncodedOperation:
    """Return the operation as it will be sent. Pure: the same operation gives the same bytes.

    Raises PoisonError, its reason an `ItemFlaw`, for what the service would refuse or lose, and
    for an item of a secured target without permissions or of another target with them.
    """
    _check_uri(operation.document_id, ItemFlaw.DOCUMENT_ID)
    match operation:
        case UpsertItem():
            content = _content(operation.content, traits)
            payload = _dump(_item(operation, content, traits))
            return EncodedOperation(
                operation.target,
                operation.document_id,
                OperationKind.UPSERT,
                _checked(payload, traits, content.beside),
                content=content.beside,
            )
        case DeleteItem(target, document_id, children, confirms):
            payload = _checked(_dump(_delete(operation, traits)), traits)
            kind = OperationKind.DELETE
            return EncodedOperation(target, document_id, kind, payload, children, confirms)
        case UpdateItem(target, document_id, fields):
            payload = _checked(_partial(document_id, fields, traits), traits)
            return EncodedOperation(target, document_id, OperationKind.PARTIAL, payload)
        case _:
            assert_never(operation)


def _partial(
    document_id: DocumentId, fields: Mapping[str, JsonValue], traits: TargetTraits
) -> bytes:
    if traits.kind is not SourceKind.CATALOG or traits.secured or None in fields.values():
        msg = (
            "a partial update is for catalogs, and neither takes a value away nor says who sees it"
        )
        raise PoisonError(ItemFlaw.PARTIAL_UPDATE, msg)
    try:
        return partial.entries(document_id, metadata_of(fields))
    except orjson.JSONEncodeError:
        raise _no_unicode() from None


def _content(content: Content | None, traits: TargetTraits) -> EncodedContent:
    """Return an item's content; that of a catalog's item is in it, and need not be there at all."""
    if traits.kind is SourceKind.PUSH:
        return content_of(content or Content())
    encoded = EncodedContent({}) if content is None else content_of(content)
    if encoded.beside is not None:
        raise _too_large_for_a_catalog(len(encoded.beside))
    return encoded


def _delete(operation: DeleteItem, traits: TargetTraits) -> dict[str, JsonValue]:
    # No page names a delete of children for the Stream API; mappings that want it are refused.
    named: dict[str, JsonValue] = {"documentId": operation.document_id}
    if traits.kind is SourceKind.PUSH:
        named["deleteChildren"] = operation.children
    return named


def _checked(payload: bytes, traits: TargetTraits, beside: bytes | None = None) -> bytes:
    size = len(payload) + (0 if beside is None else MAX_REFERENCE_BYTES)
    match traits.kind:
        case SourceKind.CATALOG:
            if size > MAX_CATALOG_ITEM_BYTES:
                raise _too_large_for_a_catalog(size)
        case SourceKind.PUSH:
            if size > MAX_ITEM_BYTES:
                msg = f"the item has {size} bytes, at most {MAX_ITEM_BYTES} can be sent"
                raise PoisonError(ItemFlaw.ITEM_TOO_LARGE, msg)
        case _:
            assert_never(traits.kind)
    return payload


def _too_large_for_a_catalog(size_bytes: int) -> PoisonError:
    msg = f"the item has {size_bytes} bytes or more, a catalog takes {MAX_CATALOG_ITEM_BYTES}"
    return PoisonError(ItemFlaw.CATALOG_ITEM_TOO_LARGE, msg)


def referring(operation: BatchOperation, file_id: str) -> BatchOperation:
    """Return an operation whose payload names the container that its content is in (docs/69)."""
    payload = b"".join((operation.payload[:-1], _REFERENCE, file_id.encode("ascii"), b'"}'))
    return replace(operation, payload=payload, content=None)


def single_call(target: TargetId, operation: BatchOperation) -> SingleCall:
    """Return the call that sends one operation by itself (docs/133, docs/171).

    Raises FatalError for a partial update, which goes to catalogs only, and never by itself.
    """
    match operation.kind:
        case OperationKind.UPSERT:
            return PushItem(target, operation.document_id, operation.payload)
        case OperationKind.DELETE:
            return PushDelete(target, operation.document_id, operation.children)
        case OperationKind.PARTIAL:
            msg = f"target {target}: a partial update cannot go by itself"
            raise FatalError(msg)
        case _:
            assert_never(operation.kind)


def body(operations: Iterable[BatchOperation]) -> bytes:
    """Return one batch body (docs/90); both lists are always there, as Coveo's clients have it.

    Partial updates make it one of the Stream API's (docs/p4eb0515).
    """
    upserts: list[bytes] = []
    deletes: list[bytes] = []
    partials: list[bytes] = []
    for operation in operations:
        match operation.kind:
            case OperationKind.UPSERT:
                upserts.append(operation.payload)
            case OperationKind.DELETE:
                deletes.append(operation.payload)
            case OperationKind.PARTIAL:
                partials.append(operation.payload)
            case _:
                assert_never(operation.kind)
    lists = [_HEAD, b",".join(upserts), _MIDDLE, b",".join(deletes)]
    if partials:
        lists += [_PARTIALS, b",".join(partials)]
    return b"".join((*lists, _TAIL))


def body_size_bytes(upserts: int, deletes: int, payload_bytes: int, partials: int = 0) -> int:
    """Return the exact size of the body of so many operations with so many bytes of payload."""
    commas = sum(max(count - 1, 0) for count in (upserts, deletes, partials))
    more = len(_PARTIALS) if partials else 0
    return BODY_ENVELOPE_BYTES + payload_bytes + commas + more


def _item(item: UpsertItem, content: EncodedContent, traits: TargetTraits) -> dict[str, JsonValue]:
    encoded: dict[str, JsonValue] = {"documentId": item.document_id}
    encoded.update(metadata_of(item.metadata))
    if item.parent_id is not None:
        _check_uri(item.parent_id, ItemFlaw.PARENT_ID)
        encoded["parentId"] = item.parent_id
    if item.file_extension is not None:
        if not _FILE_EXTENSION.fullmatch(item.file_extension):
            msg = "a file extension is a dot and letters or digits"
            raise PoisonError(ItemFlaw.FILE_EXTENSION, msg)
        encoded["fileExtension"] = item.file_extension
    permissions = permissions_of(item.permissions, traits)
    if permissions is not None:
        encoded["permissions"] = permissions
    encoded.update(content.keys)
    return encoded


def _check_uri(document_id: str, flaw: ItemFlaw) -> None:
    # The service takes anything and silently does not index what is no URI (docs/78).
    if not _URI.fullmatch(document_id):
        msg = "a document id is an absolute URI, scheme://path, in ASCII with the rest escaped"
        raise PoisonError(flaw, msg)


def _dump(value: dict[str, JsonValue]) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise _no_unicode() from None


def _no_unicode() -> PoisonError:
    # Everything else was checked, so this is text with lone surrogates. The cause is cut off: it
    # has the text.
    msg = "a text is not valid Unicode"
    return PoisonError(ItemFlaw.TEXT, msg)
