"""Mapping documents → what routes records: everything checked, all problems at once.

Imports the models of `spec` and, through the parts, CEL; what it returns imports the domain only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import reduce
from typing import Final

from consumer.domain.events import ColumnPlan
from consumer.domain.operations import TargetId
from consumer.mapping.catalog import Destinations
from consumer.mapping.checks import check_together
from consumer.mapping.items import ItemReader
from consumer.mapping.part import Scope
from consumer.mapping.partial import PartialReader
from consumer.mapping.prepare import Prepared, prepare
from consumer.mapping.problems import Findings
from consumer.mapping.reading import together
from consumer.mapping.route import Route
from consumer.mapping.rules import Condition, ImageRule, KeyedRule, Rule
from consumer.mapping.spec import MappingSpec
from consumer.mapping.topics import CONTROL_TOPICS, Subscription

_MEANING: Final = 4
"""Raised when the same document comes to mean something else, so that fingerprints differ."""


class CompiledMapping:
    """All mappings, ready for records; topics are bound as they turn up."""

    def __init__(self, prepared: Sequence[Prepared], fingerprint: str) -> None:
        """Keep checked mappings; `compile_mappings` is how to get one."""
        self._prepared = tuple(prepared)
        self._routes = dict[str, Route | None]()
        self.subscription: Final = _subscription(prepared)
        self.fingerprint: Final = fingerprint

    @property
    def targets(self) -> tuple[TargetId, ...]:
        """Return the targets that mappings name, each once."""
        return tuple(dict.fromkeys(one.target for one in self._prepared))

    def route(self, topic: str) -> Route | None:
        """Return what a topic's records become, or `None` if no mapping is for it."""
        if topic not in self._routes:
            mine = [one for one in self._prepared if one.topics.matches(topic)]
            self._routes[topic] = _route(topic, mine) if mine else None
        return self._routes[topic]


def compile_mappings(specs: Sequence[MappingSpec], destinations: Destinations) -> CompiledMapping:
    """Compile mappings for targets.

    Raises MappingErrors with every problem found.
    """
    found = Findings()
    prepared = prepare_all(specs, destinations, found)
    if not specs:
        found.add(("mappings",), "nothing is mapped, so that there is nothing to do; add a mapping")
    found.close()
    return put_together(prepared, specs, destinations)


def put_together(
    prepared: Sequence[Prepared], specs: Sequence[MappingSpec], destinations: Destinations
) -> CompiledMapping:
    """Return what routes records, of all mappings with nothing wrong found in any."""
    return CompiledMapping(prepared, _fingerprint(specs, destinations))


def prepare_all(
    specs: Sequence[MappingSpec], destinations: Destinations, found: Findings
) -> Sequence[Prepared]:
    """Check mappings, each alone and all together; return those that can be prepared."""
    made = (prepare(spec, ("mappings", at), destinations, found) for at, spec in enumerate(specs))
    prepared = [one for one in made if one is not None]
    check_together(prepared, found)
    return prepared


def _fingerprint(specs: Sequence[MappingSpec], destinations: Destinations) -> str:
    names = sorted({spec.target for spec in specs})
    used = {name: asdict(destinations[name]) for name in names}
    text = json.dumps(
        [_MEANING, [spec.model_dump(mode="json") for spec in specs], used], sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _subscription(prepared: Sequence[Prepared]) -> Subscription:
    names = (name for one in prepared for name in one.topics.names)
    patterns = (f"^({one.topics.pattern})$" for one in prepared if one.topics.pattern is not None)
    excluded = (pattern for one in prepared for pattern in one.topics.exclude)
    return Subscription(
        names=tuple(dict.fromkeys(names)),
        patterns=tuple(dict.fromkeys(patterns)),
        excluded=tuple(dict.fromkeys((*CONTROL_TOPICS, *excluded))),
    )


def _route(topic: str, mappings: Sequence[Prepared]) -> Route:
    plan = _plan(mappings)
    targets = tuple(dict.fromkeys(one.target for one in mappings))
    return Route(
        topic=topic,
        plan=plan,
        targets=targets,
        secured_targets=frozenset(one.target for one in mappings if one.secured),
        rules=tuple(_rule(one, topic, plan) for one in mappings),
        stops_on_truncate=any(one.stops_on_truncate for one in mappings),
    )


def _plan(mappings: Sequence[Prepared]) -> ColumnPlan:
    columns = (name for one in mappings for name in one.columns)
    keys = (name for one in mappings for name in one.key_columns)
    return ColumnPlan(
        columns=tuple(dict.fromkeys(columns)),
        key_columns=tuple(dict.fromkeys(keys)),
        before=any(one.by_image for one in mappings),
        exact_columns=tuple(dict.fromkeys(name for one in mappings for name in one.exact_columns)),
        left_out=_union(one.certainty.left_out for one in mappings),
        unmarked=_union(one.certainty.may_be_left_out for one in mappings),
        defaults=_union(one.certainty.defaults for one in mappings),
        granting=_union(one.certainty.uses.granting for one in mappings),
        reading=reduce(together, (one.reading for one in mappings)),
    )


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)


def _rule(mapping: Prepared, topic: str, plan: ColumnPlan) -> Rule:
    exact = {name: at for at, name in enumerate(plan.exact_columns, len(plan.columns))}
    rows = Scope(topic, {name: at for at, name in enumerate(plan.columns)}, exact)
    keys = Scope(topic, {name: at for at, name in enumerate(plan.key_columns)})
    condition = Condition(
        mapping.certainty.decision,
        None if mapping.admits is None else mapping.admits.bind(rows),
    )
    gate = mapping.certainty.item
    item = ItemReader(mapping.target, mapping.item, rows, gate)
    if mapping.by_image:
        identify = mapping.identify.bind(rows)
        return ImageRule(mapping.target, identify, condition, item, mapping.children)
    return KeyedRule(
        mapping.target,
        mapping.identify.bind(keys),
        condition,
        item,
        mapping.children,
        PartialReader(mapping.target, mapping.item, rows, gate) if mapping.in_part else None,
    )
