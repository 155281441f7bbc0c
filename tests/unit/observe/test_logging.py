"""Lines of the log: JSON, and nothing in them that must not be."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.observe.events import Event, Level
from consumer.observe.logging import (
    FORBIDDEN,
    HIDDEN,
    LibraryLines,
    adopt_library_lines,
    hide_forbidden,
    open_log,
    without_urls,
)


def written(*lines: Event, level: str = "info") -> list[dict[str, Any]]:
    """Return what stands in the log after these events."""
    stream = io.StringIO()
    write = open_log(level, stream)
    for line in lines:
        write(line)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_a_utc_timestamp_a_level_and_its_event() -> None:
    """Whatever collects logs sorts by these three."""
    (line,) = written(Event("batch_accepted", Level.INFO, {"batch": 7}))
    said = datetime.fromisoformat(line.pop("timestamp"))
    assert said.utcoffset() == timedelta(0)
    assert datetime.now(UTC) - said < timedelta(minutes=1)
    assert line == {"level": "info", "event": "batch_accepted", "batch": 7}


def test_quieter_lines_than_asked_for_are_not_written() -> None:
    """A debug line per batch is for those who ask for it."""
    lines = written(Event("a", Level.DEBUG), Event("b", Level.WARNING), level="warning")
    assert [line["event"] for line in lines] == ["b"]


def test_lines_are_counted_by_level() -> None:
    """Errors are seen without a log stack."""
    levels: list[str] = []
    write = open_log("info", io.StringIO(), levels.append)
    write(Event("a", Level.ERROR))
    write(Event("b", Level.INFO))
    assert levels == ["error", "info"]


@given(
    st.recursive(
        st.sampled_from(["s3cret"]) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(sorted(FORBIDDEN)), inner, min_size=1, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_nothing_under_a_forbidden_name_is_written_at_any_depth(inner: Any) -> None:
    """A field is refused by its name, so that nobody has to judge what it holds."""
    shown = hide_forbidden(None, "", {"fine": {"value": inner}, "token": inner})
    assert shown == {"fine": {"value": HIDDEN}, "token": HIDDEN}


def test_what_is_not_json_shows_its_type_only() -> None:
    """A repr may hold a row."""

    class Row:
        def __repr__(self) -> str:
            return "s3cret"

    (line,) = written(Event("a", Level.INFO, {"thing": Row()}))
    assert line["thing"] == "<Row>"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Val\ud800", "Val\\ud800"),
        ({"a\udfff": ["\udfff"]}, {"a\\udfff": ["\\udfff"]}),
        (2**64, hex(2**64)),
        (float("inf"), None),
    ],
)
def test_what_is_no_text_has_a_line_all_the_same(said: object, shown: object) -> None:
    """A schema's name comes from outside; a line that cannot be written would end the loop."""
    (line,) = written(Event("a", Level.INFO, {"said": said, "more": "Val\ud800"}))
    assert (line["said"], line["more"]) == (shown, "Val\\ud800")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("PUT https://host:9/x?X-Amz-Signature=abc done", "PUT https://host:9/… done"),
        ("http://user:pass@host/path", "http://host/…"),
        ("no address here", "no address here"),
    ],
)
def test_urls_are_cut_after_the_host(said: str, kept: str) -> None:
    """An upload's address is its credential."""
    assert without_urls(said) == kept


@pytest.fixture
def untouched_root() -> Iterator[None]:
    """Put the root logger's handlers back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("untouched_root")
def test_lines_of_libraries_come_through_the_same_door() -> None:
    """An HTTP library logs every request with its address at INFO; its warnings are wanted."""
    lines: list[Event] = []
    adopt_library_lines(lines.append)
    assert any(isinstance(h, LibraryLines) for h in logging.getLogger().handlers)
    library = logging.getLogger("some.http.library")
    library.info("HTTP Request: PUT %s", "https://bucket/x?sig=s3cret")
    library.warning("slow: %s", "https://bucket/x?sig=s3cret")
    assert [(line.name, line.fields["message"]) for line in lines] == [
        ("library_warned", "slow: https://bucket/…")
    ]


def test_a_library_that_says_the_same_again_and_again_is_cut_short() -> None:
    """Without brokers the client writes twenty lines a second: half a million in a night."""
    now, lines = 0.0, list[Event]()
    handler = LibraryLines(lines.append, lambda: now)

    def say(text: str) -> None:
        handler.handle(logging.makeLogRecord({"name": "client", "msg": text}))

    for turn in range(2_000):
        say(f"Connect to ipv4#10.0.0.{turn % 3}:9092 failed (after {turn}ms)")
    say("the certificate has expired")
    assert [line.fields["message"] for line in lines][3:] == ["the certificate has expired"]
    now = 61.0
    say("the certificate has expired again")
    say("Connect to ipv4#10.0.0.9:9092 failed (after 7ms)")
    assert lines[-1].fields["left_out"] == 1_997
    assert "left_out" not in lines[-2].fields
