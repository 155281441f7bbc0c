"""What is found out about the logs becomes one line and its counts."""

from __future__ import annotations

from collections import Counter

import pytest

from consumer.domain.assignment import Assigned, Incarnation
from consumer.domain.events import SourcePosition
from consumer.domain.hazards import Hazard, HazardKind
from consumer.domain.records import Offset
from consumer.observe.events import Level
from consumer.pipeline.replays import Replay
from consumer.pipeline.tally import Tally
from tests.unit.observe.pictures import TP
from tests.unit.observe.watched import Watched


def test_what_a_connector_sends_again_is_counted_and_told_once_with_its_coordinates() -> None:
    """Whoever sees an item flicker must find the crash behind it."""
    watched = Watched()
    position = SourcePosition(("postgresql", "kb"), (7, 8))
    replay = Replay(TP, Offset(40), position, (9, 1))
    watched.observer.turn_ended(watched.draw, Tally(repeated=Counter(t=3), replays=[replay]))
    assert watched.count("cdc_source_replayed_records_total", topic="t") == 3
    assert watched.count("cdc_source_replays_total", topic=TP.topic) == 1
    (line,) = watched.lines
    assert (line.name, line.fields["first_offset"]) == ("source_replayed", 40)
    assert (line.fields["from"], line.fields["up_to"]) == ([7, 8], [9, 1])


@pytest.mark.parametrize("kind", HazardKind)
def test_a_hazard_is_a_line_under_its_own_name_as_loud_as_it_must_be(kind: HazardKind) -> None:
    """What stops the program is an error; what may have gone wrong is a warning."""
    watched = Watched()
    watched.observer.hazard_found(Hazard(kind, "t", "t/3", "because"))
    (line,) = watched.lines
    stops = kind in {HazardKind.TOPIC_CREATED_ANEW, HazardKind.OFFSET_OUTSIDE_LOG}
    assert (line.name, line.level) == (kind.value, Level.ERROR if stops else Level.WARNING)
    assert line.fields == {"topic": "t", "about": "t/3", "message": "because"}


@pytest.mark.parametrize(("is_new", "level"), [(True, Level.INFO), (False, Level.WARNING)])
def test_a_start_without_a_commit_is_told_with_its_place_and_its_topic(
    level: Level, *, is_new: bool
) -> None:
    """No group begins anywhere silently; once it has commits, somebody should look at it."""
    watched = Watched()
    incarnation = Incarnation("id-7", 3)
    begun = Assigned(TP, Offset(4), Offset(9), True, True, incarnation)  # noqa: FBT003 - a value
    watched.observer.partitions_begun([begun], group_is_new=is_new)
    (line,) = watched.lines
    assert (line.name, line.level) == ("partitions_begun", level)
    assert line.fields == {"starts": {str(TP): 4}, "topic_ids": {TP.topic: "id-7"}}
    assert watched.count("cdc_consumer_partitions_begun_total", topic=TP.topic) == 1


def test_the_counters_of_a_topic_that_came_begin_at_zero() -> None:
    """A first replay would be no increase of what was not there before."""
    watched = Watched()
    watched.observer.partitions_changed("assigned", [TP])
    for name in ("source_replays", "source_replayed_records", "consumer_partitions_begun"):
        assert watched.count(f"cdc_{name}_total", topic=TP.topic) == 0
