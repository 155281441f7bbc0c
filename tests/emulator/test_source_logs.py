"""The Source Logs API: stages, filters, matching, pages, facets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.calls import Endpoint
from emulator.clock import iso
from emulator.endpoints.logs import read_facet_counts
from emulator.switches import LogOrder, LogStages, Switches
from tests.emulator.driver import ANYONE, START_MS, Driver, error_of, upsert

DAY_MS = 86_400_000


def logs(
    driver: Driver,
    body: dict[str, Any] | None = None,
    endpoint: Endpoint = Endpoint.READ_LOGS,
    **query: Any,
) -> Any:
    """Ask for the log of the last day."""
    now_ms = driver.clock.now_ms()
    window = {"from": iso(now_ms - DAY_MS), "to": iso(now_ms)}
    text = b"" if body is None else json.dumps(body).encode()
    reply = driver.send(endpoint, {**window, **query}, text)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def lines(driver: Driver, body: dict[str, Any] | None = None, **query: Any) -> list[str]:
    """Return id, task and result of each line, oldest first."""
    entries = logs(driver, body, **query)["documentLogEntries"]
    return [f"{one['id']} {one['task']} {one['result']}" for one in reversed(entries)]


def test_an_operation_shows_every_stage_it_passed(driver: Driver) -> None:
    """COMPLETED in one of them does not mean that the item is indexed."""
    driver.push("a://1")
    driver.push("a://1", {"compressedBinaryData": "AAAA"})
    assert lines(driver, documentId="a://1") == [
        "a://1 STREAMING COMPLETED",
        "a://1 CONSUMING COMPLETED",
        "a://1 PROCESSING COMPLETED",
        "a://1 INDEXING COMPLETED",
        "a://1 STREAMING COMPLETED",
        "a://1 CONSUMING COMPLETED",
        "a://1 PROCESSING REJECTED",
    ]


def test_only_the_last_stage_shows_if_so_switched() -> None:
    """In the other order, if that is switched too."""
    switches = Switches(log_stages=LogStages.LAST, log_order=LogOrder.OLDEST_FIRST)
    driver = Driver.of(switches=switches)
    for number in (1, 2):
        driver.push(f"a://{number}")
    entries = logs(driver)["documentLogEntries"]
    assert [(one["id"], one["task"]) for one in entries] == [
        ("a://1", "INDEXING"),
        ("a://2", "INDEXING"),
    ]


def test_a_batch_has_lines_of_its_own(driver: Driver) -> None:
    """Its items were not streamed one by one."""
    driver.batch([upsert("a://1")])
    file_id = driver.sent[-1].query["fileId"]
    assert lines(driver) == [
        "a://1 CONSUMING COMPLETED",
        "a://1 PROCESSING COMPLETED",
        "a://1 INDEXING COMPLETED",
        f"{file_id} STREAMING_BATCH COMPLETED",
        f"{file_id} CONSUMING_BATCH COMPLETED",
    ]


def test_a_failure_has_its_code_in_the_metadata(driver: Driver) -> None:
    """And the id of the request that reads the log, not of the one that pushed."""
    driver.push("a://1", orderingId=2)
    driver.push("a://1", orderingId=1)
    (entry,) = logs(driver, {"results": ["REJECTED"]})["documentLogEntries"]
    assert entry["meta"]["errorCode"] == "OUT_OF_SEQUENCE_OPERATION"
    assert (entry["operation"], entry["sourceId"]) == ("UPDATE", "open")
    assert entry["requestId"] == f"emulator-{driver.numbers}"


@pytest.fixture
def busy(driver: Driver) -> Driver:
    """A driver with operations of several kinds on two sources."""
    driver.push("a://1")
    driver.push("a://1")
    driver.delete("a://1")
    driver.source = "secured"
    driver.push("s://1", {"data": "", "permissions": ANYONE})
    driver.push("s://2", {"data": ""})
    return driver


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"sourcesIds": ["open"]}, {"a://1"}),
        ({"sourceIds": ["secured"]}, {"s://1", "s://2"}),
        ({"excludeSourceIds": ["secured"]}, {"a://1"}),
        ({"operations": ["DELETE"]}, {"a://1"}),
        ({"results": ["ERROR"]}, {"s://2"}),
        ({"tasks": ["INDEXING"], "excludeOperations": ["ADD"]}, {"a://1"}),
        ({"tasks": ["MAPPING"]}, set()),
        ({"excludeTasks": ["STREAMING", "CONSUMING"], "sourceIds": ["secured"]}, {"s://1"}),
        ({"excludeResults": ["COMPLETED"]}, {"s://2"}),
        ({"resourceIds": ["an-extension"]}, set()),
        ({}, {"a://1", "s://1", "s://2"}),
    ],
)
def test_filters_select_lines(busy: Driver, body: dict[str, Any], expected: set[str]) -> None:
    """Both spellings of the source filter are taken."""
    assert {one["id"] for one in logs(busy, body)["documentLogEntries"]} == expected


def test_the_old_form_of_the_call_has_its_filters_in_the_query(busy: Driver) -> None:
    """A GET."""
    found = logs(busy, sourceId="secured", results="ERROR,REJECTED")["documentLogEntries"]
    assert [one["id"] for one in found] == ["s://2"]


@pytest.mark.parametrize(
    ("matching", "text", "expected"),
    [
        ("EXACT", "a://1", 1),
        ("EXACT", "a://", 0),
        ("PARTIAL", "://1", 3),
        ("WILDCARD", "?://*", 3),
        ("WILDCARD", "a://1*", 1),
        ("WILDCARD", "a:/*/?", 0),
        ("WILDCARD", "a://.", 0),
    ],
)
def test_ids_match_exactly_in_part_or_by_wildcards(
    driver: Driver, matching: str, text: str, expected: int
) -> None:
    """A star is one or more characters."""
    for name in ("a://1", "b://1", "a://10"):
        driver.push(name)
    found = logs(driver, documentId=text, documentIdMatching=matching)["documentLogEntries"]
    assert len({one["id"] for one in found}) == expected


def test_pages_say_whether_there_is_another(driver: Driver) -> None:
    """Counted from 0."""
    for number in range(3):
        driver.push(f"a://{number}")
    body = {"tasks": ["INDEXING"]}
    pages = [logs(driver, body, perPage=2, page=page) for page in (0, 1)]
    names = [[one["id"] for one in page["documentLogEntries"]] for page in pages]
    assert names == [["a://2", "a://1"], ["a://0"]]
    assert [page["hasNextPage"] for page in pages] == [True, False]


def test_facets_list_and_count_values(busy: Driver) -> None:
    """Over what the filters leave."""
    body = {"sourceIds": ["secured"]}
    assert logs(busy, body, Endpoint.READ_LOG_FACETS)["results"] == ["COMPLETED", "ERROR"]
    counts = json.loads(read_facet_counts(busy.world, busy.sent[-1]).body)
    assert counts["results"] == {"COMPLETED": 5, "ERROR": 1}


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ({"to": None}, {}, "MISSING_PARAMETER"),
        ({"from": "yesterday"}, {}, "INVALID_PARAMETER"),
        ({"from": iso(START_MS - 7 * DAY_MS - 1)}, {}, "INVALID_PARAMETER"),
        ({"from": iso(START_MS + 1)}, {}, "INVALID_PARAMETER"),
        ({"documentId": "x", "documentIdMatching": "REGEX"}, {}, "INVALID_PARAMETER"),
        ({}, {"results": ["GOOD"]}, "INVALID_PARAMETER"),
        ({}, {"sourceIds": "open"}, "INVALID_PARAMETER"),
    ],
)
def test_wrong_questions_are_refused(
    driver: Driver, query: dict[str, Any], body: dict[str, Any], code: str
) -> None:
    """At most seven days at once, among others."""
    asked = {"from": iso(START_MS - 7 * DAY_MS), "to": iso(START_MS), **query}
    asked = {name: value for name, value in asked.items() if value is not None}
    reply = driver.send(Endpoint.READ_LOGS, asked, json.dumps(body).encode())
    assert error_of(reply) == (412, code)


def test_lines_are_forgotten_after_fourteen_days(driver: Driver) -> None:
    """On the emulator's clock."""
    driver.push("a://1")
    driver.world.turn()
    query: dict[str, Any] = {"from": iso(START_MS - DAY_MS), "to": iso(START_MS + DAY_MS)}
    counts = []
    for seconds in (14 * 86_400, 1):
        driver.world.advance(seconds)
        counts.append(len(logs(driver, **query)["documentLogEntries"]))
    assert counts == [4, 0]
