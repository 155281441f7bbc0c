"""The organization: limits, privileges, activities. Imports: the core, no HTTP library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import errors
from emulator.authorization import bearer_token
from emulator.calls import Reply
from emulator.clock import iso
from emulator.endpoints.common import json_reply, moment_ms, object_body, page_reply
from emulator.endpoints.sources import OPERATIONS

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.world import World

# The defaults of docs.coveo.com/en/1562; the section and the names are partly the emulator's own.
_DEFAULTS = {"numberOfFields": 5_000, "numberOfSources": 25, "numberOfSecurityProviders": 15}


def read_limits(world: World, call: Call) -> Reply:
    """List what is used and what is allowed, by section and name."""
    sections = _limits(world)
    if "section" not in call.parts:
        return json_reply(sections)
    found = sections.get(call.parts["section"])
    if found is None:
        raise errors.not_found(code="LIMIT_NOT_FOUND", what=f"section '{call.parts['section']}'")
    return json_reply(found)


def evaluate_privilege(world: World, call: Call) -> Reply:
    """Say whether the key has a privilege: a key that may only read has VIEW alone."""
    body = object_body(call)
    privilege = body.get("requestedPrivilege")
    if not isinstance(privilege, dict) or not isinstance(privilege.get("type"), str):
        raise errors.invalid_request(detail="requestedPrivilege must be an object with a type.")
    ours = body.get("organizationId") in {None, world.settings.organization}
    viewing = privilege["type"].upper() in {"VIEW", "VIEW_ALL"}
    read_only = bearer_token(call) in world.settings.read_only_keys
    return json_reply({**body, "approved": ours and (viewing or not read_only)})


def list_activities(world: World, call: Call) -> Reply:
    """List what sources and the security cache did, newest first."""
    body = object_body(call)
    start, end = moment_ms(call, "from") or 0, moment_ms(call, "to")
    found = [
        (at, one)
        for at, one in _activities(world)
        if at >= start and (end is None or at <= end) and _wanted(one, body)
    ]
    found.sort(key=lambda pair: -pair[0])
    return page_reply(call, found, lambda pair: pair[1])


def _limits(world: World) -> dict[str, dict[str, dict[str, int | None]]]:
    usage = world.meter.usage(world.clock.now_ms())
    counts = {
        "numberOfFields": len(world.fields.models()),
        "numberOfSources": len(world.sources),
        "numberOfSecurityProviders": len(world.directory.providers),
    }
    content = {name: _limit(counts[name], limit) for name, limit in _DEFAULTS.items()}
    content["numberOfItems"] = _limit(world.count_items(), world.settings.limits.max_items)
    push = {
        "requestsPerDay": _limit(usage["requests_today"], usage["requests_per_day"]),
        "requestsPerFiveMinutes": _limit(
            usage["requests_in_five_minutes"], usage["requests_per_five_minutes"]
        ),
        "itemsPerDay": _limit(usage["items_today"], usage["items_per_day"]),
    }
    return {"content": content, "pushapi": push}


def _limit(count: int | None, limit: int | None) -> dict[str, int | None]:
    return {"actualCount": count, "limit": limit}


def _activities(world: World) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for source in world.sources.values():
        for number, one in enumerate(source.activities):
            name = f"{source.name}-{number}"
            model = _activity(name, OPERATIONS[one.status], (one.started_ms, one.ended_ms))
            model |= {"resourceId": source.name, "resourceName": source.title}
            found.append((one.started_ms, {**model, "resourceType": "SOURCE"}))
    for run in world.cache.runs:
        name = f"{run.provider}-{run.at_ms}"
        model = _activity(name, "REFRESH", (run.at_ms, run.at_ms))
        model |= {"resourceId": run.provider, "resourceName": run.provider}
        found.append((run.at_ms, {**model, "resourceType": "SECURITY_PROVIDER"}))
    for _, model in found:
        model["organizationId"] = world.settings.organization
    return found


def _activity(name: str, operation: str, times: tuple[int, int | None]) -> dict[str, Any]:
    started_ms, ended_ms = times
    return {
        "id": name,
        "operation": operation,
        "section": "CONTENT",
        "state": "EXECUTING" if ended_ms is None else "EXECUTED",
        "result": None if ended_ms is None else "SUCCESS",
        "createDate": iso(started_ms),
        "startDate": iso(started_ms),
        "endDate": None if ended_ms is None else iso(ended_ms),
        "duration": None if ended_ms is None else ended_ms - started_ms,
    }


_FILTERS = {
    "operations": "operation",
    "states": "state",
    "resultTypes": "result",
    "resourceIds": "resourceId",
    "resourceTypes": "resourceType",
    "sections": "section",
}


def _wanted(activity: dict[str, Any], body: dict[str, Any]) -> bool:
    return all(
        not body.get(name) or activity[attribute] in body[name]
        for name, attribute in _FILTERS.items()
    )
