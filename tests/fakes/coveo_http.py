"""The fake Push API behind httpx's mock transport, for the suite it shares with the emulator."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

import httpx

from consumer.coveo.exchange import (
    CreateContainer,
    Failure,
    FailureKind,
    FileContainer,
    PushBatch,
    PushDelete,
    PushItem,
    Reply,
    Upload,
)
from consumer.domain.operations import DocumentId, TargetId
from tests.fakes.coveo import REQUIRED_HEADERS, UPLOAD_HOST, FakePushApi
from tests.fakes.coveo_faults import Answer


def mock_transport(api: FakePushApi, organization: str, key: str) -> httpx.MockTransport:
    """Return a transport that checks what HTTP adds: paths, the key, the upload's headers."""
    front = _Front(api, organization, key)
    return httpx.MockTransport(front.answer)


_EXCEPTIONS: dict[FailureKind, type[httpx.TransportError]] = {
    FailureKind.CONNECT: httpx.ConnectError,
    FailureKind.POOL: httpx.PoolTimeout,
    FailureKind.WRITE: httpx.WriteError,
    FailureKind.READ: httpx.ReadTimeout,
    FailureKind.PROTOCOL: httpx.RemoteProtocolError,
}


class _Front:
    def __init__(self, api: FakePushApi, organization: str, key: str) -> None:
        self._api = api
        self._organization = organization
        self._key = key

    def answer(self, request: httpx.Request) -> httpx.Response:
        upload = str(request.url).startswith(UPLOAD_HOST)
        reply = self._upload(request) if upload else self._call(request)
        if isinstance(reply, Failure):
            raise _EXCEPTIONS[reply.kind](reply.message)
        return httpx.Response(
            reply.status, headers=dict(reply.headers), stream=httpx.ByteStream(reply.body)
        )

    def _upload(self, request: httpx.Request) -> Reply | Answer:
        if "authorization" in request.headers:
            return Answer(400, body=b"<Error><Code>InvalidArgument</Code></Error>")
        if any(request.headers.get(name) != value for name, value in REQUIRED_HEADERS.items()):
            return Answer(403, body=b"<Error><Code>AccessDenied</Code></Error>")
        file_id = request.url.path.removeprefix("/")
        container = FileContainer(file_id, str(request.url), REQUIRED_HEADERS)
        return self._api.reply(Upload(container, request.content))

    def _call(self, request: httpx.Request) -> Reply | Answer:
        if request.headers.get("authorization") != f"Bearer {self._key}":
            return Answer.error(401, "INVALID_TOKEN")
        root = f"/push/v1/organizations/{self._organization}"
        if not request.url.path.startswith(f"{root}/"):
            return Answer.error(404, "ORGANIZATION_NOT_FOUND")
        path = request.url.path.removeprefix(root)
        query = dict(parse_qsl(request.url.query.decode()))
        if path == "/files":
            return self._api.reply(CreateContainer())
        _, _, source_id, rest = path.split("/", 3)
        if rest == "documents/batch":
            return self._api.reply(PushBatch(self._target(source_id), query["fileId"]))
        return self._routes(source_id, query, request.content)[request.method, rest]()

    def _target(self, source_id: str) -> TargetId:
        ids = self._api.source_ids
        return next(target for target, known in ids.items() if known == source_id)

    def _routes(
        self, source_id: str, query: dict[str, str], body: bytes
    ) -> dict[tuple[str, str], Callable[[], Reply | Answer]]:
        api = self._api

        def upsert() -> Reply:
            document_id = DocumentId(query["documentId"])
            return api.reply(PushItem(self._target(source_id), document_id, body))

        def delete() -> Reply:
            document_id, children = DocumentId(query["documentId"]), query["deleteChildren"]
            return api.reply(PushDelete(self._target(source_id), document_id, children == "true"))

        def older() -> Answer:
            minutes = int(query["queueDelay"])
            return api.delete_older_than(source_id, int(query["orderingId"]), minutes)

        def status() -> Answer:
            api.statuses[source_id] = query["statusType"]
            return Answer(201, body=b"{}")

        return {
            ("PUT", "documents"): upsert,
            ("DELETE", "documents"): delete,
            ("DELETE", "documents/olderthan"): older,
            ("POST", "status"): status,
        }
