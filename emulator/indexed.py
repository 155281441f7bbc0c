"""An indexed item as search sees it: fields, text, ids.

Imports: content, fields, query, sources.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import TYPE_CHECKING, Any

import orjson

from emulator.content import UndecodableError, decode_base64, decompress
from emulator.fields import FieldCatalogue, UnfitValueError, epoch_ms, fitted
from emulator.query import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.sources import Item, Source

_NO_METADATA = frozenset(
    {
        "data",
        "compressedbinarydata",
        "compressedbinarydatafileid",
        "compressiontype",
        "permissions",
        "documentid",
        "fileextension",
        "orderingid",
        "parentid",
    }
)
_TEXT_TYPES = frozenset({"", ".txt", ".html", ".htm", ".md", ".json", ".xml", ".csv"})
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_MAX_SEARCHED_CHARACTERS = 200_000


def body_of(item: Item) -> dict[str, Any]:
    """Return the item as pushed, with lower-case keys."""
    raw: dict[str, Any] = orjson.loads(item.body)
    return {key.lower(): value for key, value in raw.items()}


def content_of(item: Item, body: dict[str, Any] | None = None) -> bytes:
    """Return the item's content, decompressed; nothing if it cannot be."""
    body = body_of(item) if body is None else body
    data, inline = body.get("data"), body.get("compressedbinarydata")
    if isinstance(data, str):
        return data.encode()
    try:
        packed = item.binary if inline is None else decode_base64(inline)
        return b"" if packed is None else decompress(packed, item.compression)
    except UndecodableError:
        return b""


def text_of(item: Item, body: dict[str, Any] | None = None) -> str:
    """Return the text of the content, without markup; nothing for what is no text."""
    body = body_of(item) if body is None else body
    extension = str(body.get("fileextension") or "").lower()
    if extension not in _TEXT_TYPES:
        return ""
    text = content_of(item, body)[:_MAX_SEARCHED_CHARACTERS].decode("utf-8", "replace")
    looks_like_html = extension in {".html", ".htm"} or text.lstrip()[:1] == "<"
    return html.unescape(_TAGS.sub(" ", text)) if looks_like_html else text


def fields_of(
    source: Source, item: Item, catalogue: FieldCatalogue, *, unmapped: bool
) -> dict[str, Any]:
    """Return what `raw` of a search result holds.

    Keys without a field are left out unless `unmapped`; values that do not fit are left out.
    """
    body = body_of(item)
    found: dict[str, Any] = {}
    for name, value in body.items():
        kind = catalogue.type_of(name)
        if name in _NO_METADATA or value is None or (kind is None and not unmapped):
            continue
        try:
            found[name] = value if kind is None else fitted(value, kind)
        except UnfitValueError:
            continue
    return {**found, **_given_by_the_index(source, item, body, found)}


def unique_id(source: Source, item: Item) -> str:
    """Return what identifies an item over all sources; it ends with the item's id."""
    return f"{source.name}${item.document_id}"


def primary_id(source: Source, item: Item) -> str:
    """Return a short id that search results carry as well."""
    digest = hashlib.sha256(unique_id(source, item).encode()).digest()
    return base64.b32encode(digest[:20]).decode()


class IndexedDocument:
    """An item for query expressions. Its fields are worked out when somebody asks."""

    __slots__ = ("_catalogue", "_fields", "_item", "_source", "_words")

    def __init__(
        self,
        source: Source,
        item: Item,
        words: Callable[[Source, Item], str],
        catalogue: FieldCatalogue,
    ) -> None:
        """Look at an item; `words` gives its text, casefolded, one space between two words."""
        self._source = source
        self._item = item
        self._words = words
        self._catalogue = catalogue
        self._fields: dict[str, Any] | None = None

    def values(self, name: str) -> list[Any]:
        """Return the values of a field."""
        if name in {"uri", "sysuri"}:
            return [self._item.document_id]
        if name in {"source", "syssource"}:
            return [self._source.title]
        if self._fields is None:
            self._fields = fields_of(self._source, self._item, self._catalogue, unmapped=True)
        value = self._fields.get(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def mentions(self, phrase: str) -> bool:
        """Whether the text has these words one behind the other."""
        words = self._words(self._source, self._item)
        return phrase in words and f" {phrase} " in f" {words} "


def searched_words(item: Item) -> str:
    """Return title, metadata and content as words, casefolded, one space between two."""
    body = body_of(item)
    parts = [item.document_id, text_of(item, body)]
    for name, value in body.items():
        if name in _NO_METADATA:
            continue
        values = value if isinstance(value, list) else [value]
        parts += [one for one in values if isinstance(one, str)]
    return " ".join(words_of(" ".join(parts)))


def _given_by_the_index(
    source: Source, item: Item, body: dict[str, Any], pushed: dict[str, Any]
) -> dict[str, Any]:
    extension = str(body.get("fileextension") or ".txt").lstrip(".").lower()
    document_id = item.document_id
    given = {
        "uri": document_id,
        "sysuri": document_id,
        "source": source.title,
        "syssource": source.title,
        "sourcetype": "Catalog" if source.type == "CATALOG" else "Push",
        "collection": "default",
        "title": item.title or document_id,
        "filetype": pushed.get("filetype", extension),
        "indexeddate": item.indexed_ms,
        "date": _date(body, item),
        "orderingid": item.ordering_id,
        "size": len(content_of(item, body)),
        "permanentid": pushed.get("permanentid", hashlib.sha256(document_id.encode()).hexdigest()),
    }
    parent = body.get("parentid")
    if isinstance(parent, str):
        given["topparentid"] = parent
        if parent != document_id:
            given["attachmentparentid"] = parent
    return given


def _date(body: dict[str, Any], item: Item) -> int:
    try:
        return epoch_ms(body["date"])
    except (KeyError, ValueError, OverflowError):
        return item.received_ms
