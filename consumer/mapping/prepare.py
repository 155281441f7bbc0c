"""One mapping checked and compiled on its own; how it gets on with others: `checks.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from consumer.domain.formats import Reading
from consumer.domain.operations import TargetId
from consumer.mapping.catalog import Destination, Destinations, required_ids
from consumer.mapping.certainty import Certainty, Uses, certainty_of
from consumer.mapping.expression import compile_condition
from consumer.mapping.items import ItemParts, compile_item
from consumer.mapping.part import Part
from consumer.mapping.partial import check_partial
from consumer.mapping.problems import BadSpecError, Findings, Path, outline
from consumer.mapping.reading import reading_of
from consumer.mapping.spec import MappingSpec, TopicsSpec
from consumer.mapping.template import Template, compile_template, parse_document_id
from consumer.mapping.topics import Topics, matching, named

_UNKNOWN: Final = Destination(secured=True)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mapping whose parts are compiled, but for the topics that it will meet."""

    path: Path
    topics: Topics
    reading: Reading
    target: TargetId
    secured: bool
    id: Template
    by_image: bool
    admits: Part[bool] | None
    item: ItemParts
    certainty: Certainty
    children: bool
    in_part: bool
    """Whether updates that leave values out change the other fields."""
    stops_on_truncate: bool

    @property
    def identify(self) -> Part[str | None]:
        """Return the part that makes the document id."""
        return compile_template(self.id)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Return the columns read from the key: none if the id comes from the row."""
        return () if self.by_image else self.id.columns

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns read from the row."""
        condition = self.admits.columns if self.admits else ()
        return (*condition, *self.item.columns)

    @property
    def exact_columns(self) -> tuple[str, ...]:
        """Return the columns of the row that ids are made of."""
        id_columns = self.id.columns if self.by_image else ()
        return (*id_columns, *self.item.exact_columns)


def prepare(
    spec: MappingSpec, path: Path, destinations: Destinations, found: Findings
) -> Prepared | None:
    """Compile one mapping; what is wrong is noted in `found`, and then there may be none."""
    topics: Topics | None = None
    template: Template | None = None
    admits: Part[bool] | None = None
    with found.at(*path, "topics"):
        topics = topics_of(spec.topics)
    with found.at(*path, "id"):
        template = parse_document_id(spec.id)
    if spec.when is not None:
        with found.at(*path, "when"):
            admits = compile_condition(spec.when)
    item = compile_item(spec, path, found)
    certainty = certainty_of(spec, _uses(spec, template, admits, item), path, found)
    keys = template.columns if template else ()
    reading = reading_of(spec, certainty.uses.all, keys, path, found)
    destination = _destination(spec, path, destinations, found)
    ids = required_ids(spec, path, destination, found)
    _check_truncate(spec, path, found)
    if topics is None or template is None:
        return None
    _check_topic_in_id(topics, template, path, found)
    return Prepared(
        path=path,
        topics=topics,
        reading=reading,
        target=TargetId(spec.target),
        secured=destination.secured,
        id=template,
        by_image=spec.full_before_images,
        admits=admits,
        item=replace(item, required=ids),
        certainty=certainty,
        children=spec.delete_children,
        in_part=spec.partial_updates,
        stops_on_truncate=spec.on_truncate == "stop",
    )


def _destination(
    spec: MappingSpec, path: Path, destinations: Destinations, found: Findings
) -> Destination:
    """Return what is known of the target; what the mapping cannot ask of it is noted."""
    _check_target(spec, path, destinations, found)
    destination = destinations.get(spec.target, _UNKNOWN)
    check_partial(spec, path, destination, found)
    return destination


def _uses(
    spec: MappingSpec, template: Template | None, admits: Part[bool] | None, item: ItemParts
) -> Uses:
    condition = admits.columns if admits else ()
    id_columns = template.columns if template and spec.full_before_images else ()
    return Uses(
        deciding=frozenset((*condition, *id_columns)),
        shown=frozenset((*item.shown_columns, *item.exact_columns)),
        granting=frozenset(item.permissions.columns),
    )


def topics_of(spec: TopicsSpec) -> Topics:
    """Return the topics that a mapping names. Raises BadSpecError."""
    if (spec.names is None) == (spec.pattern is None):
        msg = "give either topics by name or a 'pattern'"
        raise BadSpecError(msg)
    if spec.pattern is not None:
        return matching(spec.pattern, spec.exclude)
    if spec.exclude:
        msg = "'exclude' goes with 'pattern': a topic that is named is meant"
        raise BadSpecError(msg)
    return named(spec.names or ())


def _check_target(
    spec: MappingSpec, path: Path, destinations: Destinations, found: Findings
) -> None:
    named_here, flag = ((*path, "target"), ("targets", spec.target, "secured"))
    said = (outline((*path, "permissions")), named_here, flag)
    destination = destinations.get(spec.target)
    if destination is None:
        close = get_close_matches(spec.target, destinations, n=1)
        known = ", ".join(destinations) or "none"
        hint = f"did you mean '{close[0]}'" if close else f"there are {known}"
        found.add(
            named_here, f"'{spec.target}' is not among 'targets'; {hint}", named_here, flag[:-1]
        )
    elif destination.secured and spec.permissions is None:
        found.add(
            path,
            f"target '{spec.target}' is secured, so every item must say who may see it; add "
            "'permissions'",
            *said,
        )
    elif not destination.secured and spec.permissions is not None:
        found.add(
            (*path, "permissions"),
            f"target '{spec.target}' is not secured: the service would ignore them and show the "
            "items to everybody; set 'secured: true' there or remove them here",
            *said,
        )


def _check_topic_in_id(topics: Topics, template: Template, path: Path, found: Findings) -> None:
    if topics.several and not template.names_topic:
        found.add(
            (*path, "id"),
            "rows of several topics could get the same id; put '{$topic}' into it, as in "
            "'kb://{$topic}/{id}'",
            (*path, "topics"),
            (*path, "id"),
        )


def _check_truncate(spec: MappingSpec, path: Path, found: Findings) -> None:
    if spec.on_truncate == "delete_items":
        found.add(
            (*path, "on_truncate"),
            "'delete_items' needs a list of the table's items, and none is kept yet: the record of "
            "an emptied table names no row; choose 'stop' or 'ignore'",
        )
