"""Whether a pushed item may enter a source, judged after the 202. Imports: the values, no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.containers import Absence
from emulator.content import UndecodableError, decode_base64, decompress
from emulator.items import is_uri
from emulator.operations import Receipt
from emulator.permissiongate import PermissionGate
from emulator.rejections import BadItemError, Reason
from emulator.sources import Item
from emulator.switches import Leniency

if TYPE_CHECKING:
    from emulator.items import Draft
    from emulator.sources import Source
    from emulator.world import World


@dataclass(frozen=True, slots=True)
class Turn:
    """One operation being applied: where, with which receipt, at what time."""

    source: Source
    receipt: Receipt
    now_ms: int
    file_id: str | None = None


class Admission:
    """All checks that need the source, a container or the identities."""

    __slots__ = ("_containers", "_gate", "_settings", "_world")

    def __init__(self, world: World) -> None:
        """Judge by the state of this world."""
        self._world = world
        self._settings = world.settings
        self._containers = world.containers
        self._gate = PermissionGate(world)

    def admit(self, turn: Turn, draft: Draft) -> Item:
        """Check all that needs the source or a container; raises BadItemError."""
        check_uri(draft.document_id)
        permissions = self._gate.admit(turn.source, draft, turn.receipt)
        self.check_order(turn, draft.document_id)
        self._check_room(turn.source, draft.document_id)
        binary = self._binary(turn, draft)
        receipt = turn.receipt
        return Item(
            draft.document_id,
            receipt.ordering_id,
            receipt.received_ms,
            turn.now_ms,
            receipt.request,
            draft.body,
            draft.comparable,
            draft.title,
            permissions,
            draft.compression,
            binary,
        )

    def check_order(self, turn: Turn, document_id: str) -> None:
        """Raise BadItemError unless the operation is new enough for this id."""
        source, ordering_id = turn.source, turn.receipt.ordering_id
        if not source.admits(document_id, ordering_id, self._settings.switches.equal_ordering):
            message = f"ordering id {ordering_id} is not above the one recorded"
            raise BadItemError(Reason.OUT_OF_SEQUENCE_OPERATION, message)

    def _check_room(self, source: Source, document_id: str) -> None:
        limit = self._settings.limits.max_items
        if limit is None or document_id in source.items:
            return
        if self._world.count_items() >= limit:
            message = f"the index holds {limit} items already"
            raise BadItemError(Reason.DOCUMENT_LIMIT_EXCEEDED, message)

    def _binary(self, turn: Turn, draft: Draft) -> bytes | None:
        """Check that compressed content can be decoded; returns what a content file holds."""
        content = self._content_file(turn, draft)
        try:
            if draft.inline is not None:
                inline = decode_base64(draft.inline)
                self._check_inline_size(inline)
                decompress(inline, draft.compression)
            elif content is not None:
                decompress(content, draft.compression)
        except UndecodableError as error:
            if self._settings.switches.undecodable_content is Leniency.REJECT:
                raise BadItemError(Reason.UNDECODABLE_CONTENT, str(error)) from error
        return content

    def _content_file(self, turn: Turn, draft: Draft) -> bytes | None:
        if draft.content_file is None:
            return None
        content = self._containers.consume(draft.content_file, turn.now_ms)
        if isinstance(content, Absence):
            message = f"file {draft.content_file}: {content}"
            raise BadItemError(Reason.CONTENT_FILE_MISSING, message)
        return content

    def _check_inline_size(self, inline: bytes) -> None:
        limit = self._settings.limits.max_inline_content_bytes
        if len(inline) >= limit:
            message = f"{len(inline)} bytes inline; from {limit} on a file container is needed"
            raise BadItemError(Reason.CONTENT_TOO_LARGE, message)


def check_uri(document_id: str) -> None:
    """Raise BadItemError unless the id looks like `scheme://hier-part`."""
    if not is_uri(document_id):
        raise BadItemError(
            Reason.INVALID_DOCUMENT_ID, "documentId must look like scheme://hier-part"
        )
