"""Short ways to compile a mapping and to make events for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consumer.domain.events import ChangeEvent, Event, Op, Row, SourceInfo, Value
from consumer.domain.operations import Operation, SkipReason, UpsertItem
from consumer.mapping.catalog import CatalogIds, Destination
from consumer.mapping.compile import CompiledMapping, compile_mappings
from consumer.mapping.route import Route
from consumer.mapping.spec import MappingSpec

SOURCE = SourceInfo("postgresql", "kb", "kb", "public", "articles", 1, "false")
TOPIC = "kb.public.articles"
DESTINATIONS = {
    "open": Destination(secured=False),
    "closed": Destination(secured=True),
    "shop": Destination(secured=False, catalog=CatalogIds()),
}
ALLOWED = {"allowed": [{"type": "user", "column": "owner"}]}


def spec(**keys: Any) -> MappingSpec:
    """Return a mapping; what is not given is the plainest that compiles."""
    plain = {"topics": TOPIC, "target": "open", "id": "kb://articles/{id}"}
    return MappingSpec.model_validate({**plain, **keys})


def compiled(*specs: MappingSpec) -> CompiledMapping:
    """Compile mappings for an unsecured target `open`, a secured `closed`, a catalog `shop`."""
    return compile_mappings(specs, DESTINATIONS)


def route_of(*specs: MappingSpec, topic: str = TOPIC) -> Route:
    """Compile mappings and return the route of a topic."""
    route = compiled(*specs).route(topic)
    assert route is not None
    return route


def row(route: Route, values: Mapping[str, Value]) -> Row:
    """Return a row in the order of the plan; columns that are not given are null."""
    names = (*route.plan.columns, *route.plan.exact_columns)
    return tuple(values.get(name) for name in names)


def key(route: Route, values: Mapping[str, Value]) -> Row:
    """Return a key in the order of the plan."""
    return tuple(values.get(name) for name in route.plan.key_columns)


def change(
    route: Route,
    op: Op,
    after: Mapping[str, Value] | None,
    before: Mapping[str, Value] | None = None,
) -> ChangeEvent:
    """Return a change; its key is taken from the newest row that it has."""
    newest = after or before or {}
    images = [None if image is None else row(route, image) for image in (before, after)]
    return ChangeEvent(op, key(route, newest), images[0], images[1], SOURCE)


def operations(route: Route, event: Event) -> tuple[Operation, ...]:
    """Map an event that must cause operations."""
    mapped = route.map(event)
    assert not isinstance(mapped, SkipReason)
    return mapped


def item(mapping: MappingSpec, values: Mapping[str, Value]) -> UpsertItem:
    """Map one inserted row to its item."""
    route = route_of(mapping)
    (operation,) = operations(route, change(route, Op.CREATE, {"id": 1, **values}))
    assert isinstance(operation, UpsertItem)
    return operation
