"""Apicurio's headers: which of them names the schema, and in which id space. Imports the domain.

Seen with its converter 2.6.13, whose default they are: the payload is bare, one header holds the id
as eight bytes, another how the payload is encoded. The rest is as its serializer writes it where it
has no id (reference `debezium.md` §3.5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from consumer.decode.poison import PoisonReason, poison
from consumer.domain.records import Header
from consumer.domain.schemas import IdSpace, SchemaRef

NAMING: Final = ("globalId", "contentId", "contentHash", "groupId", "artifactId", "version")
"""Ends of the headers that name a schema, behind `apicurio.key.` or `apicurio.value.`."""

_ID_BYTES: Final = 8
_SPACES: Final = {"globalId": IdSpace.GLOBAL, "contentId": IdSpace.CONTENT}
_HASH: Final = re.compile(rb"[0-9a-f]{64}")
_MAX_PART_BYTES: Final = 512
"""Apicurio's own limit for the id of a group and of an artifact; a version has less."""
_PATH_STEPS: Final = frozenset({b".", b".."})
_DEFAULT_GROUP: Final = "default"
_UNKNOWN: Final = PoisonReason.UNKNOWN_FRAMING


def header_ref(side: str, end: str, headers: Sequence[Header]) -> SchemaRef:
    """Return the schema that the last header of this name, `<side><end>`, is about.

    `side` is `apicurio.key.` or `apicurio.value.`. Raises PoisonError: it holds no such name, or
    the payload is not encoded in bytes.
    """
    _require_bytes(side, headers)
    name = f"{side}{end}"
    content = _last(name, headers)
    if end in _SPACES:
        return _SPACES[end].ref(_number(name, content))
    if end == "contentHash":
        return IdSpace.HASH.ref(_hash(name, content))
    return IdSpace.VERSION.ref(_coordinates(side, headers))


def _last(name: str, headers: Sequence[Header]) -> bytes | None:
    return next((content for each, content in reversed(headers) if each == name), None)


def _require_bytes(side: str, headers: Sequence[Header]) -> None:
    encoding = _last(f"{side}encoding", headers)
    if encoding is not None and encoding != b"BINARY":
        message = (
            f"header {side}encoding says that this is not Avro's binary encoding: set the"
            " converter's apicurio.registry.avro.encoding to BINARY"
        )
        raise poison(PoisonReason.NOT_AVRO, message)


def _number(name: str, content: bytes | None) -> int:
    number = int.from_bytes(content, "big", signed=True) if content else 0
    if content is None or len(content) != _ID_BYTES or number < 1:
        message = f"header {name} does not hold an id of 8 bytes"
        raise poison(_UNKNOWN, message)
    return number


def _hash(name: str, content: bytes | None) -> str:
    if content is None or not _HASH.fullmatch(content):
        message = f"header {name} does not hold a SHA-256 in hexadecimal digits"
        raise poison(_UNKNOWN, message)
    return content.decode("ascii")


def _coordinates(side: str, headers: Sequence[Header]) -> str:
    """Return group, artifact and version; never the newest version where none is named."""
    group = _part(f"{side}groupId", headers) or _DEFAULT_GROUP
    artifact, version = (_part(f"{side}{end}", headers) for end in ("artifactId", "version"))
    if not artifact or not version:
        message = (
            f"headers {side}artifactId and {side}version do not name a version of a schema; let"
            " the converter write ids"
        )
        raise poison(_UNKNOWN, message)
    return f"{group}/{artifact}/{version}"


def _part(name: str, headers: Sequence[Header]) -> str:
    content = _last(name, headers) or b""
    if len(content) > _MAX_PART_BYTES or content in _PATH_STEPS:
        message = f"header {name} is longer than {_MAX_PART_BYTES} bytes, or a step in a path"
        raise poison(_UNKNOWN, message)
    return quote(content, safe="")
