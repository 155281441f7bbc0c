"""What can be asked: the source logs, and the organization's configuration."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from consumer.coveo.api.log_entries import LogOperation, LogPage, LogResult, LogTask
from consumer.coveo.api.logs import LogQuery, LogWords, Matching
from consumer.coveo.api.platform import Privilege, Right
from consumer.coveo.api.platform_models import Field, FieldType, SourceType, SourceVisibility
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.results import Declined, Done, Result
from consumer.coveo.retry import setback_of
from consumer.coveo.verdicts import Block, Reason
from consumer.domain.operations import DocumentId
from tests.contract.coveo.pushing import gone, item, push, soon
from tests.contract.coveo.services import CATALOG, CRM, SECURED, SOURCE, Emulator


def day(emulator: Emulator) -> LogQuery:
    """Return what was logged on this day."""
    until = datetime.fromtimestamp(emulator.now_ms() / 1000, UTC)
    return LogQuery(until - timedelta(days=1), until, LogWords((SOURCE,)))


def test_the_logs_say_what_became_of_an_accepted_item(emulator: Emulator) -> None:
    """An item without permissions on a secured source: a 202, then a rejection."""
    client = emulator.client()
    payload = b'{"documentId":"kb://a","data":""}'
    assert isinstance(client.items.push(SECURED, DocumentId("kb://a"), payload, soon()), Done)
    assert emulator.items(SECURED) == {}
    emulator.advance(1.0)
    query = replace(day(emulator), only=LogWords((SECURED,)))
    page = client.logs.page(query, soon())
    assert isinstance(page, Done)
    entries = page.value.entries
    assert {entry.document_id for entry in entries} == {"kb://a"}
    assert {entry.source_id for entry in entries} == {SECURED}
    assert LogResult.ERROR in {entry.result for entry in entries}
    assert LogResult.UNKNOWN not in {entry.result for entry in entries}
    assert all(entry.at is not None for entry in entries)


def test_logs_are_filtered_and_paged(emulator: Emulator) -> None:
    """The API is slow: whoever asks for little gets it sooner."""
    client = emulator.client()
    push(emulator, *(item(str(number), "x") for number in range(5)))
    push(emulator, gone("0"))
    emulator.advance(1.0)
    query = day(emulator)
    deletes = LogWords((SOURCE,), (LogOperation.DELETE,))
    assert ids(client.logs.page(replace(query, only=deletes), soon())) == {"kb://0"}
    one = client.logs.page(replace(query, document_id="kb://3"), soon())
    part = client.logs.page(replace(query, document_id="//3", matching=Matching.PARTIAL), soon())
    assert isinstance(one, Done)
    assert isinstance(part, Done)
    assert one.value.entries == part.value.entries
    first = client.logs.page(query, soon(), 0, 2)
    assert isinstance(first, Done)
    assert (len(first.value.entries), first.value.has_next_page) == (2, True)


def test_what_is_not_wanted_of_the_logs_is_left_out(emulator: Emulator) -> None:
    """Whoever looks for rejections does not page through all that went well."""
    client = emulator.client()
    push(emulator, item("a", "x"), gone("b"))
    emulator.advance(1.0)
    query = day(emulator)
    for without, left in (
        (LogWords(operations=(LogOperation.DELETE, LogOperation.BATCH_FILE)), {"kb://a"}),
        (LogWords((SOURCE,)), set()),
        (LogWords(results=(LogResult.COMPLETED,)), set()),
        (LogWords(tasks=tuple(LogTask)[:-1]), set()),
    ):
        assert ids(client.logs.page(replace(query, without=without), soon())) == left
    of_extensions = replace(query, only=LogWords(resource_ids=("extension",)))
    assert ids(client.logs.page(of_extensions, soon())) == set()


def ids(result: Result[LogPage]) -> set[str]:
    """Return the ids on a page of the log."""
    assert isinstance(result, Done)
    return {entry.document_id for entry in result.value.entries}


def test_facets_count_what_a_query_would_list(emulator: Emulator) -> None:
    """By operation, result and source."""
    push(emulator, item("a", "x"), gone("b"))
    emulator.advance(1.0)
    facets = emulator.client().logs.facets(day(emulator), soon())
    assert isinstance(facets, Done)
    assert facets.value.operations["DELETE"] > 0
    assert set(facets.value.source_ids) == {SOURCE}
    assert facets.value.results["COMPLETED"] > 0


def test_a_source_says_what_may_be_written_to_it(emulator: Emulator) -> None:
    """Kind, visibility and providers are what a check compares with the configuration."""
    client = emulator.client()
    secured, catalog = (client.platform.source(each, soon()) for each in (SECURED, CATALOG))
    assert isinstance(secured, Done)
    assert secured.value.type is SourceType.PUSH
    assert secured.value.visibility is SourceVisibility.SECURED
    assert secured.value.push_enabled
    assert secured.value.security_provider_ids == (CRM,)
    assert isinstance(catalog, Done)
    assert catalog.value.type is SourceType.CATALOG
    assert catalog.value.stream_enabled


def test_what_is_not_there_is_a_refusal_that_somebody_must_mend(emulator: Emulator) -> None:
    """On the platform a wrong id is a 404, on the Push API a 412."""
    client = emulator.client()
    missing = client.platform.source("no-such-source", soon())
    assert isinstance(missing, Declined)
    verdict = setback_of(Endpoint.SOURCE, missing.response)
    assert isinstance(verdict, Block)
    assert verdict.reason is Reason.NOT_FOUND
    pushed = client.items.push_batch("no-such-source", "f", soon())
    assert isinstance(pushed, Declined)
    assert pushed.code is ErrorCode.SOURCE_DOES_NOT_EXIST


def test_providers_fields_limits_and_rights_can_be_asked_for(emulator: Emulator) -> None:
    """What is created is there on the next look."""
    client = emulator.client()
    providers = client.platform.providers(soon())
    assert isinstance(providers, Done)
    crm = next(each for each in providers.value if each.id == CRM)
    assert crm.source_ids == (SECURED,)
    assert crm.cascades_to == ("Email Security Provider",)
    wanted = [Field("kb_tags", FieldType.STRING, multi_value=True), Field("n", FieldType.LONG_64)]
    assert isinstance(client.platform.create_fields(wanted, soon()), Done)
    page = client.platform.fields(soon())
    assert isinstance(page, Done)
    found = {each.name: each for each in page.value.fields}
    assert found["kb_tags"].multi_value
    assert found["n"].type is FieldType.LONG_64
    limits = client.platform.limits(soon())
    assert isinstance(limits, Done)
    assert limits.value
    allowed = client.platform.allows(Privilege(Right.VIEW, "FIELD"), soon())
    assert isinstance(allowed, Done)
    assert allowed.value
