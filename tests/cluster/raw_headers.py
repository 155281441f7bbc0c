"""Writes what only a client in another language can: a header whose name is not UTF-8.

The Python client takes text for names, so this calls the librdkafka that came with it.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import confluent_kafka

from consumer.domain.records import TopicPartition

_PARTITION, _VALUE, _KEY, _FLAGS, _HEADERS, _TOPIC, _END = 3, 4, 5, 7, 10, 1, 0
"""Which argument of `rd_kafka_producev` follows (`rd_kafka_vtype_t`)."""
_COPY = 2


def append_with_header(bootstrap_servers: str, tp: TopicPartition, name: bytes) -> None:
    """Append a record with key, value and one header of that name, and wait until it is there."""
    folder = Path(confluent_kafka.__file__).parent.with_suffix(".libs")
    library = ctypes.CDLL(str(next(folder.glob("librdkafka*"))))
    for function in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_headers_new"):
        getattr(library, function).restype = ctypes.c_void_p
    settings, error = ctypes.c_void_p(library.rd_kafka_conf_new()), ctypes.create_string_buffer(99)
    library.rd_kafka_conf_set(settings, b"bootstrap.servers", bootstrap_servers.encode(), error, 99)
    client = ctypes.c_void_p(library.rd_kafka_new(0, settings, error, ctypes.c_size_t(99)))
    headers = ctypes.c_void_p(library.rd_kafka_headers_new(ctypes.c_size_t(1)))
    size = ctypes.c_ssize_t
    library.rd_kafka_header_add(headers, name, size(len(name)), b"v", size(1))
    bytes_of = ctypes.c_size_t
    failed = library.rd_kafka_producev(
        client,
        *(_TOPIC, tp.topic.encode(), _PARTITION, ctypes.c_int32(tp.partition)),
        *(_FLAGS, _COPY, _KEY, b"k", bytes_of(1), _VALUE, b"x", bytes_of(1)),
        *(_HEADERS, headers, _END),
    )
    assert not failed
    assert library.rd_kafka_flush(client, 5000) == 0
    library.rd_kafka_destroy(client)
