"""Headers that the client cannot read, with the real client."""

from __future__ import annotations

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ColumnPlan
from consumer.domain.records import TopicPartition
from consumer.kafka.capturing import first_records
from tests.cluster.mock_cluster import MockCluster
from tests.cluster.raw_headers import append_with_header
from tests.unit.decode.samples import Registry

pytestmark = pytest.mark.cluster


def test_a_header_name_that_is_not_utf_8_is_poison_and_nothing_else(cluster: MockCluster) -> None:
    """Any client in C or Go can write one; the Python client raises SystemError for it."""
    topic = cluster.new_topic()
    tp = TopicPartition(topic, 0)
    for _ in range(100):  # a line that ran often calls the client in another way
        cluster.append(tp, headers=[("fine", b"1")])
    append_with_header(cluster.bootstrap_servers, tp, b"\xff\xfe")
    append_with_header(cluster.bootstrap_servers, tp, b"fine")
    *_, bad, good = first_records(cluster.settings("g"), topic, 102, 5.0)
    assert (bad.key, bad.value, bad.headers, bad.headers_unreadable) == (b"k", b"x", (), True)
    assert (good.headers, good.headers_unreadable) == ((("fine", b"v"),), False)
    decoder = Decoder(Registry(), DecodeSettings())
    with pytest.raises(PoisonError, match="kept without its headers") as caught:
        decoder.decode(bad, ColumnPlan((), ()))
    assert caught.value.reason == "unreadable_headers"
