"""The search subset: queries, single documents, tokens. Imports: the core, no HTTP library.

Shapes are those of Coveo's OpenAPI document of the Search API.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from emulator import errors, searchtokens
from emulator.authorization import searching_users
from emulator.calls import Reply
from emulator.endpoints.common import json_reply, object_body
from emulator.endpoints.results import result_model
from emulator.indexed import content_of, primary_id, text_of
from emulator.kinds import kind_named
from emulator.query import EVERYTHING, Expression, QuerySyntaxError, both, parse
from emulator.searching import Hit, Search, find_item, search
from emulator.viewing import User

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.viewing import Viewer
    from emulator.world import World

_DEFAULT_RESULTS = 10
_MAX_RESULTS = 2_000
_WINDOW = 5_000


def query(world: World, call: Call) -> Reply:
    """Find items, as whoever the token names; an API key alone is an anonymous visitor."""
    asked = {**call.query, **object_body(call)}
    expression = _expression(asked)
    first = _number(asked, "firstResult", 0)
    count = min(_number(asked, "numberOfResults", _DEFAULT_RESULTS), _MAX_RESULTS)
    if first + count > _WINDOW:
        raise errors.invalid_request(detail=f"Only the first {_WINDOW} results can be asked for.")
    order = str(asked.get("sortCriteria") or "relevancy")
    found = search(world, _viewer(world, call, asked), Search(expression, first, count, order))
    results = [result_model(world, one, expression.words) for one in found.hits]
    return json_reply(_response(call, results, found.total))


def create_token(world: World, call: Call) -> Reply:
    """Issue a token that lets somebody search as certain identities."""
    asked = object_body(call)
    users = asked.get("userIds")
    if not isinstance(users, list) or not users:
        raise errors.invalid_request(detail="userIds must be an array that is not empty.")
    lifetime = _number(asked, "validFor", searchtokens.DEFAULT_LIFETIME_MS)
    expires_ms = world.clock.now_ms() + lifetime
    named = [_user(one) for one in users]
    return json_reply({"token": searchtokens.issue(world.signer.secret, named, expires_ms)})


def read_document(world: World, call: Call) -> Reply:
    """Return one search result."""
    return json_reply(result_model(world, _one(world, call), ()))


def document_html(world: World, call: Call) -> Reply:
    """Return the content for a quick view; scripts in it must not run on the emulator's page."""
    hit = _one(world, call)
    headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
    return Reply(200, content_of(hit.item), "text/html; charset=utf-8", headers)


def document_text(world: World, call: Call) -> Reply:
    """Return the text that was taken from the content."""
    return Reply(200, text_of(_one(world, call).item).encode(), "text/plain; charset=utf-8")


def _expression(asked: dict[str, Any]) -> Expression:
    try:
        whole = EVERYTHING
        for name in ("aq", "cq", "q"):
            whole = both(whole, parse(str(asked.get(name) or "")))
        if asked.get("dq"):
            alternative, former = parse(str(asked["dq"])), whole
            whole = Expression(lambda one: former.matches(one) or alternative.matches(one))
    except QuerySyntaxError as error:
        raise errors.invalid_request(detail=str(error)) from error
    return whole


def _viewer(world: World, call: Call, asked: dict[str, Any]) -> Viewer:
    users = searching_users(world, call)
    everything = str(asked.get("viewAllContent", "false")).lower() in {"true", "1"}
    if everything and users is not None:
        raise errors.access_denied(detail="a search token may not view all content.")
    return world.viewer(users or (), everything=everything)


def _one(world: World, call: Call) -> Hit:
    viewer = _viewer(world, call, dict(call.query))
    hit = find_item(world, viewer, call.query.get("uniqueId", ""))
    if hit is None and call.query.get("primaryId"):
        hit = _by_primary_id(world, viewer, call.query["primaryId"])
    if hit is None:
        raise errors.not_found(
            code="DOCUMENT_NOT_FOUND", what="such document that this user may see"
        )
    return hit


def _by_primary_id(world: World, viewer: Viewer, wanted: str) -> Hit | None:
    for source in world.sources.values():
        for item in source.items.values():
            if primary_id(source, item) == wanted and viewer.sees(source, item):
                return Hit(source, item, 0)
    return None


def _user(raw: Any) -> User:
    name = raw.get("name") if isinstance(raw, dict) else None
    if not isinstance(name, str) or not name:
        raise errors.invalid_request(detail="Each of userIds must be an object with a name.")
    kind = kind_named(str(raw.get("type") or "User"))
    if kind is None:
        raise errors.invalid_request(detail=f"The type of '{name}' is unknown.")
    return User(name, str(raw.get("provider") or User(name).provider), kind)


def _number(asked: dict[str, Any], name: str, default: int) -> int:
    text = asked.get(name)
    if text is None:
        return default
    if not str(text).isascii() or not str(text).isdigit():
        raise errors.invalid_request(detail=f"{name} must be a number that is not negative.")
    return int(text)


def _response(call: Call, results: list[dict[str, Any]], total: int) -> dict[str, Any]:
    return {
        "totalCount": total,
        "totalCountFiltered": total,
        "duration": 1,
        "indexDuration": 1,
        "requestDuration": 1,
        "searchUid": str(uuid.UUID(int=call.number)),
        "pipeline": "default",
        "apiVersion": 2,
        "index": "emulator",
        "refinedKeywords": [],
        "triggers": [],
        "termsToHighlight": {},
        "phrasesToHighlight": {},
        "groupByResults": [],
        "facets": [],
        "suggestedFacets": [],
        "categoryFacets": [],
        "results": results,
    }
