"""The synchronous half: what each endpoint checks and answers at once.

Imports: the core, no HTTP library. Paths, parameters and answers are those of Coveo's OpenAPI
document and docs.coveo.com/en/78; the order of the checks is the emulator's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson

from emulator import errors
from emulator.calls import Call, Endpoint, Reply, push_error_reply, storage_error_reply
from emulator.containers import Absence
from emulator.content import Compression, compression_named
from emulator.errors import PushApiError, StorageError
from emulator.items import Draft, read_item
from emulator.jsontext import JsonError, parse
from emulator.operations import BatchFile, Delete, DeleteOlderThan, Upsert
from emulator.parameters import boolean, integer, optional_integer, required
from emulator.rejections import BadItemError
from emulator.settings import Leniency, UnknownFile
from emulator.signing import REQUIRED_HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.operations import Operation
    from emulator.sources import Source
    from emulator.world import World

_STATUSES = ("REBUILD", "REFRESH", "INCREMENTAL", "IDLE")
_DEFAULT_QUEUE_DELAY_MINUTES = 15
_MINUTE_MS = 60_000


def answer(world: World, call: Call) -> Reply:
    """Handle one request and say what the client gets; never raises for a bad request."""
    with world.lock:
        try:
            if call.endpoint in _WITHOUT_TOKEN:
                return _ANSWERS[call.endpoint](world, call)
            _check_access(world, call)
            return _ANSWERS[call.endpoint](world, call)
        except PushApiError as error:
            return push_error_reply(error)
        except StorageError as error:
            return storage_error_reply(error)


def _check_access(world: World, call: Call) -> None:
    settings = world.settings
    header = call.headers.get("authorization")
    if not header:
        raise errors.unauthorized()
    scheme, _, token = header.partition(" ")
    token = token.strip()
    known = settings.api_keys is None or token in settings.api_keys | settings.read_only_keys
    if scheme.lower() != "bearer" or not token or not known:
        raise errors.invalid_token()
    if call.organization != settings.organization:
        raise errors.organization_not_found(call.organization)
    if token in settings.read_only_keys:
        raise errors.access_denied(detail="the key may not push.")
    world.meter.take_request(world.clock.now_ms())
    if call.oversize:
        raise errors.request_too_large(settings.limits.max_request_bytes)
    _check_media_type(call)


def _check_media_type(call: Call) -> None:
    given = call.headers.get("content-type")
    media_type = (given or "").partition(";")[0].strip().lower()
    if call.body and media_type != "application/json":
        raise errors.unsupported_media_type(given)


def _create_file(world: World, call: Call) -> Reply:
    now_ms = world.clock.now_ms()
    file_id = world.containers.create(now_ms)
    path = upload_path(call.organization, file_id)
    lifetime = world.settings.limits.container_lifetime_seconds
    query = world.signer.query(path, now_ms, lifetime)
    answer_body = {
        "uploadUri": f"{call.base_url.rstrip('/')}{quote(path)}?{query}",
        "fileId": file_id,
        "requiredHeaders": REQUIRED_HEADERS,
    }
    return Reply(201, orjson.dumps(answer_body))


def upload_path(organization: str, file_id: str) -> str:
    """Where the storage takes the content of a container."""
    return f"/_s3/{organization}/{file_id}"


def _upload(world: World, call: Call) -> Reply:
    now_ms = world.clock.now_ms()
    world.signer.check(call.path, call.query, call.headers, now_ms)
    if call.oversize:
        limit = world.settings.limits.max_container_bytes
        message = f"Your proposed upload exceeds the maximum allowed size of {limit} bytes"
        raise StorageError(413, "EntityTooLarge", message)
    world.containers.fill(call.file_id or "", call.body, now_ms)
    return Reply(200, media_type=None)


def _push_item(world: World, call: Call) -> Reply:
    document_id = required(call.query, "documentId")
    ordering_id = optional_integer(call.query, "orderingId")
    compression = _compression(call)
    source = _open_source(world, call)
    _check_room(world)
    draft = _read_single(world, call.body, document_id, compression)
    return _accept(world, call, source, ordering_id, Upsert(draft))


def _read_single(
    world: World, body: bytes, document_id: str, compression: Compression | None
) -> Draft:
    try:
        raw = parse(body)
        draft = read_item(raw, world.settings.switches, document_id, compression)
    except JsonError as error:
        raise errors.invalid_json(str(error)) from error
    except BadItemError as error:
        raise errors.invalid_json(error.detail) from error
    if world.settings.switches.differing_document_id is Leniency.REJECT:
        _check_same_id(raw, document_id)
    return draft


def _check_same_id(raw: dict[str, object], document_id: str) -> None:
    given = next((value for key, value in raw.items() if key.lower() == "documentid"), None)
    if given is not None and given != document_id:
        raise errors.invalid_parameter(
            name="documentId", detail="it differs from the one in the body."
        )


def _compression(call: Call) -> Compression | None:
    text = call.query.get("compressionType")
    if not text:
        return None
    named = compression_named(text)
    if named is None:
        raise errors.invalid_parameter(
            name="compressionType", detail=f"'{text}' is no compression type."
        )
    return named


def _delete_item(world: World, call: Call) -> Reply:
    document_id = required(call.query, "documentId")
    ordering_id = optional_integer(call.query, "orderingId")
    with_children = boolean(call.query, "deleteChildren")
    source = _open_source(world, call)
    return _accept(world, call, source, ordering_id, Delete(document_id, with_children))


def _push_batch(world: World, call: Call) -> Reply:
    file_id = required(call.query, "fileId")
    ordering_id = optional_integer(call.query, "orderingId")
    source = _open_source(world, call)
    _check_room(world)
    content = world.containers.consume(file_id, world.clock.now_ms())
    reject = world.settings.switches.unknown_file is UnknownFile.REJECT_412
    if isinstance(content, Absence) and reject:
        raise errors.invalid_parameter(name="fileId", detail=f"{content}.")
    return _accept(world, call, source, ordering_id, BatchFile(file_id, content))


def _delete_older_than(world: World, call: Call) -> Reply:
    # An old name of the parameter; the current one wins (2017 reference).
    name = "orderingId" if "orderingId" in call.query else "operationId"
    if name not in call.query:
        raise errors.missing_parameter(name="orderingId")
    ordering_id = integer(call.query, name)
    delay = optional_integer(call.query, "queueDelay")
    delay = _DEFAULT_QUEUE_DELAY_MINUTES if delay is None else delay
    if not 0 <= delay <= world.settings.limits.max_queue_delay_minutes:
        raise errors.invalid_parameter(
            name="queueDelay", detail=f"{delay} minutes is out of range."
        )
    source = _open_source(world, call)
    receipt = world.receipt(source, ordering_id, call.number)
    for _ in range(call.copies):
        world.enqueue(source, receipt, DeleteOlderThan(), delay * _MINUTE_MS)
    return _accepted(world)


def _source_status(world: World, call: Call) -> Reply:
    status = required(call.query, "statusType").upper()
    if status not in _STATUSES:
        raise errors.invalid_parameter(
            name="statusType", detail=f"'{status}' is none of {_STATUSES}."
        )
    _open_source(world, call).set_status(status, world.clock.now_ms())
    return Reply(201, b"{}")


def _unsupported(_: World, call: Call) -> Reply:
    raise errors.not_implemented(what=f"'{call.path}'")


def _open_source(world: World, call: Call) -> Source:
    source = world.source(call.source or "")
    if not source.push_enabled:
        raise errors.access_denied(detail=f"source '{source.name}' does not accept pushed content.")
    return source


def _check_room(world: World) -> None:
    limit, daily = world.settings.limits.max_items, world.settings.quota.items_per_day
    if limit is None and daily is None:
        return
    world.turn()
    world.meter.check_items(world.clock.now_ms())
    if limit is not None and world.count_items() >= limit:
        raise errors.document_limit_exceeded(limit)


def _accept(
    world: World, call: Call, source: Source, ordering_id: int | None, operation: Operation
) -> Reply:
    for _ in range(call.copies):
        receipt = world.receipt(source, ordering_id, call.number)
        world.enqueue(source, receipt, operation)
    return _accepted(world)


def _accepted(world: World) -> Reply:
    return Reply(202, world.settings.switches.accepted_body.encode())


_ANSWERS: dict[Endpoint, Callable[[World, Call], Reply]] = {
    Endpoint.CREATE_FILE: _create_file,
    Endpoint.UPLOAD_FILE: _upload,
    Endpoint.PUSH_ITEM: _push_item,
    Endpoint.DELETE_ITEM: _delete_item,
    Endpoint.PUSH_BATCH: _push_batch,
    Endpoint.DELETE_OLDER_THAN: _delete_older_than,
    Endpoint.SOURCE_STATUS: _source_status,
    Endpoint.UNSUPPORTED: _unsupported,
}
_WITHOUT_TOKEN = frozenset({Endpoint.UPLOAD_FILE, Endpoint.UNSUPPORTED})
