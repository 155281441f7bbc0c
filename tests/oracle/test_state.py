"""What the emulator holds after a client's flow is what the flow means."""

from __future__ import annotations

import json

import pytest

from emulator.indexed import content_of
from tests.contract.coveo.services import CATALOG, CRM, SECURED, SOURCE
from tests.oracle.flows import Run

pytestmark = pytest.mark.oracle


def test_every_request_succeeds(run: Run) -> None:
    """A client that swallows a refusal would report success all the same."""
    assert [one for one in run.seen if one.status >= 300] == []


def test_no_operation_is_rejected_later(run: Run) -> None:
    """A 202 says nothing yet."""
    with run.recorded.world.lock:
        assert dict(run.recorded.world.journal.rejected) == {}


def test_the_python_client_saw_success(python: Run) -> None:
    """It returns answers and leaves it to the user to look at them."""
    assert {name: status for name, (status, _) in python.said.items() if status >= 300} == {}
    assert len(python.said) == 16


def test_the_javascript_client_saw_success(javascript: Run) -> None:
    """It throws for a refusal, which would have ended the flow; items answer with a status."""
    statuses = {each for each in javascript.said.values() if isinstance(each, int)}
    assert statuses == {202}
    assert len(javascript.said) == 34


def test_items_are_what_was_pushed_and_not_deleted(run: Run) -> None:
    """One delete takes the children along, the other one leaves them; what was stale is gone."""
    assert run.items(SOURCE).keys() == {"old/child", "packed", "plain"}


def test_compressed_content_is_read(run: Run) -> None:
    """Both say `compressionType` in a batch's item."""
    item = run.source(SOURCE).items["https://kb/packed"]
    assert content_of(item) == b"packed text"


def test_permissions_of_an_item_are_understood(run: Run) -> None:
    """Whichever spelling of the identity's type it was sent in."""
    (level,) = run.items(SECURED)["one"]["permissions"]
    (one,) = level["permissionSets"]
    group = {"identity": "sales", "identityType": "GROUP", "securityProvider": CRM}
    assert one["allowedPermissions"] == [group]
    assert one["allowAnonymous"] is False


def test_identities_are_what_was_pushed(run: Run) -> None:
    """One by one and by a batch; deleted and purged ones are disabled, not forgotten."""
    found = run.identities()
    members = {name: [m.name for m in one.relations.members] for name, one in found.items()}
    assert members == {"sales": ["dora"], "support": ["egon"], "dora": [], "left": [], "stale": []}
    (alias,) = found["dora"].relations.mappings
    assert (alias.name, alias.provider) == ("dora@example.com", "Email Security Provider")
    assert {name for name, one in found.items() if one.disabled} == {"left", "stale"}


def test_a_created_source_is_there(run: Run) -> None:
    """Under the id that the client was given, and secured as it asked."""
    created = run.said["create"]
    answer = json.loads(created[1]) if isinstance(created, list) else created
    assert run.source(answer["id"]).spec.title == f"made by {run.client}"
    assert run.source(answer["id"]).secured


def test_status_calls_open_and_end_an_activity(javascript: Run) -> None:
    """The Python client has no such call."""
    (activity,) = javascript.source(SOURCE).activities
    assert activity.status == "REBUILD"
    assert activity.ended_ms is not None


def test_a_field_is_created_for_an_items_metadata(javascript: Run) -> None:
    """The client does so by default, unlike the Python one."""
    with javascript.recorded.world.lock:
        assert javascript.recorded.world.fields.type_of("oracle_price") == "LONG"
    assert "oracle_price" in {each["name"] for each in javascript.said["fields"]["items"]}


def test_a_catalog_holds_what_was_streamed_and_updated(javascript: Run) -> None:
    """A load, then an update that keeps it."""
    assert javascript.items(CATALOG).keys() == {"bike", "bell"}


def test_the_platform_client_reads_the_security_cache(javascript: Run) -> None:
    """After it had the provider refreshed."""
    said = javascript.said
    states = {each["name"]: each["state"] for each in said["members"]["items"]}
    assert (states["sales"], states["left"]) == ("UP_TO_DATE", "DISABLED")
    assert [each["name"] for each in said["children"]["items"]] == ["dora"]
    assert [each["name"] for each in said["parents"]["items"]] == ["sales"]
    assert {each["data"] for each in said["entities"]["items"]} == states.keys()
    assert CRM in {each["id"] for each in said["providers"]}


def test_the_platform_client_reads_logs_and_sources(javascript: Run) -> None:
    """The log has the item's way through the pipeline, the source its number of items."""
    entries = javascript.said["logs"]["documentLogEntries"]
    assert {(each["id"], each["result"]) for each in entries} == {("https://kb/one", "COMPLETED")}
    assert javascript.said["facets"]["results"] == {"COMPLETED": len(entries)}
    assert javascript.said["source"]["sourceType"] == "PUSH"


def test_the_platform_client_reads_limits(javascript: Run) -> None:
    """Sections of named limits; three sources of the settings and the one that it created."""
    limits = javascript.said["limits"]
    assert limits["content"]["numberOfSources"] == {"actualCount": 4, "limit": 25}
