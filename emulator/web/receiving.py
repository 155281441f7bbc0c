"""An ASGI request to a `Call`. Imports: starlette, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from emulator.calls import Call, Endpoint

if TYPE_CHECKING:
    from emulator.requestlog import RequestRecord
    from emulator.settings import Limits


async def read_call(request: Request, record: RequestRecord, limits: Limits) -> Call:
    """Read the request to its end, keeping no more of the body than the endpoint's limit.

    What is too large is still read: a server that answers while the client writes makes the
    client see a broken connection instead of the 413. Raises ClientDisconnect.
    """
    uploading = record.endpoint is Endpoint.UPLOAD_FILE
    limit = limits.max_container_bytes if uploading else limits.max_request_bytes
    body = bytearray()
    async for chunk in request.stream():
        record.size += len(chunk)
        if record.size <= limit:
            body += chunk
        else:
            body.clear()
    return Call(
        endpoint=record.endpoint,
        number=record.number,
        path=record.path,
        organization=request.path_params.get("organization", ""),
        source=record.source,
        file_id=record.file_id,
        parts=request.path_params,
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=bytes(body),
        oversize=record.size > limit,
        base_url=str(request.base_url),
    )
