"""A Push API without network, threads or time of its own: steps in, replies out.

It keeps to what is documented, and where nothing is, to the assumptions of the design: operations
are ordered by an ordering id that is stamped on receipt of the batch call, so a call that arrives
late is *newer* than what overtook it. Faults are asked for before each step.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from consumer.coveo.exchange import (
    CreateContainer,
    Failure,
    FailureKind,
    PushBatch,
    PushDelete,
    PushItem,
    Reply,
    Response,
    Step,
    UpdateCatalog,
    Upload,
)
from consumer.domain.operations import TargetId
from consumer.http.deadline import Deadline
from tests.fakes.coveo_faults import Answer, Fault, Late, LoseResponse, NotSent, Twice

REQUIRED_HEADERS = {
    "x-amz-server-side-encryption": "AES256",
    "Content-Type": "application/octet-stream",
}
UPLOAD_HOST = "https://upload.invalid"

Item: TypeAlias = dict[str, Any]
Deletes: TypeAlias = tuple[tuple[str, bool], ...]
"""Document ids, and whether what is below them goes, too."""
Waits: TypeAlias = tuple[float, float | None]
"""Seconds until a call arrives, and until it arrives once more, if it does."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one item as the index took it; `item` is `None` for a delete."""

    ordering_id: int
    call: int
    item: Item | None


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a call does once it arrives; `call` is the number of the call that caused it."""

    call: int
    due: float
    source_id: str
    upserts: tuple[Item, ...] = ()
    deletes: Deletes = ()
    older_than: int | None = None


def _never(_step: Step) -> Fault | None:
    return None


@dataclass(slots=True)
class FakePushApi:
    """One organization. `now` is virtual seconds; `faults` may decide on each step's fate.

    `refused` are document ids that make the service refuse a whole batch with a 400; `missing`
    are ids of sources that are configured but do not exist.
    """

    now: Callable[[], float]
    source_ids: Mapping[TargetId, str]
    faults: Callable[[Step], Fault | None] = _never
    refused: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    history: defaultdict[tuple[str, str], list[Entry]] = field(
        default_factory=lambda: defaultdict(list)
    )
    statuses: dict[str, str] = field(default_factory=dict)
    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Contents that had a container of their own, by source and document id."""
    requests: int = 0
    _containers: dict[str, bytes | None] = field(default_factory=dict)
    _effects: list[_Effect] = field(default_factory=list)
    _barriers: dict[str, int] = field(default_factory=dict)
    _last_stamp: int = 0
    _files: int = 0
    _calls: int = 0

    # What a test looks at.

    def item(self, source_id: str, document_id: str) -> Item | None:
        """Return an indexed item, or `None`."""
        entries = self.history.get((source_id, document_id))
        return entries[-1].item if entries else None

    def items(self, source_id: str) -> dict[str, Item]:
        """Return everything that is indexed in a source, by document id."""
        self.settle()
        latest = (
            (name[1], each[-1].item) for name, each in self.history.items() if name[0] == source_id
        )
        return {document_id: item for document_id, item in latest if item is not None}

    def next_due(self) -> float | None:
        """Return when the next late effect arrives, or `None`."""
        return min((effect.due for effect in self._effects), default=None)

    def settle(self) -> None:
        """Let everything arrive whose time has come, in that order."""
        arrived = sorted((e for e in self._effects if e.due <= self.now()), key=lambda e: e.due)
        for effect in arrived:
            self._effects.remove(effect)
            self._land(effect)

    # What a client does.

    def perform(self, step: Step, deadline: Deadline | None = None) -> Reply:
        """Answer a step, as the client would."""
        del deadline
        return self.reply(step)

    def reply(self, step: Step) -> Reply:
        """Answer a step, or let it meet the fault that is asked for."""
        self.settle()
        match self.faults(step):
            case None:
                return _response(self.handle(step))
            case NotSent(kind):
                return Failure(kind, "never sent", 0.0)
            case LoseResponse(kind):
                self.handle(step)
                return Failure(kind, "the answer was lost", 0.0)
            case Late(seconds):
                self.handle(step, late_seconds=seconds)
                return Failure(FailureKind.READ, "time-out", 0.0)
            case Twice(seconds):
                return _response(self.handle(step, again_seconds=seconds))
            case Answer() as answer:
                if answer.after_effect:
                    self.handle(step)
                return _response(answer)

    def handle(
        self, step: Step, late_seconds: float = 0.0, again_seconds: float | None = None
    ) -> Answer:
        """Do what a step asks for and return the true answer."""
        waits = late_seconds, again_seconds
        match step:
            case CreateContainer():
                return self.create_file()
            case Upload(container, body):
                return self.fill(container.file_id, body)
            case PushBatch(target, file_id) | UpdateCatalog(target, file_id):
                return self.push_batch(self.source_ids[target], file_id, waits)
            case PushItem(target, document_id, body):
                item = {**json.loads(body, object_pairs_hook=_distinct), "documentId": document_id}
                return self.push_one(self.source_ids[target], (item,), (), waits)
            case PushDelete(target, document_id, children):
                deletes = ((document_id, children),)
                return self.push_one(self.source_ids[target], (), deletes, waits)

    def create_file(self) -> Answer:
        """Open a container."""
        self.requests += 1
        self._files += 1
        file_id = f"file-{self._files}"
        self._containers[file_id] = None
        uri = f"{UPLOAD_HOST}/{file_id}?X-Amz-Signature=fake"
        answer = {"uploadUri": uri, "fileId": file_id, "requiredHeaders": REQUIRED_HEADERS}
        return Answer(201, body=json.dumps(answer).encode())

    def fill(self, file_id: str, body: bytes) -> Answer:
        """Take an upload, once."""
        if self._containers.get(file_id, b"") is not None:
            return Answer(403, body=b"<Error><Code>AccessDenied</Code></Error>")
        self._containers[file_id] = body
        return Answer(200)

    def push_batch(self, source_id: str, file_id: str, waits: Waits = (0.0, None)) -> Answer:
        """Consume a container; its operations arrive after these waits."""
        self.requests += 1
        if source_id in self.missing:
            return Answer.error(412, "SOURCE_DOES_NOT_EXIST")
        body = self._containers.pop(file_id, None)
        if body is None:
            return Answer.error(412, "INVALID_PARAMETER")
        upserts, deletes = _parse(body)
        for item in upserts:
            self._take_content(source_id, item)
        return self._take(source_id, upserts, deletes, waits)

    def push_one(
        self, source_id: str, upserts: tuple[Item, ...], deletes: Deletes, waits: Waits
    ) -> Answer:
        """Take a call about a single item."""
        self.requests += 1
        if source_id in self.missing:
            return Answer.error(412, "SOURCE_DOES_NOT_EXIST")
        return self._take(source_id, upserts, deletes, waits)

    def delete_older_than(self, source_id: str, ordering_id: int, delay_minutes: int) -> Answer:
        """Delete what is older, in so many minutes."""
        self.requests += 1
        self._calls += 1
        due = self.now() + delay_minutes * 60
        self._effects.append(_Effect(self._calls, due, source_id, older_than=ordering_id))
        self.settle()
        return Answer(202, body=b"null")

    # What the service does behind its doors.

    def _take(
        self, source_id: str, upserts: tuple[Item, ...], deletes: Deletes, waits: Waits
    ) -> Answer:
        named = {item["documentId"] for item in upserts} | {name for name, _ in deletes}
        if named & self.refused:
            return Answer.error(400, "INVALID_JSON")
        for wait in waits:
            if wait is not None:
                self._enqueue(source_id, wait, upserts, deletes)
        self.settle()
        return Answer(202, body=b"null")

    def _take_content(self, source_id: str, item: Item) -> None:
        """Read the container that an item names; whoever pushes it has filled it, and once."""
        named = item.get("compressedBinaryDataFileId")
        if named is not None:
            content = self._containers.pop(named)
            assert content is not None, f"{named} was never filled"
            self.contents[source_id, item["documentId"]] = content

    def _enqueue(
        self,
        source_id: str,
        wait: float,
        upserts: tuple[Item, ...],
        deletes: Deletes,
    ) -> None:
        self._calls += 1
        effect = _Effect(self._calls, self.now() + wait, source_id, upserts, deletes)
        self._effects.append(effect)

    def _land(self, effect: _Effect) -> None:
        self._last_stamp = max(self._last_stamp + 1, int(self.now() * 1000))
        if effect.older_than is not None:
            self._barriers[effect.source_id] = effect.older_than
            for name, item in self._present(effect.source_id):
                if self.history[item][-1].ordering_id < effect.older_than:
                    self._record(effect, name, None)
            return
        for each in effect.upserts:
            self._record(effect, each["documentId"], each)
        for document_id, children in effect.deletes:
            self._record(effect, document_id, None)
            for name, _ in self._present(effect.source_id) if children else ():
                if name.startswith(document_id.rstrip("/") + "/"):
                    self._record(effect, name, None)

    def _record(self, effect: _Effect, document_id: str, item: Item | None) -> None:
        if self._last_stamp >= self._barriers.get(effect.source_id, 0):
            entry = Entry(self._last_stamp, effect.call, item)
            self.history[effect.source_id, document_id].append(entry)

    def _present(self, source_id: str) -> list[tuple[str, tuple[str, str]]]:
        return [
            (key[1], key)
            for key, entries in self.history.items()
            if key[0] == source_id and entries[-1].item is not None
        ]


def _response(answer: Answer) -> Response:
    return Response(answer.status, dict(answer.headers), answer.body, 0.0)


def _parse(body: bytes) -> tuple[tuple[Item, ...], tuple[tuple[str, bool], ...]]:
    batch = json.loads(body, object_pairs_hook=_distinct)
    upserts = tuple(batch["addOrUpdate"])
    deletes = tuple((each["documentId"], each["deleteChildren"]) for each in batch["delete"])
    names = [each["documentId"] for each in upserts] + [name for name, _ in deletes]
    assert len(set(names)) == len(names), "what one id twice in a batch means is not documented"
    return upserts, deletes


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name.lower() for name, _ in pairs]
    assert len(set(names)) == len(names), f"duplicate keys: {names}"
    return dict(pairs)
