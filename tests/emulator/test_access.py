"""Who may call, and how often."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emulator.api import answer
from emulator.calls import Call, Endpoint, Reply
from emulator.settings import NON_PRODUCTION, PRODUCTION, Limits, Quota, SourceSpec
from tests.emulator.driver import Driver, error_of, upsert

WRITER = {"authorization": "Bearer writer", "content-type": "application/json"}


def status_call(driver: Driver, headers: dict[str, str] | None = None) -> Reply:
    """Make a small request that succeeds unless something forbids it."""
    return driver.send(Endpoint.SOURCE_STATUS, {"statusType": "IDLE"}, headers=headers)


def retry_after(reply: Reply) -> str:
    """Return the wait that a refusal asks for."""
    return reply.headers["Retry-After"]


def test_a_request_without_authorization_is_unauthorized(driver: Driver) -> None:
    """The header is required on every call."""
    assert error_of(status_call(driver, {})) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("header", ["some-key", "Basic c29tZQ==", "Bearer ", "Bearer"])
def test_anything_but_a_bearer_token_is_invalid(driver: Driver, header: str) -> None:
    """Only bearer tokens are documented."""
    assert error_of(status_call(driver, {"authorization": header})) == (401, "INVALID_TOKEN")


def test_an_unknown_key_is_invalid() -> None:
    """With keys set, no other is taken."""
    driver = Driver.of(api_keys=frozenset({"right"}))
    assert error_of(status_call(driver)) == (401, "INVALID_TOKEN")
    assert status_call(driver, {"authorization": "Bearer right"}).status == 201


def test_a_key_without_the_privilege_is_denied() -> None:
    """A known key that may not push is another error than an unknown one."""
    driver = Driver.of(read_only_keys=frozenset({"some-key"}))
    assert error_of(status_call(driver)) == (403, "ACCESS_DENIED")


def test_keys_are_not_shown_in_the_settings() -> None:
    """Settings get printed in test failures."""
    assert "right" not in repr(Driver.of(api_keys=frozenset({"right"})).world.settings)


def test_another_organization_is_a_404(driver: Driver) -> None:
    """The only 404 the service documents."""
    status_call(driver)
    reply = answer(driver.world, replace(driver.sent[-1], organization="other"))
    assert error_of(reply) == (404, "ORGANIZATION_NOT_FOUND")


def test_an_unknown_source_is_a_412(driver: Driver) -> None:
    """Surprising, but documented: not a 404."""
    driver.source = "nowhere"
    assert error_of(status_call(driver)) == (412, "SOURCE_DOES_NOT_EXIST")


def test_a_source_without_push_is_denied(driver: Driver) -> None:
    """A source that something else feeds takes no pushes."""
    driver.world.put_source(SourceSpec("open", push_enabled=False))
    assert error_of(driver.push("a://1")) == (403, "ACCESS_DENIED")


def test_a_body_of_another_type_is_a_415(driver: Driver) -> None:
    """A JSON body has to be announced as such."""
    headers = {"authorization": "Bearer k", "content-type": "text/plain"}
    reply = driver.send(Endpoint.PUSH_ITEM, {"documentId": "a://1"}, b"{}", headers)
    assert error_of(reply) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_charset_behind_the_media_type_is_accepted(driver: Driver) -> None:
    """It is the same media type."""
    headers = {"authorization": "Bearer k", "content-type": "application/json; charset=utf-8"}
    reply = driver.send(Endpoint.PUSH_ITEM, {"documentId": "a://1"}, b'{"data":""}', headers)
    assert reply.status == 202


@pytest.mark.parametrize("body", [b"", b"{}", b"null"])
def test_calls_without_a_body_tolerate_what_clients_send(driver: Driver, body: bytes) -> None:
    """One official client sends nothing, one an empty object."""
    assert driver.send(Endpoint.CREATE_FILE, {}, body).status == 201


def test_a_request_above_the_limit_is_a_413(driver: Driver) -> None:
    """6 MB for a single item."""
    driver.push("a://1")
    reply = answer(driver.world, replace(driver.sent[-1], oversize=True))
    assert error_of(reply) == (413, "REQUEST_TOO_LARGE")


MENDED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("UNAUTHORIZED", {"headers": {"authorization": "Bearer unknown"}}),
    ("INVALID_TOKEN", {"headers": {"authorization": "Bearer reader"}}),
    ("ORGANIZATION_NOT_FOUND", {"organization": "org"}),
    ("ACCESS_DENIED", {"headers": {"authorization": "Bearer writer", "content-type": "text/css"}}),
    ("TOO_MANY_REQUESTS", {}),
    ("REQUEST_TOO_LARGE", {"oversize": False}),
    ("UNSUPPORTED_MEDIA_TYPE", {"headers": WRITER}),
    ("MISSING_PARAMETER", {"query": {"documentId": "a://1"}}),
    ("SOURCE_DOES_NOT_EXIST", {"source": "open"}),
    ("DOCUMENT_LIMIT_EXCEEDED", {}),
)
"""The refusals in their documented order, each with what mends it; one passes with time."""


def test_the_checks_run_in_the_documented_order() -> None:
    """Whoever does everything wrong, and mends one thing after the other, meets all of them."""
    driver = Driver.of(
        api_keys=frozenset({"writer"}),
        read_only_keys=frozenset({"reader"}),
        quota=Quota(requests_per_five_minutes=1),
        limits=Limits(max_items=0),
    )
    driver.send(Endpoint.SOURCE_STATUS, {"statusType": "IDLE"}, headers=WRITER)
    call = Call(Endpoint.PUSH_ITEM, 2, "/", "other", "nowhere", body=b"{", oversize=True)
    met = []
    for _, mended in MENDED:
        met.append(error_of(answer(driver.world, call))[1])
        call = replace(call, **mended)
        if "TOO_MANY_REQUESTS" in met:
            driver.clock.advance(300_000)
    assert met == [code for code, _ in MENDED]


@pytest.mark.parametrize(("quota", "allowed"), [(PRODUCTION, 250), (NON_PRODUCTION, 150)])
def test_a_profile_allows_its_burst_and_no_more(quota: Quota, allowed: int) -> None:
    """The numbers are those of the documentation."""
    driver = Driver.of(quota=quota)
    statuses = [status_call(driver).status for _ in range(allowed + 1)]
    assert statuses == [201] * allowed + [429]


def test_the_wait_is_until_the_oldest_request_leaves_the_window() -> None:
    """A client that obeys Retry-After gets through on its next try."""
    driver = Driver.of(quota=Quota(requests_per_five_minutes=2))
    status_call(driver)
    driver.clock.advance(100_000)
    status_call(driver)
    driver.clock.advance(500)
    reply = status_call(driver)
    assert error_of(reply) == (429, "TOO_MANY_REQUESTS")
    assert retry_after(reply) == "200"
    driver.clock.advance(200_000)
    assert status_call(driver).status == 201


def test_a_refused_request_does_not_use_the_quota() -> None:
    """Otherwise a client that tries again too early would lock itself out for ever."""
    driver = Driver.of(quota=Quota(requests_per_five_minutes=1))
    assert [status_call(driver).status for _ in range(3)] == [201, 429, 429]
    driver.clock.advance(300_000)
    assert status_call(driver).status == 201


def test_the_daily_quota_comes_back_at_midnight_utc() -> None:
    """START_MS is 22:13:20 UTC."""
    driver = Driver.of(quota=Quota(requests_per_day=1))
    status_call(driver)
    reply = status_call(driver)
    assert retry_after(reply) == "6400"
    driver.clock.advance(6_400_000)
    assert status_call(driver).status == 201


def test_uploads_do_not_count() -> None:
    """They go to the storage: a batch costs two requests."""
    driver = Driver.of(quota=Quota(requests_per_five_minutes=2))
    assert driver.batch([upsert("a://1")]).status == 202
    assert driver.counters()["quota"]["requests_in_five_minutes"] == 2


def test_requests_are_counted_without_a_quota_as_well() -> None:
    """Whoever sizes a quota looks at what would be used of one."""
    driver = Driver.of(quota=Quota())
    assert driver.batch([upsert("a://1")]).status == 202
    assert driver.counters()["quota"]["requests_in_five_minutes"] == 2


def test_used_up_items_are_their_own_429() -> None:
    """It goes away in hours, so a client has to tell it from the other."""
    driver = Driver.of(quota=Quota(items_per_day=2))
    assert driver.batch([upsert("a://1"), upsert("a://2")]).status == 202
    reply = driver.batch([upsert("a://3")])
    assert error_of(reply) == (429, "TOO_MANY_DOCUMENTS_DAILY")
    assert retry_after(reply) == "6400"


def test_a_full_index_refuses_pushes_and_takes_deletes() -> None:
    """Deleting is the way out of a full index."""
    driver = Driver.of(limits=Limits(max_items=1))
    driver.push("a://1")
    assert error_of(driver.push("a://2")) == (412, "DOCUMENT_LIMIT_EXCEEDED")
    assert driver.delete("a://1").status == 202
    assert driver.push("a://2").status == 202


def test_items_above_the_limit_are_rejected_inside_an_accepted_batch() -> None:
    """When the batch was accepted there was room."""
    driver = Driver.of(limits=Limits(max_items=1))
    assert driver.batch([upsert("a://1"), upsert("a://2")]).status == 202
    assert driver.indexed() == ["a://1"]
    assert driver.reasons("a://2") == ["DOCUMENT_LIMIT_EXCEEDED"]
