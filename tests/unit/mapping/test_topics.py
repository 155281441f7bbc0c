"""Topics of a mapping: names, patterns, control topics."""

from __future__ import annotations

import pytest

from consumer.mapping.problems import BadSpecError
from consumer.mapping.topics import literal_start, matching, named
from tests.unit.mapping.making import compiled, spec


def test_pattern_must_match_the_whole_name() -> None:
    """`articles` must not let `articles_backup` into the index."""
    topics = matching(r"kb\.public\.articles", ())
    assert topics.matches("kb.public.articles")
    assert not topics.matches("kb.public.articles_backup")
    assert not topics.matches("x.kb.public.articles")


@pytest.mark.parametrize(
    "topic", ["__debezium-heartbeat.kb", "__consumer_offsets", "kb.transaction", "kb.message"]
)
def test_pattern_never_matches_control_topics(topic: str) -> None:
    """A pattern as wide as `.*` is common, and control records are no rows."""
    assert not matching(".*", ()).matches(topic)


def test_table_called_like_a_control_topic_is_matched() -> None:
    """A bank has a table of transactions: its topic has three parts."""
    assert matching(".*", ()).matches("bank.public.transaction")


def test_named_topic_is_meant_whatever_its_name() -> None:
    """Who writes a name knows what he wants."""
    assert named(["kb.message"]).matches("kb.message")


def test_exclude_takes_out_of_a_pattern() -> None:
    """The way to say "all but"."""
    topics = matching("a.*", ("a[.]b",))
    assert topics.matches("a.c")
    assert not topics.matches("a.b")


@pytest.mark.parametrize(
    "pattern", ["", "(?i)a", r"\d+", "a{2}", r"[\w]", "[[:alpha:]]", "^a", "a$", "(", "*"]
)
def test_pattern_that_engines_read_differently_is_refused(pattern: str) -> None:
    """Client, broker and we must agree on what is subscribed to."""
    with pytest.raises(BadSpecError):
        matching(pattern, ())


@pytest.mark.parametrize("name", ["", "a b", "a/b", "^a.*"])
def test_name_that_is_no_topic_is_refused(name: str) -> None:
    """The client reads a leading `^` as a pattern; only `pattern:` may be one."""
    with pytest.raises(BadSpecError, match="no topic name"):
        named([name])


@pytest.mark.parametrize(
    ("pattern", "start"),
    [
        (r"kb\.public\..*", "kb.public."),
        ("ab?c", "a"),
        (r"a\.*", "a"),
        ("ab+", "ab"),
        ("a|b", ""),
        ("(a|b)c", ""),
        ("abc", "abc"),
        ("a.c", "a"),
    ],
)
def test_literal_start_is_what_every_match_begins_with(pattern: str, start: str) -> None:
    """Collision checks rest on it: too long a start would overlook a collision."""
    assert literal_start(pattern) == start


def test_subscription_has_names_and_anchored_patterns() -> None:
    """The client searches where we match the whole name."""
    subscription = compiled(
        spec(topics=["a", "b"], id="kb://{$topic}/{id}"),
        spec(topics={"pattern": "c|d", "exclude": ["dd"]}, id="x://{$topic}/{id}"),
    ).subscription
    assert subscription.names == ("a", "b")
    assert subscription.patterns == ("^(c|d)$",)
    assert "dd" in subscription.excluded
