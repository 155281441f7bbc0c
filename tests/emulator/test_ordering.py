"""Which operation counts: ordering ids, tombstones, barriers."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.calls import Endpoint
from emulator.switches import BatchOrdering, EqualOrdering, Switches
from tests.emulator.driver import START_MS, Driver, error_of, upsert

OUT = "OUT_OF_SEQUENCE_OPERATION"
IDS = ("a://x", "a://x/1", "a://x/1/2", "a://y")


def older_than(driver: Driver, ordering_id: int, delay: int = 0) -> int:
    """Purge, and return the status."""
    query = {"orderingId": ordering_id, "queueDelay": delay}
    return driver.send(Endpoint.DELETE_OLDER_THAN, query).status


def test_the_ordering_id_is_the_clock_by_default(driver: Driver) -> None:
    """Milliseconds at the moment of receipt."""
    driver.push("a://1")
    assert driver.document("a://1")["item"]["orderingId"] == START_MS


def test_given_ids_of_one_millisecond_still_rise(driver: Driver) -> None:
    """Otherwise the second of two quick pushes would be lost."""
    for value in ("first", "second"):
        driver.push("a://1", {"data": value})
    assert driver.document("a://1")["item"]["orderingId"] == START_MS + 1


def test_given_ids_of_one_millisecond_are_equal_if_so_switched() -> None:
    """The real service promises nothing better."""
    driver = Driver.of(switches=Switches(monotonic_ordering=False))
    for value in ("first", "second"):
        driver.push("a://1", {"data": value})
    assert driver.reasons("a://1") == [None, OUT]


def test_a_batch_may_be_stamped_late_and_then_beats_a_newer_single_push() -> None:
    """Nobody says when the service stamps a batch; here it is when the queue reaches it."""
    results = []
    for when in BatchOrdering:
        switches = Switches(batch_ordering=when)
        driver = Driver.of(switches=switches, indexing_delay_seconds=2)
        driver.batch([upsert("a://1", title="batch")])
        driver.world.advance(1)
        driver.push("a://1", {"data": "", "title": "single"})
        driver.world.advance(2)
        results.append(driver.document("a://1")["item"]["title"])
    assert results == ["single", "batch"]


def test_each_source_has_its_own_ordering_ids(driver: Driver) -> None:
    """They are compared inside a source only."""
    driver.push("a://1")
    driver.source = "secured"
    driver.push("a://1", {"data": "", "permissions": [{"allowAnonymous": True}]})
    assert driver.document("a://1")["item"]["orderingId"] == START_MS


def test_a_lower_ordering_id_is_rejected(driver: Driver) -> None:
    """Accepted with a 202, then ignored."""
    driver.push("a://1", {"data": "new"}, orderingId=2)
    assert driver.push("a://1", {"data": "old"}, orderingId=1).status == 202
    document = driver.document("a://1")
    assert document["item"]["body"] == {"data": "new"}
    assert [one["result"] for one in document["history"]] == ["COMPLETED", "REJECTED"]
    assert document["history"][1]["reason"] == OUT


def test_an_equal_ordering_id_is_rejected(driver: Driver) -> None:
    """A refresh needs a higher one, by the letter of the older page."""
    driver.push("a://1", {"data": "first"}, orderingId=1)
    driver.push("a://1", {"data": "second"}, orderingId=1)
    assert driver.reasons("a://1") == [None, OUT]


def test_an_equal_ordering_id_is_applied_if_so_switched() -> None:
    """The other reading."""
    driver = Driver.of(switches=Switches(equal_ordering=EqualOrdering.APPLY))
    driver.push("a://1", {"data": "first"}, orderingId=1)
    driver.push("a://1", {"data": "second"}, orderingId=1)
    assert driver.reasons("a://1") == [None, None]


def test_a_late_push_behind_a_delete_is_rejected(driver: Driver) -> None:
    """That is what the tombstone is for."""
    driver.delete("a://1", orderingId=5)
    driver.push("a://1", orderingId=4)
    assert driver.indexed() == []
    assert driver.reasons("a://1") == [None, OUT]


def test_a_late_delete_is_rejected(driver: Driver) -> None:
    """Deletes obey the same rule."""
    driver.push("a://1", orderingId=5)
    driver.delete("a://1", orderingId=4)
    assert driver.indexed() == ["a://1"]


def test_a_newer_push_behind_a_delete_is_applied(driver: Driver) -> None:
    """An id is not dead for ever."""
    driver.delete("a://1", orderingId=5)
    driver.push("a://1", orderingId=6)
    document = driver.document("a://1")
    assert (document["indexed"], document["tombstone"]) == (True, None)


def test_a_prefix_delete_spares_newer_children(driver: Driver) -> None:
    """The rule holds item by item."""
    driver.push("a://x/old", orderingId=1)
    driver.push("a://x/new", orderingId=9)
    driver.delete("a://x", orderingId=5, deleteChildren="true")
    assert driver.indexed() == ["a://x/new"]
    assert driver.reasons("a://x/new") == [None, OUT]


def test_older_than_removes_strictly_older_items(driver: Driver) -> None:
    """Equal stays."""
    for number in (1, 2, 3):
        driver.push(f"a://{number}", orderingId=number)
    assert older_than(driver, 2) == 202
    assert driver.indexed() == ["a://2", "a://3"]
    last = driver.document("a://1")["history"][-1]
    assert (last["operation"], last["reason"]) == ("DELETE_OLDER_THAN", "OLDER_THAN")


def test_older_than_sets_a_barrier_for_later_pushes(driver: Driver) -> None:
    """A value far ahead closes the source, which is a known accident."""
    older_than(driver, START_MS + 3_600_000)
    driver.push("a://1")
    assert driver.reasons("a://1") == [OUT]


def test_a_lower_barrier_does_not_replace_a_higher_one(driver: Driver) -> None:
    """There is no way back but a new source."""
    older_than(driver, 10)
    older_than(driver, 5)
    driver.push("a://1", orderingId=7)
    assert driver.reasons("a://1") == [OUT]


def test_older_than_waits_fifteen_minutes_by_default(driver: Driver) -> None:
    """So that what was pushed before has left the queues."""
    driver.push("a://1", orderingId=1)
    driver.call(Endpoint.DELETE_OLDER_THAN, orderingId=2)
    driver.world.advance(899.999)
    assert driver.indexed() == ["a://1"]
    driver.world.advance(0.001)
    assert driver.indexed() == []


def test_a_push_during_the_delay_meets_the_barrier_only_afterwards(driver: Driver) -> None:
    """The barrier is set when the purge runs, not when it is asked for."""
    older_than(driver, 10, delay=1)
    driver.push("a://1", orderingId=5)
    assert driver.indexed() == ["a://1"]
    driver.world.advance(60)
    assert driver.indexed() == []


@pytest.mark.parametrize("delay", [-1, 1441, "x"])
def test_the_delay_is_between_zero_and_a_day(driver: Driver, delay: object) -> None:
    """A day is what a former client allowed at most."""
    reply = driver.call(Endpoint.DELETE_OLDER_THAN, orderingId=1, queueDelay=delay)
    assert error_of(reply) == (412, "INVALID_PARAMETER")


def test_older_than_needs_an_ordering_id(driver: Driver) -> None:
    """There is no default here."""
    assert error_of(driver.call(Endpoint.DELETE_OLDER_THAN)) == (412, "MISSING_PARAMETER")


def test_the_old_name_of_the_parameter_still_works(driver: Driver) -> None:
    """And loses against the current one."""
    driver.push("a://1", orderingId=5)
    query = {"operationId": 9, "orderingId": 4, "queueDelay": 0}
    driver.send(Endpoint.DELETE_OLDER_THAN, query)
    assert driver.indexed() == ["a://1"]
    driver.call(Endpoint.DELETE_OLDER_THAN, operationId=9, queueDelay=0)
    assert driver.indexed() == []


@dataclass(slots=True)
class Model:
    """The rules again, by looking at everything that ever happened."""

    recorded: dict[str, int] = field(default_factory=dict)
    alive: dict[str, int] = field(default_factory=dict)
    barrier: int = -1

    def newer(self, name: str, ordering: int) -> bool:
        """Whether an operation may act on an id."""
        return ordering >= self.barrier and ordering > self.recorded.get(name, -1)

    def apply(self, kind: str, name: str, ordering: int) -> None:
        """Carry out one operation."""
        if kind == "older":
            for one in [one for one, value in self.alive.items() if value < ordering]:
                del self.alive[one]
            self.barrier = max(self.barrier, ordering)
            return
        children = [one for one in self.alive if one.startswith(name + "/")]
        for target in [name, *(children if kind == "tree" else [])]:
            if not self.newer(target, ordering):
                continue
            self.recorded[target] = ordering
            if kind == "add":
                self.alive[target] = ordering
            else:
                self.alive.pop(target, None)


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(("add", "add", "delete", "tree", "older")),
        st.sampled_from(IDS),
        st.integers(0, 12),
    ),
    max_size=25,
)


def send(driver: Driver, kind: str, name: str, ordering: int) -> None:
    """Send one operation of the model."""
    match kind:
        case "add":
            driver.push(name, orderingId=ordering)
        case "older":
            older_than(driver, ordering)
        case _:
            children = "true" if kind == "tree" else "false"
            driver.delete(name, orderingId=ordering, deleteChildren=children)


@given(OPERATIONS)
def test_any_sequence_of_operations_ends_as_in_the_model(
    operations: list[tuple[str, str, int]],
) -> None:
    """Ordering ids come in any order, with repeats."""
    driver, model = Driver.of(), Model()
    for operation in operations:
        send(driver, *operation)
        model.apply(*operation)
    items = driver.world.source("open").items
    driver.world.turn()
    assert {name: item.ordering_id for name, item in items.items()} == model.alive


@given(st.permutations(range(8)), st.lists(st.booleans(), min_size=8, max_size=8))
def test_the_order_of_arrival_does_not_matter(arrival: list[int], adds: list[bool]) -> None:
    """For one id, the operation with the highest ordering id decides in the end."""
    driver = Driver.of()
    for ordering in arrival:
        send(driver, "add" if adds[ordering] else "delete", "a://x", ordering)
    assert driver.indexed() == (["a://x"] if adds[7] else [])


@given(st.lists(st.sampled_from(IDS), min_size=1, max_size=6), st.integers(1, 3))
def test_batches_without_ordering_ids_apply_in_the_order_of_receipt(
    names: list[str], rounds: int
) -> None:
    """The last batch decides, however close they follow each other."""
    driver = Driver.of()
    for number in range(rounds):
        driver.batch([upsert(name, round=number) for name in dict.fromkeys(names)])
    last = b'"round":%d}' % (rounds - 1)
    driver.world.turn()
    bodies = [item.body for item in driver.world.source("open").items.values()]
    assert all(body.endswith(last) for body in bodies)
    assert driver.counters()["rejectedByReason"] == {}
