"""Drives a world through its synchronous half, without HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from emulator import inspection
from emulator.api import answer
from emulator.calls import Call, Endpoint, Reply
from emulator.clock import ManualClock
from emulator.settings import (
    EMAIL_PROVIDER,
    Cascade,
    ProviderSpec,
    Settings,
    SourceSpec,
    Visibility,
)
from emulator.signing import REQUIRED_HEADERS
from emulator.world import World

START_MS = 1_700_000_000_000
TOKEN = {"authorization": "Bearer some-key"}
STORAGE_HEADERS = {name.lower(): value for name, value in REQUIRED_HEADERS.items()}
SOURCES = (SourceSpec("open"), SourceSpec("secured", Visibility.SECURED))
CRM = ProviderSpec("CRM", cascades=(Cascade(EMAIL_PROVIDER, "EmailSecurityProvider"),))
ANYONE = [{"allowAnonymous": True}]


def settings(**changes: Any) -> Settings:
    """Organization `org`, sources `open` and `secured`, provider `CRM`, file ids that repeat."""
    default = {"organization": "org", "sources": SOURCES, "providers": (CRM,), "seed": 1}
    return Settings(**{**default, **changes})


def upsert(document_id: str, **fields: Any) -> dict[str, Any]:
    """An item of a batch, with text content."""
    return {"documentId": document_id, "data": "text", **fields}


@dataclass(slots=True)
class Driver:
    """A client of one world, whose clock stands still."""

    clock: ManualClock
    world: World
    numbers: int = 0
    source: str = "open"
    sent: list[Call] = field(default_factory=list)

    @classmethod
    def of(cls, **changes: Any) -> Driver:
        """A fresh world with these settings."""
        clock = ManualClock(START_MS)
        return cls(clock, World(settings(**changes), clock))

    def call(self, endpoint: Endpoint, **query: object) -> Reply:
        """Send a request without a body."""
        return self.send(endpoint, query)

    def send(
        self,
        endpoint: Endpoint,
        query: Mapping[str, object],
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        **parts: str,
    ) -> Reply:
        """Send a request, with a token and the right media type unless headers are given."""
        self.numbers += 1
        given = {**TOKEN, **({"content-type": "application/json"} if body else {})}
        call = Call(
            endpoint,
            self.numbers,
            f"/{endpoint}",
            self.world.settings.organization,
            parts.get("source", self.source),
            parts=parts,
            query={name: str(value) for name, value in query.items()},
            headers=given if headers is None else headers,
            body=body,
            base_url="http://emulator",
        )
        self.sent.append(call)
        self.world.request_log.go_on_behind(self.numbers)
        return answer(self.world, call)

    def create_file(self) -> dict[str, Any]:
        """Open a container."""
        created: dict[str, Any] = json.loads(self.call(Endpoint.CREATE_FILE).body)
        return created

    def upload(
        self,
        uri: str,
        content: bytes,
        headers: dict[str, str] | None = None,
        *,
        oversize: bool = False,
    ) -> Reply:
        """PUT to an upload address."""
        parts = urlsplit(uri)
        self.numbers += 1
        call = Call(
            Endpoint.UPLOAD_FILE,
            self.numbers,
            parts.path,
            self.world.settings.organization,
            file_id=parts.path.rsplit("/", maxsplit=1)[-1],
            query=dict(parse_qsl(parts.query)),
            headers=STORAGE_HEADERS if headers is None else headers,
            body=content,
            oversize=oversize,
        )
        self.world.request_log.go_on_behind(self.numbers)
        return answer(self.world, call)

    def file_with(self, content: bytes) -> str:
        """A filled container's id."""
        created = self.create_file()
        assert self.upload(created["uploadUri"], content).status == 200
        return str(created["fileId"])

    def batch(
        self, add: list[Any] | None = None, delete: list[Any] | None = None, **query: object
    ) -> Reply:
        """Container, upload, batch call."""
        body = {"addOrUpdate": add or [], "delete": delete or []}
        return self.batch_of(json.dumps(body).encode(), **query)

    def batch_of(self, content: bytes, **query: object) -> Reply:
        """The same with a body of any bytes."""
        return self.send(Endpoint.PUSH_BATCH, {"fileId": self.file_with(content), **query})

    def push(
        self, document_id: str, fields: dict[str, Any] | None = None, **query: object
    ) -> Reply:
        """Push a single item."""
        body = json.dumps({"data": "text"} if fields is None else fields).encode()
        return self.send(Endpoint.PUSH_ITEM, {"documentId": document_id, **query}, body)

    def delete(self, document_id: str, **query: object) -> Reply:
        """Delete a single item."""
        return self.send(Endpoint.DELETE_ITEM, {"documentId": document_id, **query})

    def indexed(self) -> list[str]:
        """The ids in the index, in order."""
        self.world.turn()
        return list(self.world.source(self.source).ids())

    def document(self, document_id: str) -> dict[str, Any]:
        """All that is known about an id."""
        found = inspection.show_document(self.world, self.world.source(self.source), document_id)
        assert found is not None
        return found

    def reasons(self, document_id: str) -> list[str | None]:
        """Why the operations on an id failed, None for those that did not, oldest first."""
        return [entry["reason"] for entry in self.document(document_id)["history"]]

    def counters(self) -> dict[str, Any]:
        """All counters."""
        return inspection.show_counters(self.world)

    def log(self) -> list[dict[str, Any]]:
        """The operation log."""
        return inspection.list_log(self.world, after=0, limit=1000, source=None, failed=False)


def error_of(reply: Reply) -> tuple[int, str]:
    """Status and error code of a refusal."""
    return reply.status, json.loads(reply.body)["errorCode"]
