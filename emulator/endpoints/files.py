"""File containers and their storage. Imports: the core, no HTTP library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.calls import Reply
from emulator.endpoints.common import json_reply, new_container
from emulator.errors import StorageError

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.world import World


def create_file(world: World, call: Call) -> Reply:
    """Open a container (docs.coveo.com/en/43)."""
    return json_reply(new_container(world, call), 201)


def upload(world: World, call: Call) -> Reply:
    """Fill a container, as S3 takes a presigned PUT; raises StorageError."""
    now_ms = world.clock.now_ms()
    world.signer.check(call.path, call.query, call.headers, now_ms)
    if call.oversize:
        limit = world.settings.limits.max_container_bytes
        message = f"Your proposed upload exceeds the maximum allowed size of {limit} bytes"
        raise StorageError(413, "EntityTooLarge", message)
    world.containers.fill(call.file_id or "", call.body, now_ms)
    return Reply(200, media_type=None)
