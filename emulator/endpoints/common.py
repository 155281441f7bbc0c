"""What several endpoints need. Imports: the core, no HTTP library."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from emulator import errors
from emulator.calls import Reply
from emulator.containers import Absence
from emulator.jsontext import JsonError, parse
from emulator.parameters import optional_integer, required
from emulator.signing import REQUIRED_HEADERS
from emulator.switches import UnknownFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulator.calls import Call
    from emulator.sources import Source
    from emulator.world import World

MINUTE_MS = 60_000
MAX_PER_PAGE = 1_000
_DEFAULT_QUEUE_DELAY_MINUTES = 15


def json_reply(value: object, status: int = 200) -> Reply:
    """Answer with a JSON value."""
    return Reply(status, orjson.dumps(value))


def parsed_body(call: Call) -> Any:
    """Parse the request's body, keeping sight of duplicate keys; raises INVALID_JSON."""
    try:
        return parse(call.body)
    except JsonError as error:
        raise errors.invalid_json(str(error)) from error


def object_body(call: Call) -> dict[str, Any]:
    """Parse a body that must be an object, or be left out; raises INVALID_JSON."""
    raw = parsed_body(call) if call.body else {}
    if not isinstance(raw, dict):
        raise errors.invalid_json(detail="the body must be an object")
    return raw


def open_source(world: World, call: Call) -> Source:
    """Return the source of the path; it must accept pushed content."""
    source = world.source(call.source or "")
    if not source.push_enabled:
        raise errors.access_denied(detail=f"source '{source.name}' does not accept pushed content.")
    return source


def check_room(world: World) -> None:
    """Refuse pushes when the index or the day is full."""
    limit, daily = world.settings.limits.max_items, world.settings.quota.items_per_day
    if limit is None and daily is None:
        return
    world.meter.check_items(world.clock.now_ms())
    if limit is not None and world.count_items() >= limit:
        raise errors.document_limit_exceeded(limit)


def new_container(world: World, call: Call) -> dict[str, Any]:
    """Open a file container, and say where and how to fill it."""
    now_ms = world.clock.now_ms()
    file_id = world.containers.create(now_ms)
    path = upload_path(call.organization, file_id)
    lifetime = world.settings.limits.container_lifetime_seconds
    query = world.signer.query(path, now_ms, lifetime)
    return {
        "uploadUri": f"{call.base_url.rstrip('/')}{quote(path)}?{query}",
        "fileId": file_id,
        "requiredHeaders": REQUIRED_HEADERS,
    }


def upload_path(organization: str, file_id: str) -> str:
    """Where the storage takes the content of a container."""
    return f"/_s3/{organization}/{file_id}"


def consumed_file(world: World, call: Call) -> tuple[str, bytes | Absence]:
    """Take a batch out of its container; raises INVALID_PARAMETER if so switched."""
    file_id = required(call.query, "fileId")
    content = world.containers.consume(file_id, world.clock.now_ms())
    reject = world.settings.switches.unknown_file is UnknownFile.REJECT_412
    if isinstance(content, Absence) and reject:
        raise errors.invalid_parameter(name="fileId", detail=f"{content}.")
    return file_id, content


def queue_delay_ms(world: World, call: Call) -> int:
    """Return the delay of a purge; 15 minutes if nothing is said (docs.coveo.com/en/131)."""
    delay = optional_integer(call.query, "queueDelay")
    delay = _DEFAULT_QUEUE_DELAY_MINUTES if delay is None else delay
    if not 0 <= delay <= world.settings.limits.max_queue_delay_minutes:
        raise errors.invalid_parameter(
            name="queueDelay", detail=f"{delay} minutes is out of range."
        )
    return delay * MINUTE_MS


def purge_boundary(call: Call) -> str:
    """Return the name of the parameter that holds a purge's ordering id; raises if absent."""
    # An old name of the parameter; the current one wins (2017 reference).
    name = "orderingId" if "orderingId" in call.query else "operationId"
    if name not in call.query:
        raise errors.missing_parameter(name="orderingId")
    return name


def accepted(world: World) -> Reply:
    """Answer that something was queued, which is all a 202 says."""
    return Reply(202, world.settings.switches.accepted_body.encode())


def page_of(call: Call, items: Sequence[Any], per_page: int = 100) -> tuple[Sequence[Any], int]:
    """Return the page that is asked for, counted from 0, and how many pages there are."""
    asked = optional_integer(call.query, "perPage") or optional_integer(call.query, "pageSize")
    size = min(max(1, asked or per_page), MAX_PER_PAGE)
    first = max(0, optional_integer(call.query, "page") or 0) * size
    return items[first : first + size], -(-len(items) // size)


def page_reply(call: Call, items: Sequence[Any], show: Callable[[Any], Any]) -> Reply:
    """Answer with a page of items, in the form that most platform calls have."""
    shown, pages = page_of(call, items)
    models = [show(one) for one in shown]
    return json_reply({"items": models, "totalEntries": len(items), "totalPages": pages})


def moment_ms(call: Call, name: str) -> int | None:
    """Return a W3C date and time of the query in milliseconds; without zone it is UTC."""
    text = call.query.get(name)
    if text is None:
        return None
    try:
        # A plus sign that a client did not encode arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError as error:
        raise errors.invalid_parameter(name=name, detail=f"'{text[:40]}' is no date.") from error
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(zoned.timestamp() * 1000)
