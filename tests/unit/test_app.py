"""What the composition root alone decides."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from consumer import app
from consumer.config.load import load
from consumer.coveo.exchange import FailureKind
from consumer.domain.events import ColumnPlan
from consumer.domain.fates import Batch, BatchOperation, RetryLater
from consumer.domain.fence import Fence
from consumer.domain.operations import DocumentId, OperationKind, TargetId
from consumer.observe.metrics import Metrics
from tests.fakes.pipeline import TP
from tests.unit.decode.samples import PLAN, ROW, Table

CONFIG = Path(__file__).parents[2] / "demo" / "coveo-cdc.yaml"


def test_a_push_that_was_handed_over_long_ago_is_not_begun(tmp_path: Path) -> None:
    """A process that stood still must not send what it may not own any more (INV-3)."""
    key = tmp_path / "key"
    key.write_text("xx-not-a-real-key")
    settings = load(CONFIG, {"COVEO_CDC__COVEO__API_KEY_FILE": str(key)})
    fence = Fence()
    fence.publish({TP: 1})
    operation = BatchOperation(DocumentId("kb://a"), OperationKind.DELETE, b"{}", TP, 1)
    batch = Batch(1, TargetId("people"), (operation,), 1)
    with ExitStack() as stack:
        workers, _ = app._workers(settings, fence, lambda _: None, stack)
        workers.submit(batch, time.monotonic() - settings.coveo.request_deadline_seconds)
        (outcome,) = workers.outcomes(10.0)
    assert isinstance(outcome, RetryLater)
    assert not outcome.ambiguous
    assert [call.error_code for call in outcome.attempt.calls] == [FailureKind.EXPIRED]


def test_what_decoding_counts_can_be_scraped() -> None:
    """A count that nobody registers is seen by nobody."""
    table, metrics = Table(), Metrics()
    app._count_decoding(table.decoder, metrics)
    headers = (("__debezium.oldkey", b'{"tenant":"t1","sku":"b"}'),)
    moved = table.record("c", *headers, after={**ROW, "made": -2_147_472_692})
    table.decoder.decode(moved, ColumnPlan(("made",), PLAN.key_columns))
    value = metrics.registry.get_sample_value
    assert value("cdc_values_lost_total", {"reason": "date_out_of_range"}) == 1
    assert value("cdc_key_changes_total", {"header": "oldkey", "other_key": "read"}) == 1
