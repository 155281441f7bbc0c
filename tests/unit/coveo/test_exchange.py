"""Answers are untrusted until they were looked at."""

from __future__ import annotations

import json

import pytest

from consumer.coveo.exchange import container_of, error_code, request_id
from tests.unit.coveo.builders import CONTAINER, CONTAINER_JSON, answer

GOOD = json.loads(CONTAINER_JSON)


def test_a_container_is_read_whole() -> None:
    """Its three members are all that is needed."""
    assert container_of(CONTAINER_JSON) == CONTAINER


@pytest.mark.parametrize(
    "change",
    [
        {"fileId": 7},
        {"fileId": ""},
        {"fileId": "a b"},
        {"uploadUri": "ftp://upload.invalid/1"},
        {"uploadUri": "https://user:password@upload.invalid/1"},
        {"uploadUri": "/relative"},
        {"uploadUri": "https://upload.invalid/a b"},
        {"requiredHeaders": None},
        {"requiredHeaders": {"x": 1}},
        {"requiredHeaders": {"x": "a\r\nEvil: b"}},
        {"requiredHeaders": {"a b": "x"}},
        {"requiredHeaders": {"x": "ä"}},
    ],
)
def test_a_container_that_cannot_be_sent_to_is_none(change: dict[str, object]) -> None:
    """URI and headers are going to be used as they are."""
    assert container_of(json.dumps({**GOOD, **change}).encode()) is None


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b"<html>", b"\xff", b'{"fileId":"1"}']
)
def test_garbage_is_no_container(body: bytes) -> None:
    """A proxy's page must not become an upload."""
    assert container_of(body) is None


def test_error_codes_come_in_json_or_xml_and_only_if_sane() -> None:
    """They are shown and are labels, so they must be words."""
    assert error_code(answer(400, b'{"errorCode":"INVALID_JSON"}')) == "INVALID_JSON"
    assert error_code(answer(403, b"<?xml?><Error><Code>AccessDenied</Code>")) == "AccessDenied"
    assert error_code(answer(400, b'{"errorCode":"a secret value"}')) is None
    assert error_code(answer(400, b'{"errorCode":5}')) is None
    assert error_code(answer(504, b'{"message":"Endpoint request timed out"}')) is None


def test_the_first_known_request_id_is_taken() -> None:
    """Support asks for it; none is documented, so several are looked for."""
    assert request_id(answer(200, x_amz_request_id="s3", x_amzn_requestid="gw")) == "gw"
    assert request_id(answer(200, x_request_id="a b", x_amz_apigw_id="api")) == "api"
    assert request_id(answer(200)) is None
