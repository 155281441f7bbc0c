"""A batch for a catalog: the same three steps, of which the last is the Stream API's."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from consumer.coveo import payload
from consumer.coveo.accounts import call_of
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import CreateContainer, Reply, UpdateCatalog
from consumer.coveo.limits import MAX_CATALOG_ITEM_BYTES, MAX_INLINE_CONTENT_BYTES
from consumer.coveo.push import attempt
from consumer.coveo.retry import classify
from consumer.coveo.targets import TargetTraits
from consumer.coveo.verdicts import Accept, Block, Reason, Refuse, Retry
from consumer.domain.errors import PoisonError
from consumer.domain.fates import Accepted
from consumer.domain.operations import Content, DeleteItem, DocumentId, SourceKind, UpsertItem
from consumer.domain.records import TopicPartition
from tests.unit.coveo.builders import (
    CONTAINER_JSON,
    KB,
    OTHER,
    answer,
    batch,
    error,
    fence,
    operation,
)

CATALOG = TargetTraits(KB, "shop", secured=False, kind=SourceKind.CATALOG)
ID = DocumentId("product://1")
UPDATE = UpdateCatalog(KB, "file-1")
TAKEN = answer(202, b'{"orderingId":"1732474800123","requestId":"8d4e6c2a"}')


def test_a_batch_for_a_catalog_ends_with_a_stream_update() -> None:
    """What the service says of it is in the call's account: its log is asked by these."""
    steps = attempt(replace(batch(operation("a")), source_kind=SourceKind.CATALOG), fence(p0=1))
    assert next(steps) == CreateContainer()
    steps.send(answer(201, CONTAINER_JSON))
    assert steps.send(answer(200)) == UPDATE
    with pytest.raises(StopIteration) as end:
        steps.send(TAKEN)
    assert isinstance(end.value.value, Accepted)
    last = end.value.value.attempt.calls[-1]
    assert (last.endpoint, last.code) == ("stream/update", 202)
    assert (last.ordering_id, last.request_id) == (1_732_474_800_123, "8d4e6c2a")


def test_a_loss_right_before_the_update_rebuilds_the_container() -> None:
    """INV-3 holds on catalogs as well."""
    guard = fence(p0=1, p1=1)
    both = batch(operation("a"), operation("b", OTHER))
    steps = attempt(replace(both, source_kind=SourceKind.CATALOG), guard)
    next(steps)
    steps.send(answer(201, CONTAINER_JSON))
    guard.publish({TopicPartition("articles", 0): 1})
    assert steps.send(answer(200)) == CreateContainer()


@pytest.mark.parametrize(
    ("reply", "reason", "kind"),
    [
        (answer(429, retry_after="7"), Reason.THROTTLED, Retry),
        (answer(503), Reason.UNAVAILABLE, Retry),
        (answer(200), Reason.UNEXPECTED_ANSWER, Retry),
        (error(400, "INVALID_JSON"), Reason.INVALID_BATCH, Refuse),
        (error(413, "REQUEST_TOO_LARGE"), Reason.TOO_LARGE, Refuse),
        (error(412, "SOURCE_DOES_NOT_EXIST"), Reason.SOURCE_DOES_NOT_EXIST, Block),
        (error(403, "ACCESS_DENIED"), Reason.FORBIDDEN, Block),
    ],
)
def test_answers_mean_what_they_mean_to_a_batch(
    reply: Reply, reason: Reason, kind: type[Retry | Refuse | Block]
) -> None:
    """One table for both interfaces."""
    verdict = classify(UPDATE, reply)
    assert isinstance(verdict, kind)
    assert verdict.reason is reason
    assert isinstance(classify(UPDATE, TAKEN), Accept)


def test_a_refused_file_may_be_a_source_that_takes_no_streams() -> None:
    """The message says where to look: waiting alone would not mend it."""
    verdict = classify(UPDATE, error(412, "INVALID_PARAMETER"))
    assert isinstance(verdict, Retry)
    assert verdict.ambiguous
    assert "`doctor`" in verdict.message


@pytest.mark.parametrize("said", [b"null", b"{}", b'{"orderingId":"x","requestId":"a b"}', b""])
def test_an_answer_that_says_nothing_useful_is_not_quoted(said: bytes) -> None:
    """Only what looks like such ids gets into logs."""
    call = call_of(Endpoint.STREAM_UPDATE, answer(202, said))
    assert (call.ordering_id, call.request_id) == (None, None)


def test_an_item_of_a_catalog_needs_no_content() -> None:
    """Its documented examples have none; on a push source one is mandatory."""
    made = payload.encode(UpsertItem(KB, ID, {"ec_name": "Shoe"}), CATALOG)
    assert made.payload == b'{"documentId":"product://1","ec_name":"Shoe"}'
    empty = payload.encode(UpsertItem(KB, ID, {}, Content("")), CATALOG)
    assert orjson.loads(empty.payload) == {"documentId": "product://1", "data": ""}


def test_a_delete_names_the_item_only() -> None:
    """The Stream API documents no children."""
    made = payload.encode(DeleteItem(KB, ID), CATALOG)
    assert made.payload == b'{"documentId":"product://1"}'


def test_an_item_may_have_three_megabytes_and_not_one_byte_more() -> None:
    """The service finds it too large after the 202 only."""
    frame = len(payload.encode(UpsertItem(KB, ID, {"text": ""}), CATALOG).payload)
    room = MAX_CATALOG_ITEM_BYTES - frame
    fits = payload.encode(UpsertItem(KB, ID, {"text": "x" * room}), CATALOG)
    assert len(fits.payload) == MAX_CATALOG_ITEM_BYTES
    with pytest.raises(PoisonError, match="3000001 bytes") as caught:
        payload.encode(UpsertItem(KB, ID, {"text": "x" * (room + 1)}), CATALOG)
    assert caught.value.reason == "catalog_item_too_large"


def test_a_content_of_its_own_container_is_too_large_for_a_catalog() -> None:
    """It would have to be within the three megabytes."""
    content = Content("x" * MAX_INLINE_CONTENT_BYTES)
    with pytest.raises(PoisonError) as caught:
        payload.encode(UpsertItem(KB, ID, {}, content), CATALOG)
    assert caught.value.reason == "catalog_item_too_large"
