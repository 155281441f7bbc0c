"""What a call came to: typed where it succeeded, told apart where it did not."""

from __future__ import annotations

import json

import pytest

from consumer.coveo.accounts import call_of
from consumer.coveo.api.entities import EntityState, EntityType
from consumer.coveo.api.log_entries import LogOperation, LogResult, LogTask
from consumer.coveo.api.logs import LogQuery
from consumer.coveo.api.platform import Privilege, Right
from consumer.coveo.api.platform_models import FieldType, Limit, SourceType, SourceVisibility
from consumer.coveo.api.streams import StreamReceipt, StreamTarget
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import Failure, FailureKind
from consumer.coveo.limits import MAX_PAGE_BYTES
from consumer.coveo.reading import moment_of
from consumer.coveo.results import Declined, Done, Garbled, Receipt
from consumer.coveo.service_time import ServiceTime
from tests.unit.coveo.builders import CONTAINER, CONTAINER_JSON, soon
from tests.unit.coveo.recorder import Recorder

DATE = "Tue, 24 Nov 2026 12:00:00 GMT"
CATALOG = StreamTarget("c")
SINCE, UNTIL = (moment_of(f"2026-11-{day}T00:00:00Z") for day in ("01", "08"))
assert SINCE is not None
assert UNTIL is not None
WEEK = LogQuery(SINCE, UNTIL)


def answering(body: object, status: int = 200) -> Recorder:
    """Return a service that always says this."""
    return Recorder(status, json.dumps(body).encode())


def test_a_receipt_has_the_service_s_time_and_its_name_for_the_exchange() -> None:
    """A push answers `null`: only its headers say anything."""
    result = Recorder(202, b"null", Date=DATE).client().items.push_batch("s", "f", soon())
    assert isinstance(result, Done)
    assert result.value == Receipt(ServiceTime(1_795_521_600_000), "r-1")


def test_a_refusal_has_its_code_and_one_without_is_told_apart() -> None:
    """A code that nobody knows is one; a proxy's page has none."""
    for body, code in (
        (b'{"errorCode":"SOURCE_DOES_NOT_EXIST"}', ErrorCode.SOURCE_DOES_NOT_EXIST),
        (b'{"errorCode":"BRAND_NEW"}', ErrorCode.UNKNOWN),
        (b"<html>", None),
    ):
        result = Recorder(412, body).client().items.push_batch("s", "f", soon())
        assert isinstance(result, Declined)
        assert (result.endpoint, result.code) == (Endpoint.BATCH, code)


def test_a_status_that_only_looks_like_success_is_none() -> None:
    """Acceptance is the documented status and nothing else."""
    assert isinstance(Recorder(200).client().items.push_batch("s", "f", soon()), Declined)
    assert isinstance(Recorder(204).client().files.create(soon()), Declined)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"<html>", b"{}", b'{"items":1}'])
def test_a_success_that_says_nothing_is_garbled(body: bytes) -> None:
    """No exception, and no empty page in the place of what could not be read."""
    client = Recorder(200, body).client()
    for result in (
        client.files.create(soon()),
        client.streams.chunk(CATALOG, "st", soon()),
        client.logs.page(WEEK, soon()),
        client.platform.source("s", soon()),
        client.platform.fields(soon()),
        client.platform.allows(Privilege(Right.VIEW, "FIELD"), soon()),
    ):
        assert isinstance(result, Garbled)


def test_a_stream_s_answers_are_read() -> None:
    """Its ordering id comes as a text."""
    opened = json.loads(CONTAINER_JSON) | {"streamId": "st-1"}
    stream = answering(opened, 201).client().streams.open(CATALOG, soon())
    assert isinstance(stream, Done)
    assert (stream.value.stream_id, stream.value.container) == ("st-1", CONTAINER)
    said = {"orderingId": "1716387965000", "requestId": "r"}
    closed = answering(said).client().streams.close(CATALOG, "st-1", soon())
    assert isinstance(closed, Done)
    assert closed.value == StreamReceipt(1_716_387_965_000, "r")


def test_a_page_of_logs_is_read_entry_by_entry() -> None:
    """Words that nobody knows stay entries; what names no item is counted."""
    entry = {
        "id": "kb://1",
        "datetime": "2026-11-01T23:35:59.825Z",
        "sourceId": "s",
        "operation": "ADD",
        "task": "CONSUMING",
        "result": "BRAND_NEW",
        "meta": {"duration": "0.012", "n": 3, "error": {"code": 1}},
    }
    page = {"documentLogEntries": [entry, {"task": "INDEXING"}, 7], "hasNextPage": True}
    result = answering(page).client().logs.page(WEEK, soon())
    assert isinstance(result, Done)
    (read,) = result.value.entries
    assert (read.document_id, read.source_id) == ("kb://1", "s")
    assert (read.operation, read.task) == (LogOperation.ADD, LogTask.CONSUMING)
    assert read.result is LogResult.UNKNOWN
    assert read.at == moment_of("2026-11-01T23:35:59.825+00:00")
    assert read.meta == {"duration": "0.012", "n": "3", "error": '{"code":1}'}
    assert (result.value.has_next_page, result.value.unreadable) == (True, 2)


def test_facets_are_counts_by_word() -> None:
    """What is no number is no count."""
    facets = {"operations": {"ADD": 50, "x": None}, "results": {"REJECTED": 3}, "sourceIds": []}
    result = answering(facets).client().logs.facets(WEEK, soon())
    assert isinstance(result, Done)
    assert result.value.operations == {"ADD": 50}
    assert result.value.results == {"REJECTED": 3}
    assert result.value.source_ids == {}


def test_identities_are_read_with_their_states() -> None:
    """Both spellings of a type, and both names of a name."""
    items = [
        {"name": "sales", "type": "GROUP", "provider": "CRM", "state": "DISABLED"},
        {"data": "dora", "type": "VirtualGroup", "infos": [{"key": "k", "value": "v"}, {}]},
        {"type": "USER"},
    ]
    for body in (items, {"items": items, "totalEntries": 3, "totalPages": 1}):
        result = answering(body).client().security_cache.members("CRM", soon())
        assert isinstance(result, Done)
        one, other = result.value.entities
        assert (one.name, one.type, one.state) == ("sales", EntityType.GROUP, EntityState.DISABLED)
        assert (other.name, other.type) == ("dora", EntityType.VIRTUAL_GROUP)
        assert (other.state, other.infos) == (EntityState.UNKNOWN, {"k": "v"})


def test_a_source_is_read_as_far_as_it_is_said() -> None:
    """A product's own source is of another type than those this project may write to."""
    said = {
        "id": "s",
        "sourceType": "SITECORE",
        "sourceVisibility": "SECURED",
        "pushEnabled": True,
        "securityProviderReferences": ["CRM", {"id": "Email"}, 3],
        "information": {"sourceStatus": {"type": "PUSH_READY"}, "numberOfDocuments": 17},
    }
    result = answering(said).client().platform.source("s", soon())
    assert isinstance(result, Done)
    source = result.value
    assert (source.type, source.type_name) == (SourceType.OTHER, "SITECORE")
    assert source.visibility is SourceVisibility.SECURED
    assert (source.push_enabled, source.stream_enabled) == (True, None)
    assert source.security_provider_ids == ("CRM", "Email")
    assert (source.status, source.items) == ("PUSH_READY", 17)


def test_limits_are_read_in_sections_or_without() -> None:
    """The documents show both."""
    said = {"content": {"items": {"actualCount": 12, "limit": 20}}, "flat": {"limit": 5}, "x": 1}
    result = answering(said).client().platform.limits(soon())
    assert isinstance(result, Done)
    assert result.value == {"content.items": Limit(12, 20), "flat": Limit(None, 5)}


def test_providers_fields_and_rights_are_read() -> None:
    """What a check of the configuration compares."""
    reference = [{"id": "s", "type": "SOURCE"}, {"id": "x", "type": "OTHER"}]
    cascades = {"Email": {"id": "Email Security Provider"}}
    provider = {"id": "crm", "referencedBy": reference, "cascadingSecurityProviders": cascades}
    providers = answering([provider, {}]).client().platform.providers(soon())
    assert isinstance(providers, Done)
    (read,) = providers.value
    assert (read.source_ids, read.cascades_to) == (("s",), ("Email Security Provider",))
    field = {"name": "tags", "type": "STRING", "multiValueFacet": True}
    fields = answering({"items": [field], "totalEntries": 1}).client().platform.fields(soon())
    assert isinstance(fields, Done)
    assert fields.value.fields[0].type is FieldType.STRING
    assert fields.value.fields[0].multi_value
    right = answering({"approved": False}).client()
    granted = right.platform.allows(Privilege(Right.EDIT, "SOURCE"), soon())
    assert isinstance(granted, Done)
    assert granted.value is False


def test_pages_may_be_larger_than_other_answers_and_are_bounded_all_the_same() -> None:
    """A thousand entries are more than an error is; without a bound they are memory's end."""
    blank = b'{"documentLogEntries":[]' + b" " * 300_000 + b"}"
    assert isinstance(Recorder(200, blank).client().logs.page(WEEK, soon()), Done)
    result = Recorder(200, b" " * (MAX_PAGE_BYTES + 1)).client().logs.page(WEEK, soon())
    assert isinstance(result, Failure)
    assert result.kind is FailureKind.OVERSIZE
    other = Recorder(202, b" " * 300_000).client().items.push_batch("s", "f", soon())
    assert isinstance(other, Failure)


def test_an_account_has_what_support_asks_for() -> None:
    """Coveo keeps no logs of pushes: these codes and ids are all there is."""
    body = b'{"errorCode":"TOO_MANY_REQUESTS","message":"about kb://secret"}'
    headers = {"Date": DATE, "Retry-After": "17"}
    result = Recorder(429, body, **headers).client().items.push_batch("s", "f-1", soon())
    assert isinstance(result, Declined)
    call = call_of(Endpoint.BATCH, result.response)
    assert (call.method, call.code, call.error_code) == ("PUT", 429, "TOO_MANY_REQUESTS")
    assert call.path == "/push/v1/organizations/my%20org/sources/s/documents/batch"
    assert (call.file_id, call.request_id) == ("f-1", "r-1")
    assert (call.service_date, call.retry_after) == (DATE, "17")
    assert call.at_ms is not None
    assert "secret" not in repr(call)


def test_a_span_of_the_logs_is_checked_before_it_is_asked() -> None:
    """Seven days at most (docs/59)."""
    with pytest.raises(ValueError, match="7 days"):
        LogQuery(WEEK.until, WEEK.since)
    with pytest.raises(ValueError, match="time zone"):
        LogQuery(WEEK.since.replace(tzinfo=None), WEEK.until)
