"""What is asked of the service and what comes back, as values. Imports the domain only.

A batch goes out in three steps (docs/90, p4eb0129): a file container is created, the body is
uploaded into it, and the batch call makes Coveo read it. Only the third changes an index. A single
item of a push source can go in one step (docs/133, docs/171).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, TypeAlias

import orjson

from consumer.coveo.codes import ErrorCode, known_code
from consumer.coveo.endpoints import Endpoint
from consumer.domain.operations import DocumentId, TargetId


class FailureKind(StrEnum):
    """Why there is no answer; a closed set."""

    CONNECT = "connect"
    """No connection: host unknown, refused, TLS, time-out while connecting."""
    POOL = "pool"
    """Every connection of ours was busy until the deadline."""
    EXPIRED = "expired"
    """The deadline had passed before the request began."""
    CREDENTIALS = "credentials"
    """The API key could not be read."""
    UNSENDABLE = "unsendable"
    """The URL is not one that can be called."""
    WRITE = "write"
    """Broken off while the request was being written."""
    READ = "read"
    """Broken off while waiting for the answer or reading it; the deadline cuts here, too."""
    PROTOCOL = "protocol"
    """What came back is not HTTP, or the connection closed without an answer."""
    OVERSIZE = "oversize"
    """The answer is larger than any answer of this service."""


NEVER_SENT: frozenset[FailureKind] = frozenset(
    {
        FailureKind.CONNECT,
        FailureKind.POOL,
        FailureKind.EXPIRED,
        FailureKind.CREDENTIALS,
        FailureKind.UNSENDABLE,
    },
)
"""Kinds that certainly reached nobody. After all others the request may take effect, now or late:
a request of which one byte was written may be completed by a proxy or a socket buffer."""


@dataclass(frozen=True, slots=True)
class FileContainer:
    """A one-use upload slot. URI and headers carry a signature, so neither is ever shown."""

    file_id: str
    upload_uri: str = field(repr=False)
    required_headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CreateContainer:
    """Ask for a file container."""

    endpoint: ClassVar[Endpoint] = Endpoint.FILES


@dataclass(frozen=True, slots=True)
class Upload:
    """Put the body into its container."""

    endpoint: ClassVar[Endpoint] = Endpoint.UPLOAD

    container: FileContainer
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PushBatch:
    """Make Coveo read the container: the one step that takes effect."""

    endpoint: ClassVar[Endpoint] = Endpoint.BATCH

    target: TargetId
    file_id: str


@dataclass(frozen=True, slots=True)
class UpdateCatalog:
    """The same for a catalog: its Stream API reads the container (docs/p4eb0129)."""

    endpoint: ClassVar[Endpoint] = Endpoint.STREAM_UPDATE

    target: TargetId
    file_id: str


Delivery: TypeAlias = PushBatch | UpdateCatalog
"""The step of a batch that takes effect, by the kind of the source."""


@dataclass(frozen=True, slots=True)
class PushItem:
    """Add or replace one item, without a container."""

    endpoint: ClassVar[Endpoint] = Endpoint.ITEM

    target: TargetId
    document_id: DocumentId = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PushDelete:
    """Delete one item, with `children` everything below its id, without a container."""

    endpoint: ClassVar[Endpoint] = Endpoint.ITEM_DELETE

    target: TargetId
    document_id: DocumentId = field(repr=False)
    children: bool


SingleCall: TypeAlias = PushItem | PushDelete

Step: TypeAlias = CreateContainer | Upload | Delivery | SingleCall


@dataclass(frozen=True, slots=True)
class Asked:
    """What went out, in the words of a support case: no key, signature, document id or body."""

    method: str
    path: str
    """Empty for an upload, whose address is a credential as a whole."""
    at_ms: int
    """Epoch milliseconds by our clock, when the request began."""
    sent_bytes: int = 0
    file_id: str | None = None
    ordering_id: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, read whole. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer. `message` says more in fixed words, without anything received."""

    kind: FailureKind
    message: str
    seconds: float
    asked: Asked | None = None


Reply: TypeAlias = Response | Failure

_FILE_ID = re.compile(r"[!#-\[\]-~]{1,200}", re.ASCII)  # neither quote nor backslash, for JSON
_URL = re.compile(r"https?://[^\s/?#@]+(?:[/?][!-~]*)?", re.ASCII)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_HEADER_VALUE = re.compile(r"[ -~]*", re.ASCII)
_FRAMING_HEADERS = frozenset(
    {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""How a message is cut and a connection kept (RFC 9110 §7.6.1, §8.6) is the sender's own matter:
another length than the body's ends in an exception of the HTTP library."""
_ERROR_CODE = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)
_STORAGE_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")
_REQUEST_ID = re.compile(r"[!-~]{1,128}", re.ASCII)
_ORDERING_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_REQUEST_ID_HEADERS = (
    "x-request-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-amz-apigw-id",
)


def container_of(body: bytes) -> FileContainer | None:
    """Return the container that the answer to `POST /files` describes, or `None` if it does not.

    Everything is checked: the URI and the headers are going to be sent as they are (docs/43).
    """
    match _json(body):
        case {
            "fileId": str(file_id),
            "uploadUri": str(upload_uri),
            "requiredHeaders": dict(headers),
        }:
            sound = _FILE_ID.fullmatch(file_id) and _URL.fullmatch(upload_uri)
            if sound and all(_sendable(name, value) for name, value in headers.items()):
                return FileContainer(file_id, upload_uri, headers)
            return None
        case _:
            return None


def _sendable(name: object, value: object) -> bool:
    if not (isinstance(name, str) and isinstance(value, str)):
        return False
    if name.lower() in _FRAMING_HEADERS:
        return False
    return bool(_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value))


def error_code(response: Response) -> str | None:
    """Return the service's `errorCode`, or the storage's `<Code>`, if the body has a sane one."""
    match _json(response.body):
        case {"errorCode": str(code)} if _ERROR_CODE.fullmatch(code):
            return code
        case _:
            pass
    found = _STORAGE_CODE.search(response.body)
    return found[1].decode() if found else None


def code_of(response: Response) -> ErrorCode | None:
    """Return the same as one of the closed set, `None` if the body has no code."""
    return known_code(error_code(response))


def request_id(response: Response) -> str | None:
    """Return the id under which the other side knows this exchange, if it named a sane one.

    No header is documented; these are the ones of the gateway and storage in front of the service.
    The Stream API names it in its body, by which the source's log can be asked (docs/p8tb2371).
    """
    names = [response.headers.get(name) for name in _REQUEST_ID_HEADERS]
    match _json(response.body):
        case {"requestId": str(said)}:
            names.append(said)
        case _:
            pass
    return next((value for value in names if value and _REQUEST_ID.fullmatch(value)), None)


def ordering_id(response: Response) -> int | None:
    """Return the ordering id that the service says it gave; only its Stream API does."""
    match _json(response.body):
        case {"orderingId": str(said)} if _ORDERING_ID.fullmatch(said):
            return int(said)
        case {"orderingId": int(said)} if not isinstance(said, bool):
            return said
        case _:
            return None


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
