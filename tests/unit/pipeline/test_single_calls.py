"""Which windows go by the call for one item, where that is on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.domain.fates import Batch
from consumer.pipeline.pipeline import Pipeline
from consumer.pipeline.single import SingleCalls
from tests.fakes.pipeline import (
    LINGER,
    TreeTranslator,
    batch_at,
    lane_settings,
    pipeline,
    record,
    refused,
    sent,
)

LIMITS = SingleCalls(max_bytes=200, max_id_characters=10)


def built(single: SingleCalls | None = LIMITS) -> Pipeline:
    """Return a pipeline whose lane makes single calls."""
    return pipeline(TreeTranslator(), lanes=(replace(lane_settings(), single_calls=single),))


def sealed(*words: str, single: SingleCalls | None = LIMITS) -> Batch:
    """Return the window of one record."""
    made = built(single)
    made.submit(record(0, *words), 0.0)
    batch = batch_at(made, LINGER)
    assert batch is not None
    return batch


@pytest.mark.parametrize("word", ["+a", "-a"])
def test_a_window_of_one_goes_by_itself(word: str) -> None:
    """One request instead of two."""
    assert sealed(word).single_call


def test_a_target_that_does_not_ask_for_it_sends_batches() -> None:
    """It is off by default: a single call may lose to the batch before it."""
    assert lane_settings().single_calls is None
    assert not sealed("+a", single=None).single_call


@pytest.mark.parametrize(
    "words", [("+a", "+b"), ("*a",), ("+elevenchars",), ("+a" + "b" * 9 + "c",)]
)
def test_what_does_not_fit_goes_as_a_batch(words: tuple[str, ...]) -> None:
    """Two cost two requests either way, a content needs a container, an id must fit a query."""
    assert not sealed(*words).single_call


def test_an_item_up_to_the_bound_goes_by_itself() -> None:
    """A larger one goes as a batch."""
    size = len(sealed("+a").operations[0].payload)
    assert sealed("+a", single=replace(LIMITS, max_bytes=size)).single_call
    assert not sealed("+a", single=replace(LIMITS, max_bytes=size - 1)).single_call


def test_a_delete_keeps_what_it_takes_along() -> None:
    """The payload, which says so, is not sent."""
    (operation,) = sealed("-a").operations
    assert operation.children


def test_halves_of_a_refused_batch_go_by_themselves_when_they_are_one() -> None:
    """Finding the culprit costs half as much."""
    made = built()
    made.submit(record(0, "+a", "+b"), 0.0)
    made.resolve(refused(batch_at(made, LINGER)), LINGER)
    half = batch_at(made, LINGER)
    assert half is not None
    assert (sent(half), half.single_call) == (["+a"], True)
